/** How answers were made, so that each can be made again: no text, only the sha256 of the prompt. */
import type { Database } from './database.ts';

export interface AnswerRecord {
  readonly id: string;
  readonly persona: string;
  readonly version: string;
  readonly base: string; // as people know it
  readonly voice: string; // JSON of engine/protocol's Voice
  readonly seed: number;
  readonly settings: string; // JSON: {sampling, endTokens}
  readonly prompt: string; // sha256
  readonly tokens: number;
  readonly finish: string;
}

export async function recordAnswer(db: Database, record: AnswerRecord): Promise<void> {
  await db.answer.create({ data: { ...record, seed: BigInt(record.seed) } });
}

export async function findAnswer(db: Database, id: string): Promise<AnswerRecord | undefined> {
  const row = await db.answer.findUnique({ where: { id } });
  return row ? { ...row, seed: Number(row.seed) } : undefined;
}
