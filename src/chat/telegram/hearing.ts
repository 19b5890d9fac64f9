/** What a message says to the bot, if anything: a command, or words addressed to it with names in place of mentions. Pure; knows no answers. */
import type { Message, UserFromGetMe } from 'grammy/types';

export type Heard = { readonly kind: 'command'; readonly name: string; readonly line: string; readonly isAddressed: boolean } | { readonly kind: 'mention'; readonly text: string };

const commandLine = /^\/([\p{L}\p{N}_]{1,32})(?:@(\w+))?(?=\s|$)\s*([^]*)$/u;

export function hear(message: Message, me: UserFromGetMe): Heard | undefined {
  const text = message.text ?? message.caption;
  if (text === undefined || isFromMachine(message)) return undefined;
  const command = commandLine.exec(text);
  if (command) return heardCommand(command, me);
  if (message.chat.type !== 'private' && !isAddressed(message, text, me)) return undefined;
  return { kind: 'mention', text: spoken(withoutTextMentions(message, text, me), me) };
}

/** A group's anonymous administrator speaks through the group itself (sender_chat); Telegram puts a bot's account in `from`. */
export const isAnonymousAdministrator = ({ sender_chat, chat }: Message): boolean => sender_chat !== undefined && sender_chat.id === chat.id && chat.type !== 'private';

function isFromMachine(message: Message): boolean {
  if (message.via_bot || message.is_automatic_forward || message.chat.type === 'channel') return true;
  if (isAnonymousAdministrator(message)) return false;
  return message.from === undefined || message.from.is_bot || message.sender_chat !== undefined;
}

function heardCommand([, name = '', target, line = '']: RegExpExecArray, me: UserFromGetMe): Heard | undefined {
  if (target !== undefined && target.toLowerCase() !== me.username.toLowerCase()) return undefined;
  return { kind: 'command', name: name.toLowerCase(), line: spoken(line, me), isAddressed: target !== undefined };
}

const isAddressed = (message: Message, text: string, me: UserFromGetMe): boolean =>
  message.reply_to_message?.from?.id === me.id || ownMention(me).test(text) || textMentions(message, me).length > 0;

/** Not inside an address of mail or of the web. */
const ownMention = ({ username }: UserFromGetMe): RegExp => new RegExp(`(?<![\\w@/.])@${username}(?!\\w)`, 'giu');

const textMentions = (message: Message, me: UserFromGetMe) => (message.entities ?? message.caption_entities ?? []).filter((entity) => entity.type === 'text_mention' && entity.user.id === me.id);

/** Entities count UTF-16 units, as strings do here. */
function withoutTextMentions(message: Message, text: string, me: UserFromGetMe): string {
  return textMentions(message, me).toReversed().reduce((rest, { offset, length }) => rest.slice(0, offset) + rest.slice(offset + length), text);
}

/** Without the bot's own mention, others as bare names, so that no answer can call them. */
const spoken = (text: string, me: UserFromGetMe): string => text.replace(ownMention(me), ' ').replace(/(?<![\w@/.])@(\w+)/gu, '$1').replace(/[^\S\n]{2,}/g, ' ').trim();
