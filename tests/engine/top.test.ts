/** Choosing from the largest logits alone: never another token than choosing from all, and silence where the list cannot tell. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDecoder } from '../../src/engine/decode.ts';
import type { Top } from '../../src/engine/decoder.ts';
import type { Sampling } from '../../src/engine/protocol.ts';
import { choose, type Choice } from '../../src/engine/sample.ts';
import { chooseTop } from '../../src/engine/top.ts';
import { noise, scratch, writeSafetensors, type Values } from '../folders.ts';

const usual: Sampling = { temperature: 0.8, topK: 50, topP: 0.95, minP: 0, repetitionPenalty: 1, noRepeatNgram: 0, minNew: 0, maxNew: 10, stop: [], candidates: 1 };
const choiceOf = (sampling: Partial<Sampling>, seed: number, history: number[] = []): Choice => ({ sampling: { ...usual, ...sampling }, seed, history: { ids: history, distinct: new Set(history) }, written: seed % 5, end: [3], banned: [1, 2, 3] });
function topOf(logits: Float32Array, count = 128): Top {
  const ids = Array.from(logits.keys()).sort((a, b) => (logits[b] as number) - (logits[a] as number) || a - b).slice(0, count);
  return { values: Float32Array.from(ids, (id) => logits[id] as number), ids: Float32Array.from(ids) };
}

describe('a choice from the top', () => {
  it.each<[string, Partial<Sampling>]>([
    ['usual settings', {}], ['greedy', { temperature: 0 }], ['a penalty', { repetitionPenalty: 1.3 }], ['no run twice', { noRepeatNgram: 2 }], ['min-p', { minP: 0.1, topP: 1 }], ['an end not yet allowed', { minNew: 9 }], ['a hundred', { topK: 100, temperature: 2 }],
  ])('is the choice from all, with %s', (_, sampling) => {
    let told = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const logits = noise(seed)(3000, 6);
      const choice = choiceOf(sampling, seed, Array.from(noise(seed + 999)(60, 2999), (value) => Math.floor(Math.abs(value))));
      const quick = chooseTop(topOf(logits), choice);
      if (quick === undefined) continue;
      told++;
      expect(quick).toBe(choose(logits.slice(), choice));
    }
    expect(told).toBeGreaterThan(290);
  });
  it('is not made where the list cannot tell: without top-k, or when too many of it are lowered', () => {
    const logits = noise(1)(3000, 6);
    expect(chooseTop(topOf(logits), choiceOf({ topK: 0 }, 1))).toBeUndefined();
    expect(chooseTop(topOf(logits), choiceOf({ topK: 200 }, 1))).toBeUndefined();
    expect(chooseTop(topOf(logits), choiceOf({ repetitionPenalty: 2 }, 1, Array.from(topOf(logits).ids).slice(0, 90)))).toBeUndefined();
  });
});

it('a decoder of a large vocabulary ranks it truly, and tells all of it when asked', async () => {
  const folder = await scratch();
  const random = noise(4);
  const values = (size: number, ...shape: number[]): Values => ({ values: random(shape.reduce((all, one) => all * one, 1), size), shape });
  const linear = (name: string, inside: number, outside: number): [string, Values][] => [[`${name}.weight`, values(0.4, inside, outside)], [`${name}.bias`, values(0.1, outside)]];
  const norm = (name: string): [string, Values][] => [[`${name}.weight`, values(1, 16)], [`${name}.bias`, values(0.1, 16)]];
  await writeFile(join(folder, 'config.json'), JSON.stringify({ model_type: 'gpt2', n_layer: 1, n_head: 2, n_embd: 16, n_positions: 32, vocab_size: 20_000, eos_token_id: 0 }));
  await writeSafetensors(join(folder, 'model.safetensors'), new Map([['wte.weight', values(1, 20_000, 16)], ['wpe.weight', values(0.3, 32, 16)], ...norm('h.0.ln_1'), ...linear('h.0.attn.c_attn', 16, 48), ...linear('h.0.attn.c_proj', 16, 16), ...norm('h.0.ln_2'), ...linear('h.0.mlp.c_fc', 16, 64), ...linear('h.0.mlp.c_proj', 64, 16), ...norm('ln_f')]));
  const decoder = await openDecoder(folder, { device: 'cpu', cache: await scratch(), threads: 1 });
  const rows = [decoder.open(), decoder.open()];
  const ranked = await decoder.rank?.(rows.map((row, index) => ({ row, tokens: [5 + index, 19_999, 7] }))) ?? [];
  for (const { top, whole } of ranked) {
    const logits = await whole();
    expect(logits).toHaveLength(20_000);
    const expected = topOf(logits);
    expect([...(top?.values ?? [])]).toEqual([...expected.values].map((value) => expect.closeTo(value, 4)));
    expect([...(top?.ids ?? [])].slice(0, 20)).toEqual([...expected.ids].slice(0, 20));
  }
  await decoder.release();
});
