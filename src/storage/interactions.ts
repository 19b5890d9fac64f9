/** Interactions that wait for an answer: ids and places, so that a restart can end each with an apology. */
import type { Database } from './database.ts';

export interface Interaction { readonly delivery: string; readonly platform: string; readonly place: string /* the platform's own */ }

export async function openInteraction(db: Database, interaction: Interaction): Promise<void> {
  await db.interaction.upsert({ where: { delivery: interaction.delivery }, create: interaction, update: { place: interaction.place } });
}

export async function closeInteraction(db: Database, delivery: string): Promise<void> {
  await db.interaction.deleteMany({ where: { delivery } });
}

export const pendingInteractions = (db: Database, platform: string): Promise<Interaction[]> => db.interaction.findMany({ where: { platform }, orderBy: { at: 'asc' } });
