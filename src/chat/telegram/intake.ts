/** Updates become what the bot understands: who said what, where; commands under the names Telegram's users expect. Knows no text of answers. */
import type { Chat as TelegramChat, CallbackQuery, ChatMemberUpdated, InlineQuery, Message, UserFromGetMe } from 'grammy/types';
import type { Api } from 'grammy';
import type { Bot, Incoming } from '../../command.ts';
import { plain } from '../../bot/nearest.ts';
import type { Answers, Asked } from './answers.ts';
import { hear, isAnonymousAdministrator, type Heard } from './hearing.ts';
import type { Homes } from './homes.ts';
import type { createInline } from './inline.ts';
import type { People, Sender } from './people.ts';
import type { createPresses } from './presses.ts';
import type { Room } from './sink.ts';
import { howToReachMe } from './words.ts';

export interface IntakeOptions {
  readonly me: UserFromGetMe;
  readonly api: Api;
  readonly bot: Bot;
  readonly people: People;
  readonly answers: Answers;
  readonly pressed: ReturnType<typeof createPresses>;
  readonly inline: ReturnType<typeof createInline>;
  readonly homes: Homes;
}
export type Intake = ReturnType<typeof createIntake>;

/** Telegram's customs (core.telegram.org/bots/features#global-commands). */
const customs: Readonly<Record<string, string>> = { settings: 'persona' };

export function createIntake({ me, api, bot, people, answers, pressed, inline, homes }: IntakeOptions) {
  const known = new Set([...bot.commands.flatMap(({ name, english, aliases }) => [name, english, ...aliases]).map(plain), ...Object.keys(customs)]);
  const help = bot.commands.find(({ aliases }) => aliases.includes('start'));

  async function arrival(update: number, sender: Sender, chat: TelegramChat) {
    const person = await people.person(sender, chat);
    return { platform: 'telegram' as const, delivery: String(update), chat: people.chat(chat, person), person };
  }
  const isForOthers = (heard: Heard, { chat }: Message): boolean => heard.kind === 'command' && !heard.isAddressed && chat.type !== 'private' && !known.has(plain(heard.name));

  async function message(update: number, said: Message): Promise<void> {
    if (said.migrate_to_chat_id !== undefined) return homes.move(said.chat.id, said.migrate_to_chat_id);
    if (said.migrate_from_chat_id !== undefined) return homes.move(said.migrate_from_chat_id, said.chat.id);
    const heard = hear(said, me);
    if (!heard || !said.from || isForOthers(heard, said)) return;
    const from = await arrival(update, { user: said.from, isAnonymousAdministrator: isAnonymousAdministrator(said) }, said.chat);
    const asked = await answers.ask(heard.kind === 'command' ? command(heard, from) : mention(heard.text, said, from));
    if (asked) answers.tell(withAdvice(asked), roomOf(said));
  }

  type From = Awaited<ReturnType<typeof arrival>>;
  function mention(text: string, said: Message, from: From): Incoming {
    const repliesTo = said.reply_to_message && answers.toldBy(said.chat.id, said.reply_to_message.message_id);
    return { ...from, kind: 'mention', text, ...(repliesTo === undefined ? {} : { repliesTo }) };
  }
  function command({ name, line }: { name: string; line: string }, from: From): Incoming {
    const persona = name === 'start' && !from.chat.group ? personaNamed(line, from) : undefined;
    if (persona !== undefined) return { ...from, kind: 'command', name: 'persona', options: {}, line: persona };
    return { ...from, kind: 'command', name: customs[name] ?? name, options: {}, line: name === 'start' ? '' : line };
  }
  /** A link t.me/bot?start=martin_fierro gives the chat that voice. */
  function personaNamed(payload: string, { person }: From): string | undefined {
    const [option] = Object.entries(bot.commands.find(({ name }) => name === 'persona')?.options ?? {}).find(([, { type }]) => type === 'persona') ?? [];
    if (option === undefined || payload === '') return undefined;
    return bot.complete({ command: 'persona', option, typed: payload, language: person.language }).find(({ value }) => value === payload)?.value;
  }
  /** Whoever asks for help in a group learns what Telegram lets the bot see there. */
  function withAdvice(asked: Asked): Asked {
    const { incoming, reply } = asked;
    const isHelp = incoming.kind === 'command' && help !== undefined && [help.name, help.english, ...help.aliases].includes(incoming.name);
    if (!isHelp || !incoming.chat.group || me.can_read_all_group_messages || typeof reply !== 'string') return asked;
    return { ...asked, reply: `${reply}\n\n${howToReachMe(me.username)[incoming.person.language]}` };
  }

  async function press(update: number, query: CallbackQuery): Promise<void> {
    if (!query.message || query.data === undefined) return void (await api.answerCallbackQuery(query.id));
    const { chat, message_id } = query.message;
    const from = await arrival(update, { user: query.from, isAnonymousAdministrator: false }, chat);
    await pressed(query, { ...from, kind: 'button', button: query.data }, { ...threadOf(query.message), chat: chat.id, ...(chat.type === 'private' ? {} : { replyTo: message_id }) });
  }
  async function typed(update: number, asked: InlineQuery): Promise<void> {
    const own: TelegramChat = { id: asked.from.id, type: 'private', first_name: asked.from.first_name };
    const from = await arrival(update, { user: asked.from, isAnonymousAdministrator: false }, own);
    await inline.answer(asked, { ...from, kind: 'inline', text: asked.query.trim() });
  }
  /** The bot itself came, went or was silenced. */
  async function membership({ chat, from, old_chat_member: before, new_chat_member: after }: ChatMemberUpdated): Promise<void> {
    if (chat.type === 'channel') return;
    if (isOut(after.status)) return bot.left(`telegram:${chat.id}`);
    const hasJoined = isOut(before.status) && chat.type !== 'private';
    if (!hasJoined || after.status !== 'member' || me.can_read_all_group_messages) return;
    const { language } = await people.person({ user: from, isAnonymousAdministrator: false }, chat);
    await api.sendMessage(chat.id, howToReachMe(me.username)[language]);
  }
  return { message, press, typed, membership };
}

const isOut = (status: string): boolean => status === 'left' || status === 'kicked';

/** In groups an answer hangs from its question; in private that would be noise. */
function roomOf(said: Message): Room {
  return { ...threadOf(said), chat: said.chat.id, ...(said.chat.type === 'private' ? {} : { replyTo: said.message_id }) };
}
const threadOf = (said: CallbackQuery['message'] & object): { thread?: number } => ('is_topic_message' in said && said.is_topic_message && said.message_thread_id !== undefined ? { thread: said.message_thread_id } : {});
