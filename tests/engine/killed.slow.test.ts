/** The real engine process, killed in the middle: what had said nothing is written again to the same words, what had spoken ends, what waits is served. */
import { fork } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/client.ts';
import type { Event, Request } from '../../src/engine/protocol.ts';

const base = resolve('models/base');
type Engine = ReturnType<typeof createEngine>;
const engines: Engine[] = [];
function start(rows = 8, warn: (message: string, facts?: object) => void = () => undefined): Engine {
  const engine = createEngine({ device: 'cpu', memory: 1e9, threads: 2, cache: resolve('models/cache'), rows, queueLimit: 50, warn });
  engines.push(engine);
  return engine;
}
afterEach(async () => { await Promise.all(engines.splice(0).map((engine) => engine.stop())); });

const request = (seed: number, maxNew = 48): Request => ({
  id: `${seed}`, seed, voice: { base, adapter: resolve('models/adapters/martin_fierro/shipped') }, prompt: [{ text: 'La pampa y la noche. '.repeat(10) }],
  sampling: { temperature: 0.9, topK: 50, topP: 0.95, minP: 0, repetitionPenalty: 1.1, noRepeatNgram: 0, minNew: maxNew, maxNew, stop: [], candidates: 1 },
});
async function ask(engine: Engine, asked: Request, each: (event: Event) => void = () => undefined): Promise<Event[]> {
  const all: Event[] = [];
  for await (const event of engine.generate(asked, { key: asked.id })) { all.push(event); each(event); }
  return all;
}
const textOf = (events: readonly Event[]): string => events.map((event) => (event.type === 'words' ? event.text : '')).join('');
const kill = (engine: Engine): void => { process.kill(engine.pid() ?? NaN, 'SIGKILL'); };

describe('killed', () => {
  it('before the first word, it says after all what it would have said', async () => {
    const engine = start();
    const ofThree = { ...request(1), sampling: { ...request(1).sampling, candidates: 3 } }; // silent until the choice
    const expected = textOf(await ask(engine, ofThree));
    let starts = 0;
    const events = await ask(engine, ofThree, (event) => { if (event.type === 'started' && starts++ === 0) kill(engine); });
    expect(starts).toBe(2);
    expect(textOf(events)).toBe(expected);
    expect(expected.length).toBeGreaterThan(50);
  });
  it('while four speak and eight wait, the four end, and the eight are served in full', async () => {
    const expected = await Promise.all([5, 6, 7, 8, 9, 10, 11, 12].map((seed) => ask(start(), request(seed)).then(textOf)));
    const engine = start(4);
    let spoken = 0;
    const all = await Promise.all(Array.from({ length: 12 }, (_, index) => ask(engine, request(index + 1, index < 4 ? 2000 : 48), (event) => { if (event.type === 'words' && event.tokens === 1 && ++spoken === 4) kill(engine); })));
    expect(all.slice(0, 4).map((events) => events.at(-1))).toEqual(Array.from({ length: 4 }, () => ({ type: 'failed', kind: 'engine', message: 'the engine died' })));
    expect(all.slice(4).map(textOf)).toEqual(expected);
    expect((await engine.status()).restarts).toBe(1);
  });
  it('five times in a row, it comes back ever later and still speaks', async () => {
    const delays: unknown[] = [];
    const engine = start(8, (_, facts) => { delays.push((facts as { delay: number }).delay); });
    for (let death = 0; death < 5; death++) {
      expect((await ask(engine, request(death, 2))).at(-1)).toMatchObject({ type: 'end', tokens: 2 });
      kill(engine);
      while (delays.length <= death) await pause(5);
    }
    expect(delays).toEqual([200, 400, 800, 1600, 3200]);
  });
  it('with the bot, it goes as well', async () => {
    const child = fork(new URL('../../dist/src/engine/process.js', import.meta.url), [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    const isReady = new Promise((done) => child.once('message', done));
    child.send({ type: 'options', options: { device: 'cpu', memory: 1e9, threads: 1, cache: resolve('models/cache') } });
    await isReady;
    child.send({ type: 'request', request: request(1, 1000) });
    await new Promise((done) => child.once('message', done));
    const isGone = new Promise((done) => child.once('exit', (code, signal) => done([code, signal])));
    child.disconnect();
    expect(await isGone).toEqual([0, null]);
  });
});
