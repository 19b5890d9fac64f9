/** What goes wrong on the way to Telegram and back: limits, broken servers and lines, repeated deliveries, crashes, wrong tokens. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLog, createRedactor } from '../../src/log.ts';
import { SetupError } from '../../src/errors.ts';
import { checkTelegram } from '../../src/chat/telegram/check.ts';
import { spoken, until, wait } from '../fakes/bot.ts';
import { pendingInMemory } from '../fakes/pending.ts';
import { calls, finished, group, openFake, otra, prepare, said, song, start, moment, whole } from './telegram.setup.ts';

const slowSong = (pause: number) => (_: unknown, signal: AbortSignal) => spoken(['Aquí me pongo ', 'a cantar\n', 'al compás ', 'de la vigüela'], { pause, signal, buttons: [otra] });

describe('Telegram says', () => {
  it('429: it is waited for as long as it asks', async () => {
    const { fake } = await start(song);
    fake.fail('sendMessage', { status: 429, retryAfter: 1 });
    fake.act.say('hola');
    await said(fake, whole);
    const [first, second, ...more] = calls(fake, 'sendMessage');
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990);
    expect(more).toEqual([]);
    expect(fake.world.standing(7).map(({ text }) => text)).toEqual([finished]);
  });
  it.each([{ status: 502 }, {}])('a passing failure (%j): it is tried again, for messages and for edits', async (fault) => {
    const { fake, failures } = await start(slowSong(20));
    fake.fail('sendMessage', { ...fault, times: 2 });
    fake.fail('editMessageText', { ...fault, times: 2 });
    fake.act.say('/verso', { chat: group });
    await until('the whole', () => fake.world.standing(group)[0]?.text === finished);
    expect(fake.world.standing(group)).toHaveLength(1);
    expect(failures).toEqual([]);
    expect(fake.violations).toEqual([]);
  });
  it('nothing to a draft: a message takes its place at once, and after three such there are no more drafts', async () => {
    const { fake } = await start(slowSong(20));
    fake.fail('sendMessageDraft', { times: 2 });
    fake.fail('sendMessageDraft', { status: 500 });
    for (const chat of [7, 8, 9, 10]) {
      fake.act.say('hola', { from: { id: chat } });
      await until('the whole', () => fake.world.standing(chat)[0]?.text === finished);
      expect(fake.world.standing(chat)[0]?.edits).toBeGreaterThan(0);
    }
    expect(calls(fake, 'sendMessageDraft')).toHaveLength(3);
  });
  it('5xx or nothing while updates are fetched: they come later, once', async () => {
    const { fake, asked, platform } = await start(() => 'sí');
    fake.fail('getUpdates', { status: 500, times: 2 });
    fake.fail('getUpdates', { times: 2 });
    fake.act.say('uno');
    await until('it is noticed', () => platform.state() === 'reconnecting' || calls(fake, 'getUpdates').length > 3);
    fake.act.say('dos');
    await until('both', () => asked.length === 2);
    await until('it is well again', () => platform.state() === 'connected');
    expect(asked.map((one) => (one.kind === 'mention' ? one.text : ''))).toEqual(['uno', 'dos']);
  });
});

describe('a server without long polling', () => {
  it('is not asked without a pause', async () => {
    const { fake } = await start(song);
    const before = calls(fake, 'getUpdates').length;
    fake.polling.hurry();
    await wait(500);
    expect(calls(fake, 'getUpdates').length - before).toBeLessThanOrEqual(4);
    fake.act.say('hola');
    await said(fake, whole);
  });
});

describe('a delivery that comes twice', () => {
  it('is answered once: a message, a command, a button', async () => {
    const { fake, asked } = await start(song);
    const message = fake.act.say('hola') ?? 0;
    fake.act.redeliver(message);
    const answer = await said(fake, whole);
    fake.act.redeliver(message);
    fake.act.press(answer, 'otra');
    await until('the second answer', () => fake.world.standing(7).length === 2);
    const [pressed] = [...fake.world.delivered.keys()].slice(-1);
    fake.act.redeliver(pressed ?? 0);
    await wait(moment);
    expect(asked).toHaveLength(2);
    expect(fake.world.standing(7)).toHaveLength(2);
    expect(fake.violations).toEqual([]);
  });
});

describe('stopping', () => {
  it('lets answers end within the grace, and confirms what was received', async () => {
    const { fake, platform } = await start(slowSong(30));
    const update = fake.act.say('hola') ?? 0;
    await until('a draft', () => fake.world.chat(7).draft);
    await platform.stop(2_000);
    expect(fake.world.standing(7).map(({ text }) => text)).toEqual([finished]);
    expect(fake.polling.polls.at(-1)).toMatchObject({ offset: update + 1, timeout: 0 });
    expect(fake.polling.unconfirmed()).toBeUndefined();
  });
  it('ends what takes longer with an apology, without buttons, and takes in nothing new', async () => {
    const pending = pendingInMemory();
    const { fake, platform, asked } = await start(async function* () { yield { speaker: { id: 'a', name: 'A' } }; yield { buttons: [otra] }; yield { append: 'Érase una vez' }; await wait(60_000); }, { pending });
    fake.act.say('/verso', { chat: group });
    await said(fake, 'Érase', group);
    await platform.stop(30);
    const [message] = fake.world.standing(group);
    expect(message?.text).toMatch(/^A\nÉrase una vez\n\nMe han apagado/);
    expect(message?.keyboard).toEqual([]);
    expect(pending.open_.size).toBe(0);
    fake.act.say('/verso', { chat: group });
    await wait(moment);
    expect(asked).toHaveLength(1);
    expect(fake.violations).toEqual([]);
  });
});

describe('after a crash', () => {
  it('the next start ends each unfinished answer with an apology, once, where it stood', async () => {
    const pending = pendingInMemory();
    const crashed = await start(async function* () { yield { speaker: { id: 'a', name: 'A' } }; yield { append: 'Érase' }; await wait(60_000); }, { pending });
    const { fake } = crashed;
    fake.act.say('/verso', { chat: group });
    fake.act.say('hola', { from: { id: 8, language_code: 'en' } });
    await until('its place is known', () => [...pending.open_.values()].some((place) => place.includes('"message"')));
    await until('the other one’s draft', () => fake.world.chat(8).draft);
    const left = new Map(pending.open_); // what the database would still hold
    await crashed.platform.stop(0);
    fake.world.said.forEach((one) => { one.text = one.chat === group ? 'A\nÉrase' : one.text; });
    fake.world.said.splice(0, fake.world.said.length, ...fake.world.said.filter(({ chat }) => chat === group));
    const next = pendingInMemory();
    left.forEach((place, delivery) => next.open_.set(delivery, place));
    await start(song, { fake, pending: next });
    await said(fake, 'Me han apagado', group);
    await said(fake, 'I was switched off', 8);
    await until('nothing is pending', () => next.open_.size === 0);
    expect(fake.world.standing(group).map(({ text }) => text)).toEqual(['Me han apagado a mitad de esta respuesta. Pídemela otra vez, por favor.']);
    expect(JSON.stringify([...left])).not.toMatch(/Érase|hola/);
    expect(fake.violations).toEqual([]);
  });
  it('what was asked while the bot was away is answered, without an apology', async () => {
    const fake = await openFake();
    fake.act.say('/verso', { chat: group });
    await start(slowSong(20), { fake });
    await until('the whole', () => fake.world.standing(group)[0]?.text === finished);
    expect(fake.world.standing(group)).toHaveLength(1);
  });
  it('an apology that cannot be given is let go', async () => {
    const pending = pendingInMemory();
    await pending.open('telegram:1', JSON.stringify({ chat: -9, language: 'es', message: 5 }));
    await pending.open('telegram:2', JSON.stringify({ chat: 7, language: 'es' }));
    const fake = await openFake();
    fake.world.chat(-9).isClosed = true;
    fake.world.chat(7);
    await start(song, { fake, pending });
    await said(fake, 'Me han apagado');
    await until('nothing is pending', () => pending.open_.size === 0);
  });
});

describe('a setting that is wrong', () => {
  it('a token that Telegram does not know: the setting is named, never its value', async () => {
    const { platform } = await prepare(song, { token: '42:AAwrong_canary_token_xxxxxxxx' });
    const cause = await platform.listen().then(() => undefined, (error: unknown) => error);
    expect(cause).toBeInstanceOf(SetupError);
    expect(String(cause)).toMatch(/TELEGRAM_TOKEN/);
    expect(String((cause as Error).stack)).not.toMatch(/canary/);
  });
  it('another program that receives the updates (409): it ends, saying so', async () => {
    const { fake, failures, platform } = await start(song);
    fake.polling.contest();
    await until('it ends', () => failures[0]);
    expect(failures[0]).toBeInstanceOf(SetupError);
    expect(failures[0]).toMatchObject({ status: 3, message: expect.stringMatching(/TELEGRAM_TOKEN.*another program/) });
    expect(platform.state()).toBe('stopped');
  });
  it('the same at the start: listening is refused', async () => {
    const fake = await openFake();
    fake.polling.contest();
    const { platform, failures } = await prepare(song, { fake });
    await expect(platform.listen()).rejects.toThrow(/another program/);
    expect(failures).toEqual([]);
  });
});

describe('the token and people’s words', () => {
  const lines: string[] = [];
  afterEach(() => { lines.length = 0; vi.restoreAllMocks(); });
  it('never reach the log, whatever breaks', async () => {
    const fake = await openFake();
    const printed = [vi.spyOn(console, 'error'), vi.spyOn(console, 'log'), vi.spyOn(console, 'warn')];
    const { asked } = await start(async function* (incoming) { yield { append: 'palabras del bot' }; if (incoming.kind === 'mention' && incoming.text === 'mi secreto') throw new Error('roto'); }, { fake, log: createLog('debug', createRedactor([fake.token]), (line) => { lines.push(line); }), pace: { retry: 1 } });
    for (const method of ['getUpdates', 'sendMessage', 'sendMessageDraft', 'sendChatAction']) { fake.fail(method, { times: 4 }); fake.fail(method, { status: 500, times: 2 }); }
    fake.act.say('mi secreto');
    fake.act.say('otro secreto');
    await until('both were heard', () => asked.length === 2);
    await until('something was logged', () => lines.some((line) => line.includes('an answer could not be shown')));
    expect(lines.join('')).not.toMatch(/canary|secreto|palabras/);
    expect(printed.flatMap(({ mock }) => mock.calls)).toEqual([]);
  });
});

describe('doctor’s question', () => {
  it('tells whether the token is good, where the bot is and what it can see', async () => {
    const fake = await openFake({ isInlineOn: false });
    expect(await checkTelegram(fake.token, fake.apiRoot)).toEqual({ isValid: true, username: 'persona_bot', link: 'https://t.me/persona_bot', groupLink: 'https://t.me/persona_bot?startgroup=hola', isPrivacyOn: true, isInlineOn: false });
    expect(await checkTelegram('42:AAwrong_canary', fake.apiRoot)).toMatchObject({ isValid: false, reason: expect.stringMatching(/^TELEGRAM_TOKEN: (?!.*canary)/) });
    expect(await checkTelegram(fake.token, 'http://127.0.0.1:1')).toMatchObject({ isValid: false, reason: expect.stringMatching(/^TELEGRAM_API_ROOT: (?!.*canary)/) });
  });
});
