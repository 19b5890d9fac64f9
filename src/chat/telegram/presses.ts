/** Pressed buttons: acknowledged at once, short answers as a notice, long ones as messages; buttons that ask for words. Knows no commands. */
import { setTimeout as rest } from 'node:timers/promises';
import type { Api } from 'grammy';
import type { CallbackQuery, Message, MessageEntity } from 'grammy/types';
import type { Incoming, Part, Reply } from '../../command.ts';
import { createMemory } from '../../bot/memory.ts';
import { partsOf } from '../deliver.ts';
import type { Answers } from './answers.ts';
import type { Room, Standing } from './sink.ts';

const noticeLimit = 200; // characters (core.telegram.org/bots/api#answercallbackquery)
const day = 86_400_000; // milliseconds

interface Notice { readonly text: string; readonly show_alert?: boolean }

export function createPresses({ api, answers, patience }: { readonly api: Api; readonly answers: Answers; readonly patience: number /* milliseconds */ }) {
  const prompts = createMemory<string>(2_000, day); // button → what it asks
  const questions = createMemory<string>(2_000, day); // our asking message → button

  async function ask(button: string, prompt: string, { from }: CallbackQuery, { chat, thread }: Room): Promise<void> {
    const name = from.first_name;
    const entities: MessageEntity[] = [{ type: 'text_mention', offset: 0, length: name.length, user: from }]; // `selective` asks those who are mentioned
    const asked = await api.sendMessage(chat, `${name}: ${prompt}`, { entities, reply_markup: { force_reply: true, selective: true, input_field_placeholder: prompt.slice(0, 64) }, ...(thread === undefined ? {} : { message_thread_id: thread }) });
    questions.set(`${asked.chat.id}/${asked.message_id}`, button);
  }
  async function press(query: CallbackQuery, incoming: Incoming & { kind: 'button' }, room: Room): Promise<void> {
    const prompt = prompts.get(incoming.button);
    const acknowledge = once((notice?: Notice) => api.answerCallbackQuery(query.id, notice).then(() => undefined, () => undefined)); // one that came too late is nobody's loss
    if (prompt !== undefined) return void (await Promise.all([acknowledge(), ask(incoming.button, prompt, query, room)]));
    const answering = answers.ask(incoming);
    const isQuick = await Promise.race([answering.then(() => true), rest(patience, false)]);
    if (!isQuick) await acknowledge();
    const asked = await answering;
    if (!asked) return acknowledge();
    const [notice, reply] = await noticeIn(asked.reply);
    if (notice && isQuick) return acknowledge(notice.text === '' ? undefined : notice);
    await acknowledge();
    if (notice?.text !== '') answers.tell({ ...asked, reply }, room);
  }
  return {
    press,
    /** Remembers what the buttons of a message ask. */
    note: ({ message }: Standing): void => { for (const { id, asks } of message.buttons) if (asks !== undefined) prompts.set(id, asks); },
    /** The button whose question a message answers. */
    answeredBy: ({ chat, reply_to_message }: Message): string | undefined => (reply_to_message ? questions.get(`${chat.id}/${reply_to_message.message_id}`) : undefined),
  };
}

function once(act: (notice?: Notice) => Promise<void>): (notice?: Notice) => Promise<void> {
  let done: Promise<void> | undefined;
  return (notice) => (done ??= act(notice));
}

/** A reply as a notice, if it is a short string or says what went wrong; and the whole reply again, for a message. */
async function noticeIn(reply: Reply): Promise<[Notice | undefined, Reply]> {
  if (typeof reply === 'string') return [reply.length <= noticeLimit ? { text: reply } : undefined, reply];
  const parts = partsOf(reply)[Symbol.asyncIterator]();
  const first = await parts.next();
  const second = !first.done && 'append' in first.value ? await parts.next() : undefined;
  const seen = [first, second].flatMap((one) => (one && !one.done ? [one.value] : []));
  const [text, failure] = seen;
  const notice = text && failure && 'append' in text && 'failed' in failure && text.append.length <= noticeLimit ? { text: text.append, show_alert: true } : undefined;
  return [notice, continued(seen, parts)];
}

async function* continued(seen: readonly Part[], parts: AsyncIterator<Part>): AsyncGenerator<Part> {
  try {
    yield* seen;
    for (let next = await parts.next(); !next.done; next = await parts.next()) yield next.value;
  } finally {
    await parts.return?.();
  }
}
