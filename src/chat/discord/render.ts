/** A message as Discord takes it: text, small print, buttons; it never pings anybody. Pure. */
import { ButtonStyle, ComponentType, type APIActionRowComponent, type APIButtonComponent } from 'discord.js';
import type { Button } from '../../command.ts';
import type { Message } from '../deliver.ts';

export const textLimit = 2000; // characters of a message
const rowLimit = 5; // buttons in a row
const labelLimit = 80; // characters of a button


export function rowsOf(buttons: readonly Button[]): APIActionRowComponent<APIButtonComponent>[] {
  const rows = Array.from({ length: Math.ceil(buttons.length / rowLimit) }, (_, row) => buttons.slice(row * rowLimit, (row + 1) * rowLimit));
  return rows.map((row) => ({ type: ComponentType.ActionRow, components: row.map(({ id, label }) => ({ type: ComponentType.Button, style: ButtonStyle.Secondary, custom_id: id, label: label.slice(0, labelLimit) })) }));
}

/** `name`: the persona's, where the message goes out under the bot's own. */
export function contentOf({ text, label }: Message, name?: string): string {
  return `${name === undefined ? '' : `**${name}**\n`}${text}${label === '' ? '' : `\n-# ${label}`}`.slice(0, textLimit);
}

export const payloadOf = (message: Message, name?: string) => ({ content: contentOf(message, name), components: rowsOf(message.buttons), allowedMentions: { parse: [], repliedUser: false } });
