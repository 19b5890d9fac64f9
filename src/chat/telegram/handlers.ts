/** What happens for each update: who it is for, what the bot says, how it is shown. Nothing here waits for an answer on the update's own path. */
import type { Api, Context } from 'grammy';
import type { InlineQuery, Message, UserFromGetMe } from 'grammy/types';
import type { Bot, Incoming, Reply, Role } from '../../command.ts';
import type { Log } from '../../log.ts';
import { collect } from '../collect.ts';
import { deliver } from '../deliver.ts';
import type { Pending } from '../platform.ts';
import { isSpoken } from '../spoken.ts';
import { plain } from '../../bot/nearest.ts';
import { addressed, arrivalOf, commandLine, isAnonymousAdmin, isFromPerson, type FromTelegram, type Owners } from './incoming.ts';
import { createRoles } from './roles.ts';
import { createSink, isUnwelcome, type Place, type SinkOptions } from './sink.ts';
import { inlineLate, inlineTitle, privacyMode } from './words.ts';

export interface HandlerOptions {
  readonly api: Api;
  readonly me: UserFromGetMe;
  readonly bot: Bot;
  readonly owners: Owners;
  readonly pending: Pending;
  readonly log: Log;
  readonly sink: Omit<SinkOptions, 'moved'>;
  readonly answer: (incoming: Incoming, signal?: AbortSignal) => Promise<Reply | undefined>;
}

const typingEvery = 4_500; // milliseconds: Telegram shows it for five seconds
const inlinePatience = 7_000; // milliseconds: a query lives for about ten seconds
const aliases: Readonly<Record<string, string>> = { settings: 'persona' };

export function createHandlers({ api, me, bot, owners, pending, log, sink: sinkOptions, answer }: HandlerOptions) {
  const roles = createRoles(api);
  const moved = (from: number, to: number): Promise<void> => bot.moved(`telegram:${from}`, `telegram:${to}`);
  const isKnown = (name: string): boolean => bot.commands.some((command) => [command.name, command.english, ...command.aliases].some((one) => plain(one) === plain(name)));

  async function message(update: number, received: Message): Promise<void> {
    if (received.migrate_to_chat_id !== undefined) return moved(received.chat.id, received.migrate_to_chat_id);
    if (!isFromPerson(received)) return;
    const incoming = await incomingOf(update, received);
    if (incoming) await respond(incoming, { chat: received.chat.id, isPrivate: received.chat.type === 'private', thread: received.is_topic_message ? received.message_thread_id : undefined, repliesTo: received.chat.type === 'private' ? undefined : received.message_id });
  }

  async function incomingOf(update: number, received: Message): Promise<FromTelegram | undefined> {
    const { chat, from } = received;
    const text = received.text ?? received.caption ?? '';
    if (!from) return undefined;
    const isGroup = chat.type !== 'private';
    const line = commandLine(text, me);
    if (text.startsWith('/') && (!line || (isGroup && !line.isAddressed && !isKnown(line.name)))) return undefined;
    const words = line ? '' : addressed(received, me);
    if (words === undefined) return undefined;
    const role: Role = isAnonymousAdmin(received) ? 'administrator' : line && isGroup ? await roles.of(chat.id, from.id) : 'anyone';
    const arrival = arrivalOf(update, chat, from, role, owners);
    if (!line) return { ...arrival, kind: 'mention', text: words };
    if (plain(line.name) === 'start' && line.line !== '') return { ...arrival, kind: 'command', name: 'persona', options: {}, line: line.line.slice(0, 64) };
    return { ...arrival, kind: 'command', name: aliases[line.name] ?? line.name, options: {}, line: line.line };
  }

  /** The bot's answer, shown where it was asked for; «typing» until the first word. */
  async function respond(incoming: FromTelegram, place: Place): Promise<void> {
    const delivery = `telegram:${incoming.delivery}`;
    await pending.open(delivery, JSON.stringify({ chat: place.chat, thread: place.thread, repliesTo: place.repliesTo, language: incoming.person.language }));
    const act = (): void => void api.sendChatAction(place.chat, 'typing', place.thread === undefined ? {} : { message_thread_id: place.thread }).catch(() => undefined);
    const typing = setInterval(act, typingEvery);
    try {
      const reply = await answer(incoming);
      if (reply === undefined) return;
      act();
      await show(withPrivacy(reply, incoming), place, () => clearInterval(typing));
    } catch (cause) {
      if (!isUnwelcome(cause)) throw cause;
      log.info({ chat: place.chat }, 'not welcome in this chat');
    } finally {
      clearInterval(typing);
      await pending.close(delivery);
    }
  }
  async function show(reply: Reply, place: Place, begun: () => void): Promise<void> {
    const sink = createSink(place, { ...sinkOptions, moved });
    const post = async (message: Parameters<typeof sink.post>[0]): Promise<string> => { begun(); return sink.post(message); };
    try { await deliver(reply, { ...sink, post }); } finally { await sink.settle(); }
  }
  /** Help in a group says how to be heard there. */
  function withPrivacy(reply: Reply, { chat, person, ...incoming }: FromTelegram): Reply {
    const isHelp = incoming.kind === 'command' && ['ayuda', 'help', 'start'].includes(incoming.name);
    return isHelp && chat.group && !me.can_read_all_group_messages && typeof reply === 'string' ? `${reply}\n\n${privacyMode(me.username)[person.language]}` : reply;
  }

  async function press(update: number, query: NonNullable<Context['callbackQuery']>): Promise<void> {
    const { message: under, from, data = '' } = query;
    if (!under) { await api.answerCallbackQuery(query.id); return; }
    const incoming = { ...arrivalOf(update, under.chat, from, 'anyone', owners), kind: 'button' as const, button: data };
    const isLong = /^1\|(otra|sigue)\|/.test(data); // a new answer: its words may take long, the button must not spin
    if (isLong) await api.answerCallbackQuery(query.id);
    const reply = await answer(incoming);
    const { isPersona, parts } = await isSpoken(reply ?? '');
    const place: Place = { chat: under.chat.id, isPrivate: under.chat.type === 'private', repliesTo: under.chat.type === 'private' ? undefined : under.message_id };
    if (isPersona) return show(parts, place, () => undefined);
    const { text } = await collect(parts);
    if (!isLong && text.length <= 200) { await api.answerCallbackQuery(query.id, text === '' ? {} : { text, show_alert: text.length > 60 }); return; }
    if (!isLong) await api.answerCallbackQuery(query.id);
    await show(text, place, () => undefined);
  }

  async function inline(update: number, query: InlineQuery): Promise<void> {
    const arrival = arrivalOf(update, { id: query.from.id, type: 'private' }, query.from, 'anyone', owners);
    const { language } = arrival.person;
    const abort = new AbortController();
    const late = setTimeout(() => abort.abort(), inlinePatience);
    const reply = await answer({ ...arrival, kind: 'inline', text: query.query }, abort.signal);
    const { text, label } = await collect(reply ?? '');
    clearTimeout(late);
    const told = abort.signal.aborted || text.trim() === '' ? inlineLate[language] : `${text}${label === '' ? '' : `\n\n— ${label}`}`;
    await api.answerInlineQuery(query.id, [{ type: 'article', id: String(update), title: inlineTitle[language], description: told.slice(0, 100), input_message_content: { message_text: told.slice(0, 4096), link_preview_options: { is_disabled: true } } }], { is_personal: true, cache_time: 0 });
  }

  async function membership(change: NonNullable<Context['myChatMember']>): Promise<void> {
    const { chat, new_chat_member: now, old_chat_member: before } = change;
    if (now.status === 'left' || now.status === 'kicked') return bot.left(`telegram:${chat.id}`);
    const isNew = before.status === 'left' || before.status === 'kicked';
    if (isNew && chat.type !== 'private' && now.status === 'member' && !me.can_read_all_group_messages) await api.sendMessage(chat.id, privacyMode(me.username)[owners.language], { link_preview_options: { is_disabled: true } }).catch((cause: unknown) => { if (!isUnwelcome(cause)) throw cause; });
  }
  return { message, press, inline, membership };
}
