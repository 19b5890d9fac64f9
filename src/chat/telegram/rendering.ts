/** A message as Telegram's parameters: plain text with the label in italics by entity (never mark-up in the text), buttons as an inline keyboard. Pure. */
import type { InlineKeyboardButton, MessageEntity } from 'grammy/types';
import type { Button } from '../../command.ts';
import type { Message } from '../deliver.ts';

export const textLimit = 4_096; // UTF-16 units, after entities (core.telegram.org/bots/api#sendmessage)
const perRow = 3; // buttons that fit a narrow screen
const entityLimit = 100; // Telegram drops further ones

export interface Rendered {
  readonly text: string;
  readonly entities: MessageEntity[];
  readonly link_preview_options: { readonly is_disabled: true };
  readonly reply_markup?: { readonly inline_keyboard: InlineKeyboardButton.CallbackButton[][] };
}

export function render({ text, label, buttons }: Pick<Message, 'text' | 'label' | 'buttons'>): Rendered {
  const words = visible(text);
  const entities: MessageEntity[] = [...quoted(words), ...(label ? [{ type: 'italic' as const, offset: words.length + 2, length: label.length }] : [])];
  return { text: label ? `${words}\n\n${label}` : words, entities, link_preview_options: { is_disabled: true }, ...(buttons.length > 0 ? { reply_markup: { inline_keyboard: rows(buttons) } } : {}) };
}

/** Telegram trims what it gets and refuses what nobody could see. */
const visible = (text: string): string => (/[^\p{Z}\p{C}]/u.test(text) ? text.trim() : '…');

/** An @name in code calls nobody, and not a letter of the text changes. */
function quoted(text: string): MessageEntity[] {
  const names = [...text.matchAll(/@\w+/g)].map(({ index, 0: name }) => ({ type: 'code' as const, offset: index, length: name.length }));
  return names.length < entityLimit ? names : [{ type: 'code', offset: 0, length: text.length }];
}

function rows(buttons: readonly Button[]): InlineKeyboardButton.CallbackButton[][] {
  const keys = buttons.map(({ id, label }) => ({ text: label, callback_data: id }));
  return Array.from({ length: Math.ceil(keys.length / perRow) }, (_, row) => keys.slice(row * perRow, (row + 1) * perRow));
}
