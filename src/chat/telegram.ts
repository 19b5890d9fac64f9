/** Telegram: updates in, answers out, over grammY and its runner. Writing never holds up a handler, so a slow answer delays no other chat. */
import { setTimeout as rest } from 'node:timers/promises';
import { run, sequentialize, type RunnerHandle } from '@grammyjs/runner';
import type { Context } from 'grammy';
import type { Config } from '../config.ts';
import type { Platform, Surroundings } from './platform.ts';
import { createAnswers } from './telegram/answers.ts';
import { createClient, isGone, setupFault, type Client, type Watch } from './telegram/client.ts';
import { createDrafts } from './telegram/drafts.ts';
import { createHomes } from './telegram/homes.ts';
import { createInline } from './telegram/inline.ts';
import { createIntake, type Intake } from './telegram/intake.ts';
import { createPacer, usualPace, type Pace } from './telegram/pace.ts';
import { apologise } from './telegram/pending.ts';
import { createPeople } from './telegram/people.ts';
import { createPresses } from './telegram/presses.ts';
import { createReceived } from './telegram/received.ts';
import { register } from './telegram/register.ts';

export interface TelegramOptions extends Surroundings {
  readonly config: Pick<Config, 'TELEGRAM_API_ROOT' | 'OPERATORS' | 'LANGUAGE'>;
  readonly pace?: Partial<Pace>;
}

const allowedUpdates = ['message', 'callback_query', 'inline_query', 'my_chat_member'] as const;
/** Since Bot API 10.3; grammY does not know it yet, and older servers pass over it. */
const stopped = 'stopped_message_generation';
const parting = 2_000; // milliseconds for saying which updates were received

export function createTelegram(options: TelegramOptions): Platform {
  const { config, bot, pending, log } = options;
  const rooms = furnish(options, watch);
  const { client, received, answers, inline, note } = rooms;
  let state = 'connecting';
  let runner: RunnerHandle | undefined;
  let isStopping = false;

  function watch(method: string, status: number): void {
    if (!isStopping && (method === 'getUpdates' || method === 'getMe')) state = status === 200 ? 'connected' : 'reconnecting';
    if (status === 200) return;
    options.metrics.count('telegram_errors', { method, status: String(status) });
    log.debug({ platform: 'telegram', method, status }, 'a call failed');
  }
  async function poll(): Promise<void> {
    const fetch = { timeout: 30, allowed_updates: [...allowedUpdates, stopped] as typeof allowedUpdates[number][] };
    runner = run(client, { runner: { fetch, silent: true, retryInterval: rooms.pace.polling, maxRetryTime: Infinity } });
    const ended = runner.task()?.catch((cause: unknown) => { if (!isStopping) throw setupFault(cause) ?? cause; });
    await Promise.race([ended, rest(rooms.pace.settling)]);
    ended?.catch((cause: unknown) => { state = 'stopped'; options.failed(cause); });
  }
  return {
    name: 'telegram',
    state: () => state,
    async listen() {
      await greet(client);
      attend(rooms, createIntake({ ...rooms, me: client.botInfo, api: client.api, bot }));
      if (!client.botInfo.can_read_all_group_messages) log.info({ platform: 'telegram' }, 'privacy mode is on: groups show the bot commands and replies only (BotFather: Bot Settings, Group Privacy)');
      const cutShort = await pending.left(); // before anything new is pending
      await poll();
      apologise(client.api, cutShort, pending, log).catch(note('interrupted answers could not be ended'));
      register(client.api, bot.commands, config.LANGUAGE).catch(note('commands and descriptions could not be registered'));
    },
    async stop(grace) {
      isStopping = true;
      state = 'stopped';
      inline.stop();
      if (runner?.isRunning()) await Promise.race([runner.stop().catch(() => undefined), patience(parting)]);
      await Promise.race([received.settle(), patience(grace)]);
      await Promise.all([Promise.race([confirm(client, received.last()), patience(parting)]), answers.stop(grace)]);
    },
  };
}

type Rooms = ReturnType<typeof furnish>;

/** Everything that an update passes through, each made with what it needs. */
function furnish({ config, token, bot, pending, log, pace: given }: TelegramOptions, watch: Watch) {
  const pace = { ...usualPace, ...given };
  const homes = createHomes((from, to) => bot.moved(`telegram:${from}`, `telegram:${to}`));
  const client = createClient({ token, apiRoot: config.TELEGRAM_API_ROOT, homes, retry: pace.retry, watch });
  const { api } = client;
  const drafts = createDrafts(api, pace.draft);
  const answers = createAnswers({ bot, stage: { api, homes, pacer: createPacer(pace), drafts }, pending, log, typing: pace.typing });
  return {
    pace, homes, client, drafts, answers,
    received: createReceived(),
    pressed: createPresses({ api, answers, patience: pace.acknowledge }),
    inline: createInline({ api, bot, pace }),
    people: createPeople({ api, operators: config.OPERATORS, language: config.LANGUAGE }),
    note: (what: string) => (cause: unknown): void => { if (!isGone(cause)) log.error({ platform: 'telegram', cause }, what); },
  };
}

/** In a chat, one update is taken in after another; inline queries belong to none. */
function attend({ client, received, drafts, note }: Rooms, intake: Intake): void {
  client.catch(({ error }) => note('an update could not be handled')(error));
  client.use((context, next) => received.handle(context.update.update_id, next));
  client.on('inline_query', ({ update, inlineQuery }) => { intake.typed(update.update_id, inlineQuery).catch(note('an inline query could not be answered')); });
  client.use(({ update }, next) => (isStopOf(update) ? drafts.stop(update[stopped].draft_id) : next()));
  client.use(sequentialize((context: Context) => String(context.chatId ?? '')));
  client.on('message', ({ update, message }) => intake.message(update.update_id, message));
  client.on('callback_query', ({ update, callbackQuery }) => intake.press(update.update_id, callbackQuery));
  client.on('my_chat_member', ({ myChatMember }) => intake.membership(myChatMember));
}

const patience = (milliseconds: number): Promise<void> => rest(milliseconds, undefined, { ref: false });

/** @throws SetupError for a token that Telegram does not know. */
async function greet(client: Client): Promise<void> {
  try {
    await client.init();
  } catch (cause) {
    throw setupFault(cause) ?? cause;
  }
  await client.api.deleteWebhook().catch(() => undefined); // polling is refused while one is set; where this fails, polling tells why
}

/** Telegram sends again, at the next start, whatever was not confirmed. */
async function confirm(client: Client, last: number | undefined): Promise<void> {
  if (last !== undefined) await client.api.getUpdates({ offset: last + 1, limit: 1, timeout: 0 }).catch(() => undefined);
}

interface Stop { readonly [stopped]: { readonly draft_id: number } }
const isStopOf = (update: object): update is Stop => stopped in update;
