/** Discord: what arrives goes to the bot, what the bot says goes back, under the persona's own name where that may be. Knows no persona. */
import { Client, DiscordAPIError, Events, GatewayIntentBits, Partials, type Interaction, type Message as DiscordMessage } from 'discord.js';
import type { Incoming, Reply } from '../command.ts';
import type { Config } from '../config.ts';
import { SetupError } from '../errors.ts';
import { deliver } from './deliver.ts';
import { register } from './discord/commands.ts';
import { createHandlers } from './discord/handlers.ts';
import type { Owners } from './discord/incoming.ts';
import { apologise, type Left } from './discord/pending.ts';
import { createVoices } from './discord/voices.ts';
import type { Platform, Surroundings } from './platform.ts';

export interface DiscordOptions extends Surroundings {
  readonly config: Pick<Config, 'DISCORD_API_URL' | 'DISCORD_GUILD' | 'OPERATORS' | 'LANGUAGE'>;
  readonly interval?: number; // milliseconds between edits of an answer
}

const editInterval = 1100; // milliseconds: Discord allows about five edits in five seconds
const restTimeout = 30_000; // milliseconds: past it discord.js sends again, which for webhooks would double
/** Gateway closings that no reconnecting mends (discord.com/developers/docs/topics/opcodes-and-status-codes). */
const fatal: Readonly<Record<number, string>> = {
  4004: 'DISCORD_TOKEN is not valid: copy it again from the Bot page of discord.com/developers', 4013: 'Discord refuses the intents: please report this as a bug', 4014: 'Discord does not allow the intents that this bot asks for: none of them is privileged, so check that the token is this bot’s',
};

export function createDiscord(options: DiscordOptions): Platform {
  const { config, bot, log, metrics, token } = options;
  const client = new Client({
    intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages, GatewayIntentBits.DirectMessages],
    partials: [Partials.Channel], // direct messages come from channels that were never announced
    rest: { api: config.DISCORD_API_URL, timeout: restTimeout },
    allowedMentions: { parse: [], repliedUser: false },
  });
  const owners: Owners = { operators: config.OPERATORS, language: config.LANGUAGE };
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  let isReady = false;
  let left: Left = [];

  /** Off the event's own path: an event is done when its handler returns. */
  function track(work: Promise<void>): void {
    const done = work.catch((cause: unknown) => log.warn({ cause }, 'an answer did not reach Discord')).finally(() => running.delete(done));
    running.add(done);
  }

  /** Heard before discord.js handles it, which empties the server's list of channels. */
  function forget(guild: string): void {
    for (const id of client.guilds.cache.get(guild)?.channels.cache.keys() ?? []) track(bot.left(`discord:${id}`));
  }

  client.once(Events.ClientReady, (ready) => {
    isReady = true;
    const handlers = createHandlers({
      client: ready, bot, owners, pending: options.pending, log, voices: createVoices(ready, config.LANGUAGE, log), interval: options.interval ?? editInterval, stopping: stopping.signal,
      answer: async (incoming: Incoming, signal: AbortSignal): Promise<Reply | undefined> => { metrics.count('asked', { platform: 'discord', kind: incoming.kind }); return bot.answer(incoming, { signal: AbortSignal.any([signal, stopping.signal]) }); },
      deliver,
    });
    client.on(Events.InteractionCreate, (interaction: Interaction) => { if (!stopping.signal.aborted) track(handlers.interaction(interaction)); });
    client.on(Events.MessageCreate, (message: DiscordMessage) => { if (!stopping.signal.aborted) track(handlers.message(message)); });
    client.on(Events.MessageDelete, ({ id }) => handlers.deleted(id));
    client.on(Events.Raw, (packet: { t: string | null; d: { id: string; unavailable?: boolean } }) => { if (packet.t === 'GUILD_DELETE' && packet.d.unavailable !== true) forget(packet.d.id); });
    track(apologise(ready, left, options.pending, log));
    track(register(ready.rest, ready.application.id, config.DISCORD_GUILD, bot.commands).then((isNew) => { log.info({ isNew }, 'Discord commands are registered'); }));
  });
  client.on(Events.Error, (cause) => log.warn({ cause }, 'Discord connection'));
  client.on(Events.ShardError, (cause) => log.warn({ cause }, 'Discord gateway'));
  client.on(Events.ShardDisconnect, ({ code }) => options.failed(new SetupError(fatal[code] ?? `Discord closed the connection for good (${code})`, 3)));
  client.on(Events.Invalidated, () => options.failed(new SetupError('Discord ended the session for good: check DISCORD_TOKEN', 3)));

  return {
    name: 'discord',
    state: () => (!isReady ? 'connecting' : client.ws.status === 0 ? 'connected' : 'reconnecting'),
    async listen() {
      left = await options.pending.left();
      const ready = new Promise<void>((resolve) => client.once(Events.ClientReady, () => resolve()));
      await client.login(token).catch(async (cause: unknown) => { await client.destroy(); throw explain(cause); });
      await ready;
    },
    async stop(grace) {
      const patience = setTimeout(() => stopping.abort(), grace);
      await Promise.race([Promise.allSettled(running), new Promise((resolve) => stopping.signal.addEventListener('abort', resolve, { once: true }))]);
      clearTimeout(patience);
      stopping.abort();
      await Promise.race([Promise.allSettled(running), new Promise((resolve) => setTimeout(resolve, 1000))]);
      await client.destroy();
    },
  };
}

/** What to do about a login that failed; never with the token. */
function explain(cause: unknown): SetupError {
  const { code, message } = cause instanceof Error ? { code: 'code' in cause ? cause.code : undefined, message: cause.message } : { code: undefined, message: String(cause) };
  if (code === 'TokenInvalid' || (cause instanceof DiscordAPIError && cause.status === 401)) return new SetupError(fatal[4004] ?? '', 2);
  if (code === 'DisallowedIntents' || /disallowed intents/i.test(message)) return new SetupError(fatal[4014] ?? '', 2);
  return new SetupError(`Discord cannot be reached (${message}): check the network and DISCORD_API_URL`, 3);
}
