/** What arrives from Telegram, in the bot's own words. Knows no answer. */
import type { Message, MessageEntity, Update, User, UserFromGetMe } from 'grammy/types';
import type { Chat, CommandCall, Language, Mention, Person, Press, Role } from '../../command.ts';
import { languageOf } from '../../locale.ts';

export interface Owners { readonly operators: readonly string[]; readonly language: Language }
interface Arrival { readonly platform: 'telegram'; readonly delivery: string; readonly chat: Chat; readonly person: Person }
export type FromTelegram = CommandCall | Mention | Press;

/** Telegram's stand-in for administrators who write in their group's name. */
const anonymousAdmin = 1087968824;

export function arrivalOf(update: number, chat: { readonly id: number; readonly type: string }, from: User, role: Role, owners: Owners): Arrival {
  const language = languageOf(from.language_code, owners.language);
  const group = chat.type !== 'private';
  const isOperator = owners.operators.includes(`telegram:${from.id}`);
  return {
    platform: 'telegram', delivery: String(update),
    chat: { id: `telegram:${chat.id}`, group, language: group ? owners.language : language },
    person: { id: `telegram:${from.id}`, name: [from.first_name, from.last_name].filter(Boolean).join(' '), language, role: isOperator ? 'operator' : role },
  };
}

/** Whether a person wrote it: not a bot, not another bot's inline result, not a channel. */
export const isFromPerson = (message: Message): boolean => message.via_bot === undefined && message.from !== undefined && (!message.from.is_bot || isAnonymousAdmin(message));
export const isAnonymousAdmin = (message: Message): boolean => message.from?.id === anonymousAdmin && message.sender_chat?.id === message.chat.id;

export interface CommandLine { readonly name: string; readonly line: string; readonly isAddressed: boolean }
/** `/name@bot the rest`; undefined for what is no command, or one for another bot. */
export function commandLine(text: string, me: UserFromGetMe): CommandLine | undefined {
  const [, name, bot, line = ''] = /^\/([\p{L}\p{N}_]+)(?:@(\w+))?\s*([^]*)$/u.exec(text) ?? [];
  if (name === undefined || (bot !== undefined && bot.toLowerCase() !== me.username.toLowerCase())) return undefined;
  return { name, line, isAddressed: bot !== undefined };
}

/** The words for the bot, its own mention taken out; undefined where they are for somebody else. */
export function addressed(message: Message, me: UserFromGetMe): string | undefined {
  const text = message.text ?? message.caption ?? '';
  const own = [...(message.entities ?? message.caption_entities ?? [])].filter((entity) => isMe(entity, text, me));
  const repliesToMe = message.reply_to_message?.from?.id === me.id;
  if (message.chat.type !== 'private' && own.length === 0 && !repliesToMe) return undefined;
  const without = own.sort((a, b) => b.offset - a.offset).reduce((rest, { offset, length }) => rest.slice(0, offset) + rest.slice(offset + length), text);
  return without.replace(/[ \t]{2,}/g, ' ').trim();
}

function isMe(entity: MessageEntity, text: string, me: UserFromGetMe): boolean {
  if (entity.type === 'text_mention') return entity.user.id === me.id;
  return entity.type === 'mention' && text.slice(entity.offset, entity.offset + entity.length).toLowerCase() === `@${me.username.toLowerCase()}`;
}

/** The kinds of update that this bot reads. */
export const readUpdates = ['message', 'callback_query', 'inline_query', 'my_chat_member'] as const satisfies readonly (keyof Update)[];
