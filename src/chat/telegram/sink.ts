/** Where an answer is shown: messages that are edited, or drafts that become messages where Telegram has them. Knows no bot and no pending list. */
import { InputFile, type Api } from 'grammy';
import type { Attachment, Message, Sink } from '../deliver.ts';
import { isUnmodified } from './client.ts';
import type { Drafts } from './drafts.ts';
import type { Homes } from './homes.ts';
import type { Pacer } from './pace.ts';
import { render, textLimit } from './rendering.ts';

export interface Room {
  readonly chat: number;
  readonly thread?: number;
  readonly replyTo?: number;
}
export interface Stage {
  readonly api: Api;
  readonly homes: Homes;
  readonly pacer: Pacer;
  readonly drafts: Drafts;
}
export interface Standing { readonly chat: number; readonly id: number; readonly message: Message }
interface Slot { message: Message; at?: { readonly chat: number; readonly id: number }; shown?: string }

export interface TelegramSink extends Sink {
  /** What is only a draft becomes a message. */
  finish(): Promise<void>;
  standing(): Standing[];
}

/** `spoke` is called when something can be read; `stood` with each new message. */
export function createSink({ api, homes, pacer, drafts }: Stage, { chat, thread, replyTo }: Room, heard: { spoke(): void; stood(at: { chat: number; id: number }): Promise<void>; stopped(): void }): TelegramSink {
  const slots = new Map<string, Slot>();
  const draft = drafts.open(chat, thread, heard.stopped);
  let open: Slot | undefined; // the one that stands as a draft
  const topic = thread === undefined ? {} : { message_thread_id: thread };
  const slotOf = (handle: string): Slot => slots.get(handle) as Slot;

  async function send(slot: Slot): Promise<void> {
    await pacer.turn(chat);
    const rendered = render(slot.message);
    const isFirst = ![...slots.values()].some(({ at }) => at);
    const reply = isFirst && replyTo !== undefined ? { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } } : {};
    const sent = await api.sendMessage(chat, rendered.text, { ...topic, ...reply, ...rendered });
    slot.at = { chat: homes.of(chat), id: sent.message_id };
    slot.shown = JSON.stringify(rendered);
    heard.spoke();
    await heard.stood(slot.at);
  }
  async function show(slot: Slot): Promise<void> {
    open = slot;
    if (await draft.show(slot.message)) return heard.spoke();
    open = undefined;
    await send(slot);
  }
  async function finish(): Promise<void> {
    draft.end();
    const slot = open;
    open = undefined;
    if (slot) await send(slot);
  }
  async function change(slot: Slot, at: { chat: number; id: number }): Promise<void> {
    const rendered = render(slot.message);
    if (slot.shown === JSON.stringify(rendered)) return;
    await pacer.turn(chat);
    try {
      await api.editMessageText(at.chat, at.id, rendered.text, rendered);
      slot.shown = JSON.stringify(rendered);
    } catch (cause) {
      if (isUnmodified(cause)) return;
      if (homes.of(chat) === at.chat) throw cause;
      await send(slot); // the group moved: its old messages stayed behind
    }
  }
  return {
    limit: textLimit,
    get interval() { return pacer.interval(chat); },
    async post(message) {
      const slot: Slot = { message };
      if (open) await finish();
      slots.set(String(slots.size), slot);
      await (draft.isPossible() ? show(slot) : send(slot));
      return String(slots.size - 1);
    },
    async edit(handle, message) {
      const slot = slotOf(handle);
      slot.message = message;
      await (slot.at ? change(slot, slot.at) : show(slot));
    },
    async remove(handle) {
      const { at } = slotOf(handle);
      slots.delete(handle);
      if (at) await api.deleteMessage(at.chat, at.id);
      else open = undefined;
    },
    attach: (attachment) => attach(api, chat, topic, attachment),
    finish,
    standing: () => [...slots.values()].flatMap(({ at, message }) => (at ? [{ ...at, message }] : [])),
  };
}

async function attach(api: Api, chat: number, topic: object, { bytes, name, alt }: Attachment): Promise<void> {
  const file = new InputFile(bytes, name);
  if (alt === undefined) await api.sendDocument(chat, file, topic);
  else await api.sendPhoto(chat, file, { ...topic, caption: alt.slice(0, 1_024) });
}
