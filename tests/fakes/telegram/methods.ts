/** What each method of the fake Bot API does once nothing speaks against it. Knows no HTTP and no getUpdates. */
import type { InlineKeyboardMarkup, MessageEntity } from 'grammy/types';
import type { Parameters, Refusal } from './refusals.ts';
import type { Said, World } from './world.ts';

type Method = (parameters: Parameters, world: World) => unknown;
/** Thrown by a method that finds out by itself. */
export class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.description);
    this.refusal = refusal;
  }
}

const keyboardOf = (markup: unknown): InlineKeyboardMarkup['inline_keyboard'] => (markup as Partial<InlineKeyboardMarkup> | undefined)?.inline_keyboard ?? [];

function messageJson({ id, chat, text, entities, keyboard, replyTo, thread }: Said, { me, chatJson }: World) {
  return {
    message_id: id, date: Math.floor(Date.now() / 1000), chat: chatJson(chat), from: me, text, entities, ...(keyboard.length > 0 ? { reply_markup: { inline_keyboard: keyboard } } : {}),
    ...(thread === undefined ? {} : { message_thread_id: thread, is_topic_message: true }), ...(replyTo === undefined ? {} : { reply_to_message: { message_id: replyTo, chat: chatJson(chat), date: 0 } }),
  };
}
const isSame = (one: Said, text: string, entities: unknown, keyboard: unknown): boolean => JSON.stringify([one.text, one.entities, one.keyboard]) === JSON.stringify([text, entities, keyboard]);

function sendMessage(parameters: Parameters, world: World) {
  const chat = Number(parameters.chat_id);
  const { message_id: replyTo } = (parameters.reply_parameters ?? {}) as { message_id?: number };
  const thread = parameters.message_thread_id as number | undefined;
  const one: Said = {
    id: world.nextMessage(), chat, text: String(parameters.text ?? parameters.caption ?? '').trim(), entities: (parameters.entities ?? []) as MessageEntity[], keyboard: keyboardOf(parameters.reply_markup),
    ...(replyTo === undefined ? {} : { replyTo }), ...(thread === undefined ? {} : { thread }), edits: 0, isDeleted: false, parameters,
  };
  world.said.push(one);
  delete world.chat(chat).draft;
  return messageJson(one, world);
}

function editMessageText({ chat_id, message_id, text, entities = [], reply_markup }: Parameters, world: World) {
  const one = world.said.find(({ chat, id }) => chat === chat_id && id === message_id) as Said;
  const [words, keyboard] = [String(text).trim(), keyboardOf(reply_markup)];
  if (isSame(one, words, entities, keyboard)) throw new Refused({ error_code: 400, description: 'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message', isViolation: true });
  Object.assign(one, { text: words, entities, keyboard, edits: one.edits + 1 });
  return messageJson(one, world);
}

function answerQuery(parameters: Parameters, { queries }: World): true {
  const query = queries.get(String(parameters.callback_query_id ?? parameters.inline_query_id));
  if (query) Object.assign(query, { answer: parameters, answeredAfter: Date.now() - query.at });
  return true;
}

const place = ({ scope, language_code = '' }: Parameters): string => `${(scope as { type?: string } | undefined)?.type ?? 'default'} ${String(language_code)}`;
const kept = (kind: string, name: string, none: unknown): { get: Method; set: Method } => ({
  get: (parameters, { commands }) => { const value = commands.get(`${kind} ${place(parameters)}`) ?? none; return kind === 'commands' ? value : { [name]: value }; },
  set: (parameters, { commands }) => { commands.set(`${kind} ${place(parameters)}`, parameters[name]); return true; },
});
const menu = kept('commands', 'commands', []);
const description = kept('description', 'description', '');
const short = kept('short', 'short_description', '');

export const methods: Readonly<Record<string, Method>> = {
  getMe: (_, { me }) => me,
  deleteWebhook: () => true,
  getMyCommands: menu.get, setMyCommands: menu.set,
  getMyDescription: description.get, setMyDescription: description.set,
  getMyShortDescription: short.get, setMyShortDescription: short.set,
  getChatMember: ({ chat_id, user_id }, { chat, person }) => ({ status: chat(Number(chat_id)).administrators.has(Number(user_id)) ? 'administrator' : 'member', user: person(Number(user_id)) }),
  getChatAdministrators: ({ chat_id }, { chat, person }) => [...chat(Number(chat_id)).administrators].map((id) => ({ status: 'administrator', user: person(id) })),
  sendMessage, editMessageText, sendPhoto: sendMessage, sendDocument: sendMessage,
  deleteMessage: ({ chat_id, message_id }, { said }) => { said.filter(({ chat, id }) => chat === chat_id && id === message_id).forEach((one) => { one.isDeleted = true; }); return true; },
  sendChatAction: () => true,
  sendMessageDraft: ({ chat_id, draft_id, text }, { chat }) => { chat(Number(chat_id)).draft = { id: Number(draft_id), text: String(text ?? '') }; return true; },
  answerCallbackQuery: answerQuery, answerInlineQuery: answerQuery,
};
