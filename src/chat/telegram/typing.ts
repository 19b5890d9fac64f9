/** «typing…» in a chat until told to stop. Knows no answers. */
import type { Api } from 'grammy';
import type { Room } from './sink.ts';

/** Shown at once and again every `interval` milliseconds; nothing depends on its being seen. */
export function keepTyping(api: Api, { chat, thread }: Room, interval: number): () => void {
  const show = (): void => { api.sendChatAction(chat, 'typing', thread === undefined ? {} : { message_thread_id: thread }).catch(() => undefined); };
  show();
  const timer = setInterval(show, interval);
  return () => clearInterval(timer);
}
