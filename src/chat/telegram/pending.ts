/** Answers that a crash cut short: each ends with an apology at the next start. Keeps ids only. */
import type { Api } from 'grammy';
import { z } from 'zod';
import type { Log } from '../../log.ts';
import type { Pending } from '../platform.ts';
import { isGone, isUnmodified } from './client.ts';
import { interrupted } from './words.ts';

const placeShape = z.object({ chat: z.number(), thread: z.number().optional(), replyTo: z.number().optional(), message: z.number().optional(), language: z.enum(['es', 'en']) });
export type PendingPlace = z.infer<typeof placeShape>;

export const spellPlace = (place: PendingPlace): string => JSON.stringify(place);

export async function apologise(api: Api, cutShort: Awaited<ReturnType<Pending['left']>>, pending: Pending, log: Log): Promise<void> {
  for (const { delivery, place } of cutShort) {
    const isOver = await apologiseFor(api, place).catch((cause: unknown) => {
      log.warn({ platform: 'telegram', delivery, cause }, 'an interrupted answer could not be ended');
      return false;
    });
    if (isOver) await pending.close(delivery);
  }
}

/** The message that was being written becomes the apology; where nothing stood yet it is sent. True when there is nothing more to do. */
async function apologiseFor(api: Api, place: string): Promise<boolean> {
  const { chat, thread, replyTo, message, language } = placeShape.parse(JSON.parse(place));
  const where = { ...(thread === undefined ? {} : { message_thread_id: thread }), ...(replyTo === undefined ? {} : { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } }) };
  try {
    if (message === undefined) await api.sendMessage(chat, interrupted[language], where);
    else await api.editMessageText(chat, message, interrupted[language]);
    return true;
  } catch (cause) {
    if (isGone(cause) || isUnmodified(cause)) return true;
    throw cause;
  }
}
