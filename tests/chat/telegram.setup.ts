/** Telegram in a test: the platform against the fake with a scripted bot, everything quick. */
import { afterEach } from 'vitest';
import { createTelegram } from '../../src/chat/telegram.ts';
import type { Pace } from '../../src/chat/telegram/pace.ts';
import type { Platform } from '../../src/chat/platform.ts';
import type { Log } from '../../src/log.ts';
import { metrics, scriptedBot, silentLog, spoken, until, type Script } from '../fakes/bot.ts';
import { pendingInMemory } from '../fakes/pending.ts';
import { startFakeTelegram, type FakeTelegram, type Said } from '../fakes/telegram/server.ts';
import type { FakeOptions } from '../fakes/telegram/world.ts';

export const quick: Pace = { privateEdits: 15, groupEdits: 25, groupMessages: 20, window: 60_000, typing: 40, draft: 20_000, acknowledge: 100, inlineSettle: 20, inlineDeadline: 300, retry: 10, polling: 20, settling: 30 };
export const group = -500;
export const otra = { id: '1|otra|a1b2c3d4|7', label: 'otra' };

const opened: (() => Promise<void>)[] = [];
afterEach(async () => { for (const close of opened.splice(0).toReversed()) await close(); });

export interface Setup {
  readonly fake?: FakeTelegram | FakeOptions;
  readonly pace?: Partial<Pace>;
  readonly pending?: ReturnType<typeof pendingInMemory>;
  readonly operators?: string[];
  readonly language?: 'es' | 'en';
  readonly log?: Log;
  readonly token?: string;
}

export async function openFake(options?: FakeOptions): Promise<FakeTelegram> {
  const fake = await startFakeTelegram(options);
  opened.push(() => fake.stop());
  return fake;
}

/** A bot that does as the script says, at home on a fake Telegram; not yet listening. */
export async function prepare(script: Script, { fake: given, pace, pending = pendingInMemory(), operators = [], language = 'es', log = silentLog, token }: Setup = {}) {
  const fake = given && 'calls' in given ? given : await openFake(given);
  const scripted = await scriptedBot(script);
  const failures: unknown[] = [];
  const platform: Platform = createTelegram({ config: { TELEGRAM_API_ROOT: fake.apiRoot, OPERATORS: operators, LANGUAGE: language }, token: token ?? fake.token, bot: scripted.bot, pending, log, metrics, failed: (cause) => failures.push(cause), pace: { ...quick, ...pace } });
  opened.push(() => platform.stop(20));
  return { ...scripted, fake, platform, pending, failures };
}

export async function start(script: Script, setup: Setup = {}) {
  const prepared = await prepare(script, setup);
  await prepared.platform.listen();
  return prepared;
}

export const song: Script = (_, signal) => spoken(['Aquí me pongo ', 'a cantar\n', 'al compás ', 'de la vigüela'], { signal, buttons: [otra] });
export const whole = 'Aquí me pongo a cantar\nal compás de la vigüela';
export const finished = `Martín Fierro\n${whole}\n\nimitación generada por una máquina`;

/** The bot's messages in a chat, once one says this. */
export const said = (fake: FakeTelegram, text: string, chat = 7): Promise<Said> => until(`«${text.slice(0, 40)}» in ${chat}`, () => fake.world.standing(chat).find((one) => one.text.includes(text)));
/** The bot's message in a chat that has its buttons, which come last. */
export const answered = (fake: FakeTelegram, chat = 7): Promise<Said> => until(`an answer with buttons in ${chat}`, () => fake.world.standing(chat).find((one) => one.keyboard.length > 0 && one.text.includes('imitación')));
export const calls = (fake: FakeTelegram, method: string) => fake.calls.filter((call) => call.method === method);
/** Time for something that should not happen. */
export const moment = 120; // milliseconds
