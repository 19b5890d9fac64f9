/** How often Telegram lets a bot speak in a chat (core.telegram.org/bots/faq#my-bot-is-hitting-limits), shared by all answers of that chat. Knows no texts. */
import { setTimeout as rest } from 'node:timers/promises';

/** All in milliseconds, but for the number of messages. */
export interface Pace {
  readonly privateEdits: number; // between two edits in a private chat
  readonly groupEdits: number; // between two edits in a group
  readonly groupMessages: number; // posts and edits together, in a group, in each `window`
  readonly window: number;
  readonly typing: number; // «typing…» fades after 5 s
  readonly draft: number; // a draft fades after 30 s
  readonly acknowledge: number; // the longest a pressed button waits for the words of its answer
  readonly inlineSettle: number; // how long the typing must pause before an inline query is worth an answer
  readonly inlineDeadline: number; // Telegram drops a query after some 10 s
  readonly retry: number; // first pause after a 5xx or a drop; doubles
  readonly polling: number; // pause after a getUpdates that failed
  readonly settling: number; // after the first getUpdates: a refusal shows by then
}
export const usualPace: Pace = {
  privateEdits: 1_000, groupEdits: 3_000, groupMessages: 20, window: 61_000 /* a minute, and a second for the way */, typing: 4_500, draft: 20_000,
  acknowledge: 200, inlineSettle: 600, inlineDeadline: 8_000, retry: 500, polling: 1_500, settling: 500,
};

export type Pacer = ReturnType<typeof createPacer>;

export function createPacer(pace: Pace) {
  const answering = new Map<number, number>(); // chat → answers being told there
  const spoken = new Map<number, number[]>(); // group → when it was, or will be, spoken in

  /** The moment at which one more may be said; it is then taken. */
  function take(chat: number): number {
    const now = Date.now();
    const times = (spoken.get(chat) ?? []).filter((time) => time > now - pace.window);
    const hinder = times.at(-pace.groupMessages);
    const slot = hinder === undefined ? now : Math.max(now, hinder + pace.window);
    spoken.set(chat, [...times, slot]);
    return slot;
  }
  return {
    /** The more answers share a chat, the slower each is shown. */
    interval: (chat: number): number => (isGroup(chat) ? pace.groupEdits : pace.privateEdits) * Math.max(1, answering.get(chat) ?? 0),
    enter(chat: number): () => void {
      answering.set(chat, (answering.get(chat) ?? 0) + 1);
      return () => {
        const left = (answering.get(chat) ?? 1) - 1;
        if (left > 0) answering.set(chat, left);
        else answering.delete(chat);
      };
    },
    /** Waits for the chat's turn to be written in. */
    async turn(chat: number): Promise<void> {
      if (!isGroup(chat)) return;
      const wait = take(chat) - Date.now();
      if (wait > 0) await rest(wait);
    },
  };
}

/** Groups and supergroups have negative ids (core.telegram.org/api/bots/ids). */
export const isGroup = (chat: number): boolean => chat < 0;
