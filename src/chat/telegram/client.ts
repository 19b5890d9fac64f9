/** grammY's client as we use it: 429 waited out, 5xx and drops tried again, moved groups followed, its state known. Knows no conversation. */
import { setTimeout as rest } from 'node:timers/promises';
import { autoRetry } from '@grammyjs/auto-retry';
import { Bot as Client, GrammyError, type Transformer } from 'grammy';
import { SetupError } from '../../errors.ts';
import type { Homes } from './homes.ts';

export type { Client };
export interface ClientOptions {
  readonly token: string;
  readonly apiRoot: string;
  readonly homes: Homes;
  readonly retry: number; // milliseconds before the first of the further tries
  readonly watch: Watch;
}
/** Told of each call: its method and the status of what came back, 0 for a connection that broke. */
export type Watch = (method: string, status: number) => void;

const timeoutSeconds = 60; // a long poll takes 30
const tries = 3; // beside the first
const breath = 200; // milliseconds
const longestWait = 90; // seconds of retry_after that are worth waiting; a group's limit is over in 60
/** Those with retries of their own, and those that are stale by the time of the next try. */
const triedOnce = ['getUpdates', 'getMe', 'sendChatAction', 'sendMessageDraft'];

export function createClient({ token, apiRoot, homes, retry, watch }: ClientOptions): Client {
  const client = new Client(token, { client: { apiRoot: apiRoot.replace(/\/+$/, ''), timeoutSeconds } });
  const patience = autoRetry({ maxRetryAttempts: tries, maxDelaySeconds: longestWait, rethrowInternalServerErrors: true, rethrowHttpErrors: true });
  client.api.config.use(watching(watch), unhurried, trying(retry), patience, following(homes));
  return client;
}

const watching = (watch: Watch): Transformer => async (call, method, payload, signal) => {
  try {
    const result = await call(method, payload, signal);
    watch(method, result.ok ? 200 : result.error_code);
    return result;
  } catch (cause) {
    if (!signal?.aborted) watch(method, 0);
    throw cause;
  }
};

/** A server that knows no long polling is not asked without a pause. */
const unhurried: Transformer = async (call, method, payload, signal) => {
  const began = performance.now();
  const result = await call(method, payload, signal);
  const isEmpty = method === 'getUpdates' && result.ok && Array.isArray(result.result) && result.result.length === 0;
  if (isEmpty && 'timeout' in payload && Number(payload.timeout) > 0 && performance.now() - began < breath) await rest(breath);
  return result;
};

/** A send whose connection broke may have arrived: said twice at worst is better than lost. */
const trying = (first: number): Transformer => async (call, method, payload, signal) => {
  for (let attempt = 0; ; attempt++) {
    const isLast = attempt === tries || triedOnce.includes(method);
    try {
      const result = await call(method, payload, signal);
      if (result.ok || result.error_code < 500 || isLast) return result;
    } catch (cause) {
      if (isLast || signal?.aborted) throw cause;
    }
    await rest(first * 2 ** attempt);
  }
};

const following = (homes: Homes): Transformer => async (call, method, payload, signal) => {
  if (!('chat_id' in payload) || typeof payload.chat_id !== 'number') return call(method, payload, signal);
  const home = homes.of(payload.chat_id);
  const result = await call(method, { ...payload, chat_id: home }, signal);
  const next = result.ok ? undefined : result.parameters?.migrate_to_chat_id;
  if (next === undefined) return result;
  await homes.move(home, next);
  const isAboutMessage = 'message_id' in payload; // messages stay behind: there is nothing to edit in the new home
  return isAboutMessage ? result : call(method, { ...payload, chat_id: next }, signal);
};

/** What ends the bot for good, as the operator should read it; undefined for what passes. Telegram's own words are left out: they may hold the address with the token. */
export function setupFault(cause: unknown): SetupError | undefined {
  if (!(cause instanceof GrammyError)) return undefined;
  const { error_code: code, method } = cause;
  if (code === 401 || (code === 404 && method === 'getMe')) return new SetupError('TELEGRAM_TOKEN: Telegram does not know this token; ask t.me/BotFather for it (/mybots → API Token) and set it in .env');
  if (code === 409) return new SetupError('TELEGRAM_TOKEN: Telegram says that another program is receiving this bot’s messages; stop the other one, or make a token of its own for this one', 3);
  return undefined;
}

const closedDoors = /chat not found|not enough rights|have no rights|need administrator rights|CHAT_\w*FORBIDDEN|CHAT_RESTRICTED|TOPIC_(CLOSED|DELETED)|message thread not found|message to (edit|delete) not found|message can't be (edited|deleted)|PEER_ID_INVALID|group is deactivated/i;

/** The bot was blocked, removed or silenced, or its message deleted: nobody is left to tell. */
export const isGone = (cause: unknown): boolean => cause instanceof GrammyError && (cause.error_code === 403 || (cause.error_code === 400 && closedDoors.test(cause.description)));
export const isUnmodified = (cause: unknown): boolean => cause instanceof GrammyError && cause.error_code === 400 && /message is not modified/i.test(cause.description);
