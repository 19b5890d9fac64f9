/** A message as Telegram takes it: plain text with entities, no mark-up to be injected, no previews. Pure. */
import type { InlineKeyboardMarkup, MessageEntity } from 'grammy/types';
import type { Button } from '../../command.ts';
import type { Message } from '../deliver.ts';

export const textLimit = 4096; // UTF-16 units after entities are parsed
const rowLimit = 5; // buttons in a row that phones can show

export function keyboardOf(buttons: readonly Button[]): InlineKeyboardMarkup {
  const rows = Array.from({ length: Math.ceil(buttons.length / rowLimit) }, (_, row) => buttons.slice(row * rowLimit, (row + 1) * rowLimit));
  return { inline_keyboard: rows.map((row) => row.map(({ id, label }) => ({ text: label, callback_data: id }))) };
}

/** The persona's name above, the small print below. */
export function bodyOf({ text, label, speaker }: Message, isFirst: boolean): { text: string; entities: MessageEntity[] } {
  const name = isFirst && speaker ? speaker.name : '';
  const head = name === '' ? '' : `${name}\n`;
  const foot = label === '' ? '' : `\n\n— ${label}`;
  const whole = (head + text + foot).slice(0, textLimit);
  const entities: MessageEntity[] = [...(name === '' ? [] : [{ type: 'bold' as const, offset: 0, length: name.length }]), ...(foot === '' ? [] : [{ type: 'italic' as const, offset: whole.length - foot.length + 2, length: foot.length - 2 }])];
  return { text: whole, entities };
}
