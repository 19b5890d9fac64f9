/** How much one person and one chat may ask for: answers in the making, and answers a minute. Knows no platform. */
import { UserError } from '../errors.ts';
import { busyChat, tooFast, tooMany } from './words.ts';

export interface LimitOptions { readonly person: number; readonly personPerMinute: number; readonly chat: number }

export function createLimits(options: LimitOptions, now: () => number = Date.now) {
  const making = new Map<string, number>();
  const asked = new Map<string, number[]>();
  const count = (key: string, by: number): void => { const next = (making.get(key) ?? 0) + by; if (next > 0) making.set(key, next); else making.delete(key); };
  const recent = (person: string): number[] => (asked.get(person) ?? []).filter((time) => time > now() - 60_000);

  return {
    /** Takes a place; call what it returns when the answer is over. @throws UserError saying how long to wait. */
    enter(person: string, chat: string): () => void {
      const times = recent(person);
      const oldest = times[0] ?? 0;
      if ((making.get(`person ${person}`) ?? 0) >= options.person) throw new UserError(tooMany(options.person));
      if (times.length >= options.personPerMinute) throw new UserError(tooFast(Math.ceil((oldest + 60_000 - now()) / 1000)));
      if ((making.get(`chat ${chat}`) ?? 0) >= options.chat) throw new UserError(busyChat(options.chat));
      asked.set(person, [...times, now()]);
      count(`person ${person}`, 1);
      count(`chat ${chat}`, 1);
      if (asked.size > 10_000) for (const key of asked.keys()) if (recent(key).length === 0) asked.delete(key);
      let isOver = false;
      return () => { if (!isOver) { isOver = true; count(`person ${person}`, -1); count(`chat ${chat}`, -1); } };
    },
  };
}
