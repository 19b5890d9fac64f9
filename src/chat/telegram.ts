/** Telegram: updates go to the bot, what the bot says goes back. Knows no persona. */
import { autoRetry } from '@grammyjs/auto-retry';
import { run, type RunnerHandle } from '@grammyjs/runner';
import { Bot as Grammy, GrammyError } from 'grammy';
import type { Bot } from '../command.ts';
import type { Config } from '../config.ts';
import { SetupError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Pending, Platform } from './platform.ts';
import { register } from './telegram/commands.ts';
import { createHandlers } from './telegram/handlers.ts';
import { readUpdates } from './telegram/incoming.ts';
import { apologise } from './telegram/pending.ts';

export interface TelegramOptions {
  readonly config: Pick<Config, 'TELEGRAM_API_ROOT' | 'OPERATORS' | 'LANGUAGE'>;
  readonly token: string;
  readonly bot: Bot;
  readonly pending: Pending;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly failed: (cause: unknown) => void;
  readonly intervals?: { readonly private: number; readonly group: number };
}

/** A message a second in a chat, twenty a minute in a group (core.telegram.org/bots/faq). */
const usualIntervals = { private: 1100, group: 3100 }; // milliseconds
const retry = { maxRetryAttempts: 4, maxDelaySeconds: 60 };

export function createTelegram(options: TelegramOptions): Platform {
  const { config, bot, log, metrics } = options;
  const grammy = new Grammy(options.token, { client: { apiRoot: config.TELEGRAM_API_ROOT } });
  grammy.api.config.use(autoRetry(retry));
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  const seen = new Set<number>(); // updates of this run: a server may deliver again what is still being answered
  let runner: RunnerHandle | undefined;

  /** Off the update's own path: a slow answer holds nobody up. */
  function track(work: Promise<void>): void {
    const done = work.catch((cause: unknown) => log.warn({ cause }, 'an answer did not reach Telegram')).finally(() => running.delete(done));
    running.add(done);
  }

  async function begin(): Promise<void> {
    await grammy.init().catch((cause: unknown) => { throw explain(cause); });
    const me = grammy.botInfo;
    if (!me.can_read_all_group_messages) log.info('Telegram: privacy mode is on: in groups the bot hears commands and replies (doctor says how to change it)');
    const handlers = createHandlers({
      api: grammy.api, me, bot, pending: options.pending, log, owners: { operators: config.OPERATORS, language: config.LANGUAGE },
      sink: { api: grammy.api, intervals: options.intervals ?? usualIntervals, drafts: { areTaken: true } },
      answer: (incoming, signal) => { metrics.count('asked', { platform: 'telegram', kind: incoming.kind }); return bot.answer(incoming, { signal: AbortSignal.any([stopping.signal, ...(signal ? [signal] : [])]) }); },
    });
    grammy.use((context) => {
      const { update } = context;
      if (seen.has(update.update_id)) return;
      seen.add(update.update_id);
      if (seen.size > 2000) seen.delete(seen.values().next().value ?? 0);
      if (update.message) track(handlers.message(update.update_id, update.message));
      if (update.callback_query) track(handlers.press(update.update_id, update.callback_query));
      if (update.inline_query) track(handlers.inline(update.update_id, update.inline_query));
      if (update.my_chat_member) track(handlers.membership(update.my_chat_member));
    });
    track(apologise(grammy.api, options.pending, log));
    track(register(grammy.api, bot.commands, config.LANGUAGE).then((isNew) => { log.info({ isNew }, 'Telegram commands are registered'); }));
    runner = run(grammy, { runner: { fetch: { allowed_updates: [...readUpdates] }, silent: true } });
    runner.task()?.catch((cause: unknown) => options.failed(explain(cause)));
  }

  return {
    name: 'telegram',
    state: () => (runner?.isRunning() ? 'connected' : 'connecting'),
    listen: begin,
    async stop(grace) {
      if (runner?.isRunning()) await runner.stop();
      const patience = setTimeout(() => stopping.abort(), grace);
      await Promise.race([Promise.allSettled(running), new Promise((resolve) => stopping.signal.addEventListener('abort', resolve, { once: true }))]);
      clearTimeout(patience);
      stopping.abort();
      await Promise.race([Promise.allSettled(running), new Promise((resolve) => setTimeout(resolve, 1000))]);
    },
  };
}

/** What to do; never with the token, which stands in every address. */
function explain(cause: unknown): SetupError {
  const code = cause instanceof GrammyError ? cause.error_code : undefined;
  if (code === 401 || code === 404) return new SetupError('TELEGRAM_TOKEN is not valid: copy it again from t.me/BotFather', 2);
  if (code === 409) return new SetupError('another program receives this bot’s updates (409): stop it, remove its webhook, or use a TELEGRAM_TOKEN of its own', 3);
  return new SetupError(`Telegram cannot be reached (${cause instanceof GrammyError ? cause.description : 'network'}): check the network and TELEGRAM_API_ROOT`, 3);
}
