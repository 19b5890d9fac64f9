/** Answers that a crash left unfinished end with an apology at the next start. */
import type { Api } from 'grammy';
import type { Language } from '../../command.ts';
import type { Log } from '../../log.ts';
import type { Pending } from '../platform.ts';
import { apology } from './words.ts';

interface Place { readonly chat: number; readonly thread?: number; readonly repliesTo?: number; readonly language: Language }

export async function apologise(api: Api, pending: Pending, log: Log): Promise<void> {
  for (const { delivery, place } of await pending.left()) {
    const { chat, thread, repliesTo, language } = JSON.parse(place) as Place;
    await api.sendMessage(chat, apology[language], { ...(thread === undefined ? {} : { message_thread_id: thread }), ...(repliesTo === undefined ? {} : { reply_parameters: { message_id: repliesTo, allow_sending_without_reply: true } }) })
      .catch((cause: unknown) => log.info({ cause, delivery }, 'nobody left to apologise to'));
    await pending.close(delivery);
  }
}
