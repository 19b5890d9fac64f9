/** The shipped base through the whole engine: chance belongs to the request, and no text depends on who else is being written. */
import { resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Batch } from '../../src/engine/batch.ts';
import { openDecoder } from '../../src/engine/decode.ts';
import type { Request } from '../../src/engine/protocol.ts';
import { openTokenizer } from '../../src/engine/tokenizer.ts';
import { listener } from '../fakes/decoder.ts';

const folder = resolve('models/base');
const decoder = await openDecoder(folder, { device: 'cpu', cache: 'models/cache', threads: 2 });
const tokenizer = await openTokenizer(folder);
afterAll(() => decoder.release());

const openings = ['En un lugar de la Mancha', 'Aquí me pongo a cantar', 'Yo soy aquel que ayer no más decía', 'La noche', 'Dijo el hombre a su caballo que no había de ir más lejos aquel día, porque'];
const personas = [undefined, 'martin_fierro', 'quijote', 'dario'];
/** Different lengths of prompt, different voices, every setting in use. */
function request(seed: number): Request {
  const adapter = personas[seed % personas.length];
  return {
    id: `${seed}`, seed, prompt: [{ control: '<|startoftext|>' }, { text: openings[seed % openings.length] ?? '' }],
    voice: { base: folder, ...(adapter ? { adapter: resolve('models/adapters', adapter, 'shipped') } : {}) },
    sampling: { temperature: 0.9, topK: seed % 3 === 0 ? 0 : 50, topP: 0.95, minP: 0, repetitionPenalty: 1.1, noRepeatNgram: 4, minNew: 64, maxNew: 64, stop: [], candidates: 1 },
  };
}

async function write(seeds: readonly number[], stepsBetween: number): Promise<string[]> {
  const heard = listener();
  const batch = new Batch(decoder, tokenizer, heard.tell);
  for (const seed of seeds) {
    await batch.add(request(seed));
    for (let step = 0; step < stepsBetween; step++) await batch.step();
  }
  while (batch.rows > 0) await batch.step();
  return seeds.map((seed) => heard.text(`${seed}`));
}

describe('a hundred seeds', () => {
  const seeds = Array.from({ length: 100 }, (_, seed) => seed);
  it('say the same alone and among others that join and leave at every second step', async () => {
    const together = await write(seeds, 2);
    const alone: string[] = [];
    for (const seed of seeds) alone.push(...await write([seed], 0));
    expect(together).toEqual(alone);
    expect(new Set(alone).size).toBe(100);
    expect(Math.min(...alone.map(({ length }) => length))).toBeGreaterThan(64);
  });
  it('see the same logits alone and together, within 1e-4', async () => {
    const prompts = seeds.slice(0, 32).map((seed) => tokenizer.encode(`${openings[seed % openings.length] ?? ''} ${seed}`));
    const rows = prompts.map(() => decoder.open());
    const together = (await decoder.step(rows.map((row, index) => ({ row, tokens: prompts[index] ?? [] })))).map((logits) => logits.slice());
    rows.forEach((row) => decoder.close(row));
    let furthest = 0;
    for (const [index, tokens] of prompts.entries()) {
      const row = decoder.open();
      const [alone = new Float32Array(0)] = await decoder.step([{ row, tokens }]);
      alone.forEach((value, id) => { furthest = Math.max(furthest, Math.abs(value - (together[index]?.[id] ?? NaN))); });
      decoder.close(row);
    }
    expect(furthest).toBeLessThan(1e-4);
  });
});
