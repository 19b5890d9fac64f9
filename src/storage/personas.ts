/** The registry of personas: which there are, with which base and version they were last seen. */
import type { Database } from './database.ts';

export interface Registered { readonly id: string; readonly title: string; readonly base: string; readonly version: string }

export async function registerPersonas(db: Database, personas: readonly Registered[], now = new Date()): Promise<void> {
  await db.$transaction(personas.map(({ id, title, base, version }) => db.persona.upsert({ where: { id }, create: { id, title, base, version, seenAt: now }, update: { title, base, version, seenAt: now } })));
}

export const registered = (db: Database): Promise<Registered[]> => db.persona.findMany({ orderBy: { id: 'asc' }, select: { id: true, title: true, base: true, version: true } });
