/** The bot under load: does talking hold up the process that must answer in time? The bot runs in a process of its own, Discord and the crowd in this one. */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startFakeDiscord, type FakeDiscord } from '../../tests/fakes/discord/server.ts';
import { tell } from '../document.ts';
import type { DecodeOptions } from './decode.ts';
import { quantile, type Goal } from './row.ts';

interface ChatRow { readonly engine: 'ventrilocuo'; readonly generations: number; readonly interactions: number; readonly seconds: number; readonly loop_p99_ms: { readonly idle: number; readonly load: number }; readonly acknowledged_ms: { readonly p50: number; readonly p99: number; readonly max: number }; readonly unacknowledged: number; readonly violations: number; readonly rss_mb: number }

const generations = 32;
const interactions = 200;
const seconds = 10;
const loopLimit = 20; // milliseconds above idle, at p99
const acknowledgeLimit = 300; // milliseconds, at p99
const window = 21_000; // milliseconds: longer than the bot's own measure looks back

export async function chat({ quick }: DecodeOptions): Promise<{ rows: ChatRow[]; goals: Goal[] }> {
  const fake = await startFakeDiscord();
  const port = await freePort();
  const home = mkdtempSync(join(tmpdir(), 'ventrilocuo-chat-'));
  const bot = startBot(fake, port, home);
  try {
    await waitFor('the bot is up', async () => (await health(port)) !== undefined && fake.world.commands.length > 0);
    await pause(quick ? 12_000 : window);
    const idle = (await health(port))?.loopDelay.p99 ?? NaN;
    tell(`idle: the loop is late by ${idle.toFixed(1)} ms at p99`);
    const row = await load(fake, port, idle);
    return { rows: [row], goals: goalsOf(row) };
  } finally {
    bot.kill('SIGTERM');
    await new Promise((resolve) => bot.once('exit', resolve));
    await fake.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

/** 32 songs are being written all the while; then 200 interactions come in ten seconds. */
async function load(fake: FakeDiscord, port: number, idle: number): Promise<ChatRow> {
  let isOver = false;
  const busy = Promise.all(Array.from({ length: generations }, () => keepWriting(fake, () => isOver)));
  await pause(window - 1000 * seconds);
  const crowd = [];
  for (let index = 0; index < interactions; index++) {
    crowd.push(fake.slash(['cancion', 'personas', 'ayuda', 'estado'][index % 4] ?? 'ayuda', index % 4 === 0 ? { artista: 'martin_fierro' } : {}, { user: index % 2 ? fake.world.alice : fake.world.bob }));
    await pause((1000 * seconds) / interactions);
  }
  await pause(500);
  const state = await health(port);
  const times = crowd.map(({ acknowledgedAfter }) => acknowledgedAfter ?? Infinity).sort((a, b) => a - b);
  isOver = true;
  await busy;
  return {
    engine: 'ventrilocuo', generations, interactions, seconds, loop_p99_ms: { idle, load: state?.loopDelay.p99 ?? NaN }, acknowledged_ms: { p50: quantile(times, 0.5), p99: quantile(times, 0.99), max: times.at(-1) ?? NaN },
    unacknowledged: fake.unacknowledged().length, violations: fake.violations.length, rss_mb: (state?.memory ?? NaN) / 1e6,
  };
}

async function keepWriting(fake: FakeDiscord, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const asked = fake.slash('cancion', { artista: 'martin_fierro', estrofas: 6 });
    const isAnswered = (): boolean => fake.calls.some(({ path, method }) => method === 'PATCH' && path.includes(asked.token)) && Date.now() - asked.born > 1500;
    while (!isOver() && !isAnswered()) await pause(100);
  }
}

function goalsOf({ loop_p99_ms: { idle, load: busy }, acknowledged_ms: { p99 } }: ChatRow): Goal[] {
  return [
    { name: 'loop delay p99 above idle, ms', value: busy - idle, target: loopLimit, pass: busy - idle < loopLimit },
    { name: 'acknowledged within, ms at p99', value: p99, target: acknowledgeLimit, pass: p99 <= acknowledgeLimit },
  ];
}

function startBot(fake: FakeDiscord, port: number, home: string): ChildProcess {
  return fork(new URL('../../src/index.js', import.meta.url), [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, DISCORD_TOKEN: fake.token, DISCORD_API_URL: fake.url, TELEGRAM_TOKEN: '', DATABASE_URL: `file:${join(home, 'bot.db')}`, HEALTH_PORT: String(port), LOG_LEVEL: 'warn', PERSON_LIMIT: '1000', PERSON_PER_MINUTE: '100000', CHAT_LIMIT: '1000', ENGINE_ROWS: String(generations) },
  });
}

interface Health { readonly loopDelay: { readonly p99: number }; readonly memory: number }
const health = (port: number): Promise<Health | undefined> => fetch(`http://127.0.0.1:${port}/health`).then((response) => response.json() as Promise<Health>, () => undefined);

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

async function waitFor(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await pause(200)) if (await isSo()) return;
  throw new Error(`waited in vain: ${what}`);
}
