/** What a chat has set for itself. */
import type { Database } from './database.ts';

export interface ChatSettings { readonly persona?: string }

export async function chatSettings(db: Database, id: string): Promise<ChatSettings> {
  const row = await db.chat.findUnique({ where: { id } });
  return row?.persona ? { persona: row.persona } : {};
}

export async function setChatPersona(db: Database, id: string, persona: string): Promise<void> {
  await db.chat.upsert({ where: { id }, create: { id, persona }, update: { persona } });
}

/** The chat goes on under another id; what the new one had already set wins. */
export async function moveChat(db: Database, from: string, to: string): Promise<void> {
  await db.$transaction(async (tx) => {
    const old = await tx.chat.findUnique({ where: { id: from } });
    if (!old) return;
    await tx.chat.upsert({ where: { id: to }, create: { id: to, persona: old.persona }, update: {} });
    await tx.chat.delete({ where: { id: from } });
  });
}

export async function forgetChat(db: Database, id: string): Promise<void> {
  await db.chat.deleteMany({ where: { id } });
}
