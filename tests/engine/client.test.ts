/** The engine as the bot sees it, over a process without a model: places, fairness, cancelling, deaths. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createEngine, type ClientOptions } from '../../src/engine/client.ts';
import type { Event, Request } from '../../src/engine/protocol.ts';
import { UserError } from '../../src/errors.ts';
import { request } from '../fakes/decoder.ts';

const entry = new URL('../../dist/tests/fakes/engine.js', import.meta.url);
type Engine = ReturnType<typeof createEngine>;
const engines: Engine[] = [];
function start(changes: Partial<ClientOptions> = {}) {
  const engine = createEngine({ device: 'auto', memory: 1e9, threads: 1, cache: '/none', rows: 2, queueLimit: 10, entry, ...changes });
  engines.push(engine);
  return engine;
}
afterEach(async () => { await Promise.all(engines.splice(0).map((engine) => engine.stop())); });

/** Reads all events; `each` is told of them as they come. */
async function ask(engine: Engine, asked: Request, key = 'a', each: (event: Event) => void = () => undefined, signal?: AbortSignal): Promise<Event[]> {
  const all: Event[] = [];
  for await (const event of engine.generate(asked, { key, ...(signal ? { signal } : {}) })) { all.push(event); each(event); }
  return all;
}
const textOf = (events: readonly Event[]): string => events.map((event) => (event.type === 'words' ? event.text : '')).join('');
const kill = (engine: Engine): void => { process.kill(engine.pid() ?? NaN, 'SIGKILL'); };

/** Sampled, so that only the same seed gives the same text. */
const sampled = (id: string, text = 'abc', maxNew = 30): Request => request(id, text, { temperature: 1, minNew: maxNew, maxNew }, 42);
/** A prompt that takes 40 steps to read beside another row. */
const slowPrompt = 'ab'.repeat(2500);

describe('an answer', () => {
  it('starts, comes in words, and ends', async () => {
    const events = await ask(start(), request('one', 'abc', { maxNew: 5 }));
    expect(events.filter(({ type }) => type !== 'place').map(({ type }) => type)).toEqual(['started', 'words', 'words', 'words', 'words', 'words', 'end']);
    expect(textOf(events)).toBe('defgh');
    expect(events.at(-1)).toMatchObject({ finish: 'length', tokens: 5, dropped: 0 });
  });
  it('that cannot be, says which part of the setup is wrong, and others go on', async () => {
    const engine = start();
    const other = ask(engine, request('other', 'a'));
    expect((await ask(engine, { ...request('one', 'abc'), voice: { base: '/missing' } })).at(-1)).toEqual({ type: 'failed', kind: 'setup', message: 'expected a model folder at /missing, found none' });
    expect((await other).at(-1)).toMatchObject({ type: 'end' });
  });
});

describe('waiting', () => {
  it('is told its place whenever that changes, and chats are served by turns', async () => {
    const engine = start({ rows: 1 });
    const finished: string[] = [];
    const places: Record<string, number[]> = {};
    const one = (name: string): Promise<Event[]> => ask(engine, request(name, 'a', { maxNew: 5 }), name[0], (event) => {
      if (event.type === 'place') (places[name] ??= []).push(event.place);
      if (event.type === 'end') finished.push(name);
    });
    await Promise.all(['a1', 'a2', 'a3', 'b1', 'c1'].map(one));
    expect(finished).toEqual(['a1', 'b1', 'c1', 'a2', 'a3']);
    expect(places['a3']).toEqual([3, 4, 5, 4, 3, 2, 1]); // back when other chats come in, forward as they are served
    expect(places['c1']).toEqual([3, 2, 1]);
  });
  it('is refused at once when the queue is full, with how many wait and when to come back', async () => {
    const engine = start({ rows: 1, queueLimit: 2 });
    const running = ask(engine, request('0', 'a', { maxNew: 100 }), 'x', (event) => { if (event.type === 'started') void fill(); });
    let refusal: unknown;
    const waiting: Promise<Event[]>[] = [];
    const fill = async (): Promise<void> => {
      waiting.push(ask(engine, request('1', 'a')), ask(engine, request('2', 'a')));
      try { engine.generate(request('3', 'a'), { key: 'b' }); } catch (cause) { refusal = cause; }
    };
    await running;
    await Promise.all(waiting);
    expect(refusal).toBeInstanceOf(UserError);
    expect((refusal as UserError).words.es).toMatch(/^Ahora mismo hay 2 peticiones esperando.*unos \d+ segundos/);
    expect((refusal as UserError).words.en).toMatch(/^There are 2 requests waiting.*about \d+ seconds/);
  });
  it('counts the rows of several candidates', async () => {
    const engine = start({ rows: 3 });
    let atOnce = 0;
    const two = (name: string): Promise<Event[]> => ask(engine, request(name, 'a', { candidates: 2, temperature: 1, maxNew: 20 }), name, (event) => { if (event.type === 'started') void engine.status().then(({ running }) => { atOnce = Math.max(atOnce, running); }); });
    const all = await Promise.all(['a', 'b', 'c'].map(two));
    expect(atOnce).toBe(1);
    expect(all.map((events) => events.at(-1)?.type)).toEqual(['end', 'end', 'end']);
  });
});

describe('calling off', () => {
  it('ends a text in the middle, and its row serves the next', async () => {
    const engine = start({ rows: 1 });
    const stop = new AbortController();
    const events = await ask(engine, request('one', 'a', { maxNew: 10_000 }), 'a', (event) => { if (event.type === 'words' && event.tokens === 5) stop.abort(); }, stop.signal);
    expect(events.at(-1)).toMatchObject({ type: 'end', finish: 'cancel' });
    expect(textOf(await ask(engine, request('two', 'a', { maxNew: 3 })))).toBe('bcd');
  });
  it('ends waiting, before and after the fact', async () => {
    const engine = start({ rows: 1 });
    const stop = new AbortController();
    const running = ask(engine, request('one', 'a', { maxNew: 200 }), 'a', (event) => { if (event.type === 'started') stop.abort(); });
    const waiting = await ask(engine, request('two', 'a'), 'b', undefined, stop.signal);
    expect(waiting.at(-1)).toMatchObject({ type: 'end', finish: 'cancel', tokens: 0 });
    expect((await ask(engine, request('three', 'a'), 'c', undefined, AbortSignal.abort())).at(-1)).toMatchObject({ finish: 'cancel' });
    expect((await running).at(-1)).toMatchObject({ finish: 'length', tokens: 200 });
  });
  it('happens when nobody reads on', async () => {
    const engine = start({ rows: 1 });
    for await (const event of engine.generate(request('one', 'a', { maxNew: 100_000 }), { key: 'a' })) if (event.type === 'words') break;
    expect(textOf(await ask(engine, request('two', 'a', { maxNew: 3 })))).toBe('bcd');
  });
});

describe('when the engine dies', () => {
  it('what had said nothing is written again, to the same words', async () => {
    const expected = textOf(await ask(start(), sampled('one', slowPrompt)));
    expect(expected).toHaveLength(30);
    const warnings: string[] = [];
    const engine = start({ warn: (message) => { warnings.push(message); } });
    const beside = ask(engine, request('beside', 'a', { maxNew: 1000 }), 'b');
    let deaths = 0;
    const events = await ask(engine, sampled('one', slowPrompt), 'a', (event) => { if (event.type === 'started' && deaths++ === 0) kill(engine); });
    expect(events.filter(({ type }) => type === 'started')).toHaveLength(2);
    expect(textOf(events)).toBe(expected);
    expect(warnings).toEqual(['the engine died and comes back']);
    await beside;
    expect((await engine.status()).restarts).toBe(1);
  });
  it('what had begun to speak ends, and what waits is served afterwards', async () => {
    const engine = start({ rows: 1 });
    const waiting = ask(engine, request('two', 'a', { maxNew: 3 }), 'b');
    const events = await ask(engine, request('one', 'a', { maxNew: 10_000 }), 'a', (event) => { if (event.type === 'words' && event.tokens === 3) kill(engine); });
    expect(events.at(-1)).toEqual({ type: 'failed', kind: 'engine', message: 'the engine died' });
    expect(textOf(await waiting)).toBe('bcd');
  });
  it('of one request again and again, that request is given up', async () => {
    const engine = start();
    const events = await ask(engine, sampled('one', slowPrompt), 'a', (event) => { if (event.type === 'started') kill(engine); });
    expect(events.map(({ type }) => type).filter((type) => type !== 'place')).toEqual(['started', 'started', 'started', 'failed']);
    expect(textOf(await ask(engine, request('two', 'a', { maxNew: 3 })))).toBe('bcd');
  });
  it('because it hangs, it is killed and comes back', async () => {
    const engine = start({ patience: 1500 });
    const expected = textOf(await ask(engine, sampled('before', slowPrompt)));
    let isFirst = true;
    const events = await ask(engine, sampled('one', slowPrompt), 'a', (event) => { if (event.type === 'started' && isFirst) { isFirst = false; process.kill(engine.pid() ?? NaN, 'SIGSTOP'); } });
    expect(textOf(events)).toBe(expected);
    expect((await engine.status()).restarts).toBe(1);
  });
  it('before it is ready, time and again, nobody is kept waiting for it', async () => {
    const engine = start({ device: 'webgpu' });
    const last = (await ask(engine, request('one', 'a'))).at(-1);
    expect(last).toMatchObject({ type: 'failed', kind: 'engine', message: expect.stringContaining('a library is missing') as string });
    expect(await engine.status()).toMatchObject({ state: 'restarting', queued: 0, restarts: 3 });
  });
  it('because it cannot work here, everyone is told, and it is not started again', async () => {
    const engine = start({ device: 'cuda' });
    expect((await ask(engine, request('one', 'a'))).at(-1)).toEqual({ type: 'failed', kind: 'setup', message: 'DEVICE=cuda does not work here' });
    expect(() => engine.generate(request('two', 'a'), { key: 'a' })).toThrow(UserError);
    expect(await engine.status()).toMatchObject({ state: 'stopped', restarts: 0 });
  });
});

describe('the state', () => {
  it('tells device, texts at work and waiting, speed and bases', async () => {
    const engine = start({ rows: 1 });
    expect((await engine.status()).state).toBe('starting');
    const seen: Awaited<ReturnType<Engine['status']>>[] = [];
    const first = ask(engine, request('one', 'a', { maxNew: 60 }), 'a', (event) => { if (event.type === 'words') void engine.status().then((status) => seen.push(status)); });
    await Promise.all([first, ask(engine, request('two', 'a'), 'b')]);
    expect(seen[0]).toMatchObject({ state: 'ready', device: 'cpu', deviceReason: 'it is a fake', running: 1, queued: 1, capacity: 10, restarts: 0 });
    expect(seen.at(-1)?.tokensPerSecond).toBeGreaterThan(0);
    expect(seen.at(-1)?.bases).toEqual([{ folder: '/base', parameters: 1, window: Infinity }]);
  });
});

describe('stopping', () => {
  it('ends the process between two steps, and every answer', async () => {
    const engine = start({ rows: 1 });
    const [running, waiting] = [ask(engine, request('one', 'a', { maxNew: 100_000 })), ask(engine, request('two', 'a'))];
    await pause(200);
    const pid = engine.pid() ?? NaN;
    await engine.stop();
    expect(() => process.kill(pid, 0)).toThrow();
    expect([(await running).at(-1), (await waiting).at(-1)]).toMatchObject([{ finish: 'cancel' }, { finish: 'cancel' }]);
  });
});
