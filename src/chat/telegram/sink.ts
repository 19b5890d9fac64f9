/** Where an answer is shown: messages that are edited, or drafts that become messages where Telegram has them. Knows no bot and no pending list. */
import { InputFile, type Api } from 'grammy';
import type { Attachment, Message, Sink } from '../deliver.ts';
import { isUnmodified } from './client.ts';
import type { Drafts } from './drafts.ts';
import type { Homes } from './homes.ts';
import type { Pacer } from './pace.ts';
import { answerLimit, render } from './rendering.ts';

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
export interface Place { readonly chat: number; readonly id: number }
export interface Standing extends Place { readonly message: Message }
interface Slot { message: Message; readonly isFirst: boolean; at?: Place; shown?: string }

export interface TelegramSink extends Sink {
  /** What is only a draft becomes a message. */
  finish(): Promise<void>;
  standing(): Standing[];
}
export interface Events {
  /** Something can be read. */
  spoke(): void;
  /** A new message stands. */
  stood(place: Place): Promise<void>;
  /** The person pressed the stop button of a draft. */
  stopped(): void;
}

export function createSink({ api, homes, pacer, drafts }: Stage, { chat, thread, replyTo }: Room, events: Events): TelegramSink {
  const slots = new Map<string, Slot>();
  const draft = drafts.open(chat, thread, events.stopped);
  const topic = thread === undefined ? {} : { message_thread_id: thread };
  let open: Slot | undefined; // the one that stands as a draft
  let posted = 0;

  async function send(slot: Slot): Promise<void> {
    await pacer.turn(chat);
    const rendered = render(slot.message, slot.isFirst);
    const reply = slot.isFirst && replyTo !== undefined ? { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } } : {};
    const sent = await api.sendMessage(chat, rendered.text, { ...topic, ...reply, ...rendered });
    slot.at = { chat: homes.of(chat), id: sent.message_id };
    slot.shown = JSON.stringify(rendered);
    events.spoke();
    await events.stood(slot.at);
  }
  async function show(slot: Slot): Promise<void> {
    const rendered = render({ ...slot.message, buttons: [] }, slot.isFirst);
    if (open === slot && slot.shown === JSON.stringify(rendered)) return;
    open = slot;
    slot.shown = JSON.stringify(rendered);
    if (await draft.show(rendered)) return events.spoke();
    open = undefined;
    await send(slot);
  }
  async function finish(): Promise<void> {
    draft.end();
    const slot = open;
    open = undefined;
    if (slot) await send(slot);
  }
  async function change(slot: Slot, at: Place): Promise<void> {
    const rendered = render(slot.message, slot.isFirst);
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
    limit: answerLimit,
    get interval() { return pacer.interval(chat); },
    async post(message) {
      if (open) await finish();
      const handle = String(++posted);
      const slot: Slot = { message, isFirst: posted === 1 };
      slots.set(handle, slot);
      await (draft.isPossible() ? show(slot) : send(slot));
      return handle;
    },
    async edit(handle, message) {
      const slot = slots.get(handle) as Slot;
      slot.message = message;
      await (slot.at ? change(slot, slot.at) : show(slot));
    },
    async remove(handle) {
      const slot = slots.get(handle);
      slots.delete(handle);
      if (slot?.at) await api.deleteMessage(slot.at.chat, slot.at.id);
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
