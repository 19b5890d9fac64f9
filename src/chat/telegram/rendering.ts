/** A message as Telegram's parameters: plain text with name and label by entities (never mark-up in the text), buttons as an inline keyboard. Pure. */
import type { InlineKeyboardButton, MessageEntity } from 'grammy/types';
import type { Button } from '../../command.ts';
import type { Message } from '../deliver.ts';

export const textLimit = 4_096; // UTF-16 units, after entities (core.telegram.org/bots/api#sendmessage)
const nameLimit = 64;
/** What an answer may hold, so that the name over its first message fits too. */
export const answerLimit = textLimit - nameLimit - 1;
const perRow = 3; // buttons that fit a narrow screen
const entityLimit = 100; // Telegram drops further ones

export interface Rendered {
  readonly text: string;
  readonly entities: MessageEntity[];
  readonly link_preview_options: { readonly is_disabled: true };
  readonly reply_markup?: { readonly inline_keyboard: InlineKeyboardButton.CallbackButton[][] };
}

/** `isFirst`: the persona's name stands over the first message of an answer. */
export function render({ text, label, buttons, speaker }: Pick<Message, 'text' | 'label' | 'buttons' | 'speaker'>, isFirst = false): Rendered {
  const name = isFirst ? (speaker?.name.trim().slice(0, nameLimit) ?? '') : '';
  const words = visible(text);
  const start = name === '' ? 0 : name.length + 1;
  const body = name === '' ? words : `${name}\n${words}`;
  const entities: MessageEntity[] = [
    ...(name === '' ? [] : [{ type: 'bold' as const, offset: 0, length: name.length }]),
    ...quoted(words, start),
    ...(label === '' ? [] : [{ type: 'italic' as const, offset: body.length + 2, length: label.length }]),
  ];
  return { text: label === '' ? body : `${body}\n\n${label}`, entities, link_preview_options: { is_disabled: true }, ...(buttons.length > 0 ? { reply_markup: { inline_keyboard: rows(buttons) } } : {}) };
}

/** Telegram trims what it gets and refuses what nobody could see. */
const visible = (text: string): string => (/[^\p{Z}\p{C}]/u.test(text) ? text.trim() : '…');

/** An @name in code calls nobody, and not a letter of the text changes. */
function quoted(text: string, start: number): MessageEntity[] {
  const names = [...text.matchAll(/@\w+/g)].map(({ index, 0: name }) => ({ type: 'code' as const, offset: start + index, length: name.length }));
  return names.length < entityLimit - 2 ? names : [{ type: 'code', offset: start, length: text.length }];
}

function rows(buttons: readonly Button[]): InlineKeyboardButton.CallbackButton[][] {
  const keys = buttons.map(({ id, label }) => ({ text: label, callback_data: id }));
  return Array.from({ length: Math.ceil(keys.length / perRow) }, (_, row) => keys.slice(row * perRow, (row + 1) * perRow));
}
