/** What the bot remembers of conversations and of its answers: bounded, in memory, expiring. Never written anywhere. */
import type { Segment, Sampling } from '../engine/protocol.ts';
import type { Ask, Turn } from '../persona/prompt.ts';

/** A map that forgets: entries older than `lifetime`, and the oldest beyond `limit`. */
export function createMemory<T>(limit: number, lifetime: number, now: () => number = Date.now) {
  const entries = new Map<string, { value: T; until: number }>();
  const tidy = (): void => {
    for (const [key, { until }] of entries) {
      if (until > now() && entries.size <= limit) return;
      entries.delete(key);
    }
  };
  return {
    get(key: string): T | undefined {
      const entry = entries.get(key);
      if (entry && entry.until <= now()) entries.delete(key);
      return entry && entry.until > now() ? entry.value : undefined;
    },
    set(key: string, value: T): void { entries.delete(key); entries.set(key, { value, until: now() + lifetime }); tidy(); },
    delete(key: string): void { entries.delete(key); },
    get size() { return entries.size; },
  };
}

/** An answer as it was told, so that it can be told again, continued and explained. */
export interface Remembered {
  readonly id: string;
  readonly persona: string;
  readonly version: string;
  readonly ask: Ask;
  readonly prompt: readonly Segment[];
  readonly sampling: Sampling;
  readonly seed: number;
  readonly text: string;
  readonly chat: string;
  readonly person: string;
}

/** Turns of a chat kept at most; older ones would not fit the window of a small model anyway. */
const turnsKept = 12;
const textKept = 600; // characters of a turn

export function createConversations(lifetime: number, now?: () => number) {
  const memory = createMemory<readonly Turn[]>(1000, lifetime, now);
  return {
    turns: (chat: string): readonly Turn[] => memory.get(chat) ?? [],
    add(chat: string, ...turns: readonly Turn[]): void {
      memory.set(chat, [...(memory.get(chat) ?? []), ...turns.map(({ who, text }) => ({ who, text: text.slice(0, textKept) }))].slice(-turnsKept));
    },
    forget: (chat: string): void => memory.delete(chat),
  };
}
