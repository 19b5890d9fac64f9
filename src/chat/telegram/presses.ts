/** Pressed buttons: acknowledged at once; a persona's words become messages, a short word to whoever pressed a notice. Knows no commands. */
import { setTimeout as rest } from 'node:timers/promises';
import type { Api } from 'grammy';
import type { CallbackQuery } from 'grammy/types';
import type { Incoming } from '../../command.ts';
import { collect } from '../collect.ts';
import { isSpoken } from '../spoken.ts';
import type { Answers } from './answers.ts';
import type { Room } from './sink.ts';

const noticeLimit = 200; // characters (core.telegram.org/bots/api#answercallbackquery)
const glance = 40; // characters that can be read while a notice passes; a longer one waits to be closed

interface Notice { readonly text: string; readonly show_alert: boolean }

export function createPresses({ api, answers, patience }: { readonly api: Api; readonly answers: Answers; readonly patience: number /* milliseconds */ }) {
  return async function press(query: CallbackQuery, incoming: Incoming & { kind: 'button' }, room: Room): Promise<void> {
    const acknowledge = once((notice?: Notice) => api.answerCallbackQuery(query.id, notice).then(() => undefined, () => undefined)); // too late is nobody's loss
    const answering = answers.ask(incoming);
    const isQuick = await Promise.race([answering.then(() => true), rest(patience, false)]);
    if (!isQuick) await acknowledge();
    const asked = await answering;
    if (!asked) return acknowledge();
    const { isPersona, parts } = await isSpoken(asked.reply);
    if (isPersona) return void (await acknowledge(), answers.tell({ ...asked, reply: parts }, room));
    const { text } = await collect(parts);
    if (isQuick && text.length <= noticeLimit) return acknowledge(text === '' ? undefined : { text, show_alert: text.length > glance });
    await acknowledge();
    if (text !== '') answers.tell({ ...asked, reply: text }, room);
  };
}

function once(act: (notice?: Notice) => Promise<void>): (notice?: Notice) => Promise<void> {
  let done: Promise<void> | undefined;
  return (notice) => (done ??= act(notice));
}
