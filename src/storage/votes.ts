/** Thumbs up and down, one a person and answer, counted per version. */
import type { Database } from './database.ts';

export interface Vote { readonly answer: string; readonly person: string; readonly persona: string; readonly version: string; readonly value: 1 | -1 }
export interface Count { readonly version: string; readonly up: number; readonly down: number }

/** A second vote on the same answer replaces the first. */
export async function vote(db: Database, { answer, person, ...rest }: Vote): Promise<void> {
  await db.vote.upsert({ where: { answer_person: { answer, person } }, create: { answer, person, ...rest }, update: { value: rest.value, at: new Date() } });
}

export async function votesOf(db: Database, persona: string): Promise<Count[]> {
  const groups = await db.vote.groupBy({ by: ['version', 'value'], where: { persona }, _count: true });
  const count = (version: string, value: number): number => groups.find((group) => group.version === version && group.value === value)?._count ?? 0;
  return [...new Set(groups.map(({ version }) => version))].map((version) => ({ version, up: count(version, 1), down: count(version, -1) }));
}
