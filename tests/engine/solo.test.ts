/** Texts by a stand-alone export: one after another, by the same sampler, called off and failing one by one. */
import { describe, expect, it } from 'vitest';
import { Batch } from '../../src/engine/batch.ts';
import { Solo } from '../../src/engine/solo.ts';
import type { Standalone } from '../../src/engine/standalone.ts';
import { alphabet, end, fakeDecoder, listener, request, tokenizer } from '../fakes/decoder.ts';

const next = (tokens: readonly number[]): number => ((tokens.at(-1) ?? 0) + 1) % 13;

/** An export that computes what the fake decoder computes; a prompt that begins with `.` breaks it. */
function fakeStandalone() {
  let atOnce = 0;
  const state = { most: 0 };
  const standalone: Standalone = {
    window: 64, vocabulary: alphabet.length, end: [end],
    async generate(prompt, choose) {
      state.most = Math.max(state.most, ++atOnce);
      const decoder = fakeDecoder(next, { sharpness: 3 });
      const row = decoder.open();
      for (let fed: readonly number[] | undefined = prompt; fed;) {
        if (prompt[0] === alphabet.indexOf('.')) { atOnce--; throw new Error('the export is broken'); }
        const [logits = new Float32Array(0)] = await decoder.step([{ row, tokens: fed }]);
        await new Promise((done) => { setImmediate(done); });
        const id = choose(logits);
        fed = id === undefined || row.length >= 64 ? undefined : [id];
      }
      atOnce--;
    },
    release: async () => undefined,
  };
  return { standalone, state };
}
function start() {
  const heard = listener();
  const { standalone, state } = fakeStandalone();
  return { heard, state, solo: new Solo(standalone, tokenizer, heard.tell) };
}
const run = async (solo: Solo): Promise<void> => { while (solo.rows > 0) await solo.step(); };
const sampled = { temperature: 1, minNew: 12, maxNew: 12 };

describe('a stand-alone export', () => {
  it('says with a seed what a batch says with it', async () => {
    const { heard, solo } = start();
    const among = listener();
    const batch = new Batch(fakeDecoder(next, { sharpness: 3 }), tokenizer, among.tell);
    for (let seed = 0; seed < 5; seed++) { await solo.add(request(`${seed}`, 'abc', sampled, seed)); await batch.add(request(`${seed}`, 'abc', sampled, seed)); }
    await run(solo);
    while (batch.rows > 0) await batch.step();
    const texts = (from: typeof heard): string[] => [0, 1, 2, 3, 4].map((seed) => from.text(`${seed}`));
    expect(texts(heard)).toEqual(texts(among));
    expect(new Set(texts(heard)).size).toBe(5);
  });
  it('writes one text at a time', async () => {
    const { solo, state } = start();
    for (const name of ['a', 'b', 'c']) await solo.add(request(name, 'a'));
    await run(solo);
    expect(state.most).toBe(1);
  });
  it('steps token by token, so that what is called off ends at the next one', async () => {
    const { heard, solo } = start();
    await solo.add(request('one', 'a', { maxNew: 50 }));
    await solo.add(request('waiting', 'a'));
    await solo.add(request('after', 'a', { temperature: 0, maxNew: 3 }));
    for (let step = 0; step < 5; step++) await solo.step();
    solo.cancel('one');
    solo.cancel('waiting');
    await run(solo);
    expect(heard.last('one')).toMatchObject({ finish: 'cancel', tokens: 5 });
    expect(heard.of('waiting')).toEqual([{ type: 'end', finish: 'cancel', tokens: 0, milliseconds: 0, dropped: 0 }]);
    expect(heard.text('after')).toHaveLength(3);
  });
  it('that breaks fails the text at work; those that wait have their turn', async () => {
    const { heard, solo } = start();
    await solo.add(request('broken', '.a'));
    await solo.add(request('whole', 'a', { maxNew: 3 }));
    await run(solo);
    expect(heard.last('broken')).toEqual({ type: 'failed', kind: 'engine', message: 'the export is broken' });
    expect(heard.last('whole')).toMatchObject({ type: 'end', tokens: 3 });
  });
});
