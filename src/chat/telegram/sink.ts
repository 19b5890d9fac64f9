/** Where answers go on Telegram: messages that are edited as words come, or drafts in private chats whose server has them. */
import { GrammyError, InputFile, type Api } from 'grammy';
import type { Message, Sink } from '../deliver.ts';
import { bodyOf, keyboardOf, textLimit } from './render.ts';

export interface Place {
  readonly chat: number;
  readonly isPrivate: boolean;
  readonly thread?: number | undefined;
  readonly repliesTo?: number | undefined;
}
export interface SinkOptions {
  readonly api: Api;
  readonly intervals: { readonly private: number; readonly group: number }; // milliseconds between edits
  readonly drafts: Drafts;
  readonly moved: (from: number, to: number) => Promise<void>;
}
/** Whether the server takes drafts: found out at the first try. */
export interface Drafts { areTaken: boolean }

const nameRoom = 90; // UTF-16 units kept for the persona's name
const noPreview = { link_preview_options: { is_disabled: true } } as const;
let draftCount = 0;

/** A sink, and what to call when the reply is over: a draft that was never sent is sent then. */
export function createSink(place: Place, { api, intervals, drafts, moved }: SinkOptions): Sink & { settle(): Promise<void> } {
  let { chat } = place;
  let isFirst = true;
  let draft: { readonly id: number; message: Message } | undefined;
  const sent = new Map<string, number>(); // drafts that became messages
  const firsts = new Set<string>();
  const thread = place.thread === undefined ? {} : { message_thread_id: place.thread };

  async function send(message: Message): Promise<number> {
    const { text, entities } = bodyOf(message, isFirst);
    const reply = isFirst && place.repliesTo !== undefined ? { reply_parameters: { message_id: place.repliesTo, allow_sending_without_reply: true } } : {};
    const other = { entities, ...noPreview, ...thread, ...reply, ...(message.buttons.length > 0 ? { reply_markup: keyboardOf(message.buttons) } : {}) };
    const id = (await follow(() => api.sendMessage(chat, text, other))).message_id;
    if (isFirst) firsts.add(String(id));
    isFirst = false;
    return id;
  }
  /** A group that became a supergroup says where it is now. */
  async function follow<T>(work: () => Promise<T>): Promise<T> {
    try { return await work(); } catch (cause) {
      const to = cause instanceof GrammyError ? cause.parameters.migrate_to_chat_id : undefined;
      if (to === undefined) throw cause;
      await moved(chat, to);
      chat = to;
      return work();
    }
  }
  async function sketch(message: Message): Promise<string | undefined> {
    if (!place.isPrivate || !drafts.areTaken || !message.speaker || message.answer !== undefined) return undefined;
    const id = draft?.id ?? ++draftCount;
    const { text, entities } = bodyOf(message, true);
    try {
      await api.sendMessageDraft(chat, id, text, { entities, ...thread });
    } catch (cause) {
      if (!(cause instanceof GrammyError)) throw cause;
      drafts.areTaken = false; // an older server
      return undefined;
    }
    draft = { id, message };
    return `draft ${id}`;
  }
  async function settle(): Promise<void> {
    if (!draft) return;
    const { id, message } = draft;
    draft = undefined;
    const real = await send(message);
    sent.set(`draft ${id}`, real);
  }
  async function change(handle: string, message: Message): Promise<void> {
    const id = sent.get(handle) ?? Number(handle);
    const { text, entities } = bodyOf(message, firsts.has(String(id)));
    await api.editMessageText(chat, id, text, { entities, ...noPreview, reply_markup: keyboardOf(message.buttons) }).catch((cause: unknown) => { if (!isNoNews(cause)) throw cause; });
  }
  return {
    limit: textLimit - nameRoom, interval: place.isPrivate ? intervals.private : intervals.group, settle,
    async post(message) {
      if (draft) await settle();
      return (isFirst ? await sketch(message) : undefined) ?? String(await send(message));
    },
    async edit(handle, message) {
      if (draft && handle === `draft ${draft.id}`) {
        draft.message = message;
        if ((await sketch(message)) === undefined) await settle();
        return;
      }
      await change(handle, message);
    },
    async remove(handle) { await api.deleteMessage(chat, sent.get(handle) ?? Number(handle)); },
    async attach({ bytes, name, alt }) {
      const file = new InputFile(bytes, name);
      await (name.endsWith('.png') ? api.sendPhoto(chat, file, { ...thread, ...(alt ? { caption: alt.slice(0, 1024) } : {}) }) : api.sendDocument(chat, file, thread));
    },
  };
}

const isNoNews = (cause: unknown): boolean => cause instanceof GrammyError && /message is not modified|message to edit not found/.test(cause.description);
/** The chat does not want the bot any more: blocked, kicked, or no right to write. */
export const isUnwelcome = (cause: unknown): boolean => cause instanceof GrammyError && (cause.error_code === 403 || /not enough rights|CHAT_WRITE_FORBIDDEN|chat not found/.test(cause.description));
