/** `/cancion artista:eminem`: a whole model from the hub, named in three lines of persona.yaml, answers in the terminal, on Discord and on Telegram. */
import { fork, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeArtist } from './artist.ts';
import { startFakeDiscord } from './fakes/discord/server.ts';
import { startFakeTelegram } from './fakes/telegram/server.ts';
import { startHub, type FakeHub } from './fakes/hub.ts';
import { until } from './fakes/bot.ts';
import { scratch } from './folders.ts';

const artist = 'huggingartists/eminem';
let hub: FakeHub;
let personas = '';
let models = '';

beforeAll(async () => {
  const folder = join(await scratch(), 'eminem');
  await writeArtist(folder, 'models/base', await scratch());
  hub = await startHub({ models: { [artist]: folder } });
  [personas, models] = [await scratch(), await scratch()];
  cpSync('personas/martin_fierro', join(personas, 'martin_fierro'), { recursive: true });
  mkdirSync(join(personas, 'eminem'));
  writeFileSync(join(personas, 'eminem', 'persona.yaml'), `title: Eminem\nkind: lyrics\nmodel: ${artist}\n`);
});
afterAll(async () => { await hub.stop(); });

async function start(more: Record<string, string>): Promise<ChildProcess> {
  const environment = { ...process.env, DISCORD_TOKEN: '', TELEGRAM_TOKEN: '', HF_ENDPOINT: hub.url, PERSONAS_FOLDER: personas, MODELS_FOLDER: models, BASE_MODEL: resolve('models/base'), DATABASE_URL: `file:${join(await scratch(), 'bot.db')}`, HEALTH_PORT: '0', LOG_LEVEL: 'warn', ...more };
  return fork('dist/src/index.js', ['--json'], { env: environment, stdio: ['pipe', 'pipe', 'pipe', 'ipc'] });
}
const ended = (bot: ChildProcess): Promise<number | null> => new Promise((done) => bot.once('exit', done));

it('in the terminal', async () => {
  const bot = await start({});
  let output = '';
  bot.stdout?.on('data', (chunk) => { output += String(chunk); });
  bot.stdin?.end('/cancion artista:eminem tema:mi madre\n');
  expect(await ended(bot)).toBe(0);
  const answer = JSON.parse(output) as { kind: string; persona: string; version: string; text: string; tokens: number };
  expect(answer).toMatchObject({ kind: 'text', persona: 'eminem', version: 'base' });
  expect(answer.tokens).toBeGreaterThan(16);
  expect(answer.text.split('\n').length).toBeGreaterThan(1);
  expect(hub.requests.some(({ path }) => path.endsWith('pytorch_model.bin'))).toBe(true);
}, 30_000);

it('on Discord', async () => {
  const discord = await startFakeDiscord();
  const bot = await start({ DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.url });
  await until('the commands', () => discord.world.commands.length > 0, 15_000);
  discord.slash('cancion', { artista: 'eminem' });
  const song = await until('the song', () => discord.fromBot().find(({ content }) => content.includes('-# imitación')), 15_000);
  expect(song.author['username']).toBe('Eminem');
  expect(discord.violations).toEqual([]);
  bot.kill('SIGTERM');
  expect(await ended(bot)).toBe(0);
  await discord.stop();
}, 40_000);

it('on Telegram', async () => {
  const telegram = await startFakeTelegram();
  const bot = await start({ TELEGRAM_TOKEN: telegram.token, TELEGRAM_API_ROOT: telegram.apiRoot });
  await until('it listens', () => telegram.calls.some(({ method }) => method === 'getUpdates'), 15_000);
  telegram.act.say('/cancion artista:eminem');
  const song = await until('the song', () => telegram.world.standing(7).find(({ text, keyboard }) => text.includes('imitación') && keyboard.length > 0), 15_000);
  expect(song.text.startsWith('Eminem\n')).toBe(true);
  expect(telegram.violations).toEqual([]);
  bot.kill('SIGTERM');
  expect(await ended(bot)).toBe(0);
  await telegram.stop();
}, 40_000);
