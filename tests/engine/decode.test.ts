/** Rows that come, go and wait: each is what it would be alone, whatever happens beside it. */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openDecoder } from '../../src/engine/decode.ts';
import type { Adapter, Decoder, Row } from '../../src/engine/decoder.ts';
import { randomAdapter } from '../../scripts/oracle/adapter.ts';
import { noise, scratch } from '../folders.ts';

const open = async (name: string): Promise<Decoder> => openDecoder(`tests/golden/${name}`, { device: 'cpu', cache: await scratch(), threads: 1 });
const tokens = (seed: number, length: number): number[] => Array.from(noise(seed)(length, 48), (value) => Math.floor(Math.abs(value)));
const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number => Math.max(...Array.from(a, (value, index) => Math.abs(value - (b[index] ?? NaN))));

async function alone(decoder: Decoder, ids: readonly number[], adapter?: Adapter): Promise<Float32Array> {
  const row = decoder.open(adapter);
  const [logits = new Float32Array(0)] = await decoder.step([{ row, tokens: [...ids] }]);
  decoder.close(row);
  return logits.slice();
}

it.each(['gpt2', 'bloom'])('%s: rows of different lengths and voices join late, sit by and leave', async (name) => {
  const decoder = await open(name);
  const voices = [undefined, await decoder.adapter(`tests/golden/${name}/adapter`), await decoder.adapter(await randomAdapter(`tests/golden/${name}/adapter`))];
  const texts = Array.from({ length: 9 }, (_, index) => tokens(index + 1, 12 + 3 * index));
  const rows: { row: Row; text: number[]; voice: Adapter | undefined }[] = [];
  for (let time = 0; time < 60; time++) {
    const next = texts[rows.length];
    if (time % 3 === 0 && next) rows.push({ row: decoder.open(voices[rows.length % 3]), text: next, voice: voices[rows.length % 3] });
    const active = rows.filter(({ row, text }, index) => row.length < text.length && (time + index) % 4 !== 0); // some sit by
    if (active.length === 0) continue;
    const logits = await decoder.step(active.map(({ row, text }) => ({ row, tokens: text.slice(row.length, row.length + 1 + (row.length % 5)) })));
    for (const [index, { row, text, voice }] of active.entries()) {
      if (row.length % 7 === 0 || row.length === text.length) expect(apart(logits[index] ?? [], await aloneIn(name, text.slice(0, row.length), voice))).toBeLessThan(1e-4);
      if (row.length === text.length) decoder.close(row);
    }
  }
  expect(rows.every(({ row, text }) => row.length === text.length)).toBe(true);
  await decoder.release();
});

const others = new Map<string, Promise<Decoder>>();
/** In a decoder of its own, so that nothing of the other can help it. */
async function aloneIn(name: string, ids: readonly number[], voice: Adapter | undefined): Promise<Float32Array> {
  const other = others.get(name) ?? open(name);
  others.set(name, other);
  const decoder = await other;
  return alone(decoder, ids, voice && (await decoder.adapter(voice.folder)));
}

it('a prompt longer than one run is computed in parts that add up', async () => {
  const decoder = await openDecoder('models/base', { device: 'cpu', cache: await scratch(), threads: 2 });
  const ids = Array.from(noise(5)(300, 4000), (value) => Math.floor(Math.abs(value)));
  const whole = await alone(decoder, ids);
  const row = decoder.open();
  let logits: Float32Array = new Float32Array(0);
  for (let at = 0; at < ids.length; at += 37) logits = (await decoder.step([{ row, tokens: ids.slice(at, at + 37) }]))[0] ?? logits;
  expect(apart(whole, logits)).toBeLessThan(1e-4);
  await decoder.release();
});

it('more tokens than the window holds are refused by name', async () => {
  const decoder = await open('gpt2');
  const row = decoder.open();
  await expect(decoder.step([{ row, tokens: tokens(1, 49) }])).rejects.toThrow('a row takes 1 to 48 more tokens, got 49');
  await decoder.release();
});

it('200 adapters stay within the memory they are given, and each still speaks', async () => {
  const decoder = await openDecoder('tests/golden/gpt2', { device: 'cpu', cache: await scratch(), threads: 1, adapterMemory: 200_000 });
  const folders = await Promise.all(Array.from({ length: 20 }, (_, seed) => randomAdapter('tests/golden/gpt2/adapter', seed + 1)));
  const first = await alone(decoder, [1, 2, 3], await decoder.adapter(folders[0] ?? ''));
  for (let round = 0; round < 10; round++) for (const folder of folders) await decoder.adapter(folder);
  expect(apart(first, await alone(decoder, [1, 2, 3], await decoder.adapter(folders[0] ?? '')))).toBe(0);
  await decoder.release();
});

it('weights that do not fit their config.json are named', async () => {
  const folder = await scratch();
  for (const name of ['config.json', 'model.safetensors']) await copyFile(`tests/golden/gpt2/${name}`, join(folder, name));
  const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as object;
  const hear = async (changed: object): Promise<unknown> => {
    await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, ...changed }));
    const decoder = await openDecoder(folder, { device: 'cpu', cache: await scratch(), threads: 1 });
    return decoder.step([{ row: decoder.open(), tokens: [1] }]);
  };
  await expect(hear({ n_layer: 3 })).rejects.toThrow('the weights lack transformer.h.2.ln_1.weight');
  await expect(hear({ n_positions: 64 })).rejects.toThrow('transformer.wpe.weight is [48, 32], config.json says [64, 32]');
});
