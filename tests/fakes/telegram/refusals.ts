/** Why Telegram refuses a call, in its words and with its codes: limits, permissions, floods. Knows no HTTP. */
import type { ApiSchema } from './schema.ts';
import type { FakeChat, FakeOptions, World } from './world.ts';

export interface Refusal {
  readonly error_code: number;
  readonly description: string;
  readonly parameters?: { readonly retry_after?: number; readonly migrate_to_chat_id?: number };
  /** No bot should ever do this: tests look for it. */
  readonly isViolation?: boolean;
}
export type Parameters = Readonly<Record<string, unknown>>;
const bad = (description: string, isViolation = true): Refusal => ({ error_code: 400, description: `Bad Request: ${description}`, isViolation });

const textLimit = 4_096; // UTF-16 units
const writing = ['sendMessage', 'editMessageText', 'sendPhoto', 'sendDocument'];
const speaking = [...writing, 'sendChatAction', 'sendMessageDraft', 'deleteMessage'];

export function refusalOf(method: string, parameters: Parameters, world: World, schema: ApiSchema, options: FakeOptions): Refusal | undefined {
  if (!schema.has(method)) return { error_code: 404, description: 'Not Found', isViolation: true };
  if (method === 'sendMessageDraft' && options.hasDrafts === false) return { error_code: 404, description: 'Not Found' };
  const mistakes = isUpload(method) ? [] : schema.mistakes(method, parameters);
  if (mistakes.length > 0) return bad(mistakes.slice(0, 3).join('; '));
  return textRefusal(parameters, method) ?? keyboardRefusal(parameters) ?? menuRefusal(method, parameters) ?? queryRefusal(method, parameters, world, options) ?? placeRefusal(method, parameters, world) ?? floodRefusal(method, parameters, world, options);
}
export const isUpload = (method: string): boolean => method === 'sendPhoto' || method === 'sendDocument';

function textRefusal({ text, entities }: Parameters, method: string): Refusal | undefined {
  if (typeof text !== 'string' || method === 'answerCallbackQuery') return undefined;
  if (method !== 'sendMessageDraft' && text.trim() === '') return bad('message text is empty');
  if (text.length > textLimit) return bad('message is too long');
  if (/\p{Surrogate}/u.test(text)) return bad('strings must be encoded in UTF-8');
  const outside = Array.isArray(entities) && entities.some(({ offset, length }: { offset: number; length: number }) => length < 1 || offset + length > text.length);
  return outside ? bad('entity is outside of the text') : undefined;
}

function keyboardRefusal({ reply_markup: markup }: Parameters): Refusal | undefined {
  const keyboard = typeof markup === 'object' && markup !== null && 'inline_keyboard' in markup ? (markup.inline_keyboard as { callback_data?: string }[][]).flat() : [];
  return keyboard.some(({ callback_data: data = '' }) => data === '' || Buffer.byteLength(data) > 64) ? bad('BUTTON_DATA_INVALID') : undefined;
}

interface MenuEntry { readonly command: string; readonly description: string }
function menuRefusal(method: string, { commands, description, short_description: short }: Parameters): Refusal | undefined {
  if (method === 'setMyCommands') {
    const list = commands as MenuEntry[];
    if (list.length > 100 || list.some((one) => !/^[a-z0-9_]{1,32}$/.test(one.command) || one.description.length < 1 || one.description.length > 256)) return bad('BOT_COMMAND_INVALID');
  }
  if (method === 'setMyDescription' && String(description).length > 512) return bad('description is too long');
  if (method === 'setMyShortDescription' && String(short).length > 120) return bad('short description is too long');
  return undefined;
}

function queryRefusal(method: string, parameters: Parameters, { queries }: World, { queryLife = 10_000 }: FakeOptions): Refusal | undefined {
  if (method !== 'answerCallbackQuery' && method !== 'answerInlineQuery') return undefined;
  const { callback_query_id, inline_query_id, text, results } = parameters;
  const query = queries.get(String(callback_query_id ?? inline_query_id));
  if (!query || query.answer || Date.now() - query.at > queryLife) return bad('query is too old and response timeout expired or query ID is invalid');
  if (String(text ?? '').length > 200) return bad('MESSAGE_TOO_LONG');
  return method === 'answerInlineQuery' ? resultsRefusal(results as InlineResult[]) : undefined;
}

interface InlineResult { readonly id: string; readonly title?: string; readonly input_message_content?: { readonly message_text?: string } }
function resultsRefusal(results: readonly InlineResult[]): Refusal | undefined {
  if (results.length > 50) return bad('RESULTS_TOO_MUCH');
  if (new Set(results.map(({ id }) => id)).size < results.length || results.some(({ id }) => id === '' || Buffer.byteLength(id) > 64)) return bad('RESULT_ID_INVALID');
  const texts = results.map(({ input_message_content }) => input_message_content?.message_text ?? '');
  return texts.some((text) => text.trim() === '' || text.length > textLimit) ? bad('MESSAGE_TOO_LONG') : undefined;
}

function placeRefusal(method: string, { chat_id, message_id }: Parameters, { chats, said }: World): Refusal | undefined {
  if (!speaking.includes(method)) return undefined;
  const chat = chats.get(Number(chat_id));
  if (!chat) return bad('chat not found');
  if (chat.movedTo !== undefined) return { error_code: 400, description: 'Bad Request: group chat was upgraded to a supergroup chat', parameters: { migrate_to_chat_id: chat.movedTo } };
  if (chat.isClosed) return { error_code: 403, description: chat.type === 'private' ? 'Forbidden: bot was blocked by the user' : `Forbidden: bot was kicked from the ${chat.type} chat` };
  if (chat.isMuted && writing.includes(method)) return bad('not enough rights to send text messages to the chat', false);
  if (method === 'sendMessageDraft' && chat.type !== 'private') return bad('drafts are for private chats');
  if (message_id === undefined) return undefined;
  return said.some((one) => one.chat === chat.id && one.id === message_id && !one.isDeleted) ? undefined : bad(`message to ${method === 'deleteMessage' ? 'delete' : 'edit'} not found`, false);
}

function floodRefusal(method: string, { chat_id }: Parameters, { chats }: World, { groupLimit = 20, window = 60_000 }: FakeOptions): Refusal | undefined {
  const chat = chats.get(Number(chat_id));
  if (!chat || chat.type === 'private' || !writing.includes(method)) return undefined;
  const recent = recentlySpoken(chat, window);
  const oldest = recent.at(-groupLimit);
  if (oldest === undefined) { chat.spoken.push(Date.now()); return undefined; }
  const wait = Math.max(1, Math.ceil((oldest + window - Date.now()) / 1000));
  return { error_code: 429, description: `Too Many Requests: retry after ${wait}`, parameters: { retry_after: wait } };
}
const recentlySpoken = ({ spoken }: FakeChat, window: number): number[] => spoken.filter((time) => time > Date.now() - window);
