/** Weights as folders of the field keep them, and files that must not be believed. */
import { copyFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openWeights, type Weights } from '../../src/model/weights.ts';
import { readBytes } from '../../src/model/safetensors.ts';
import { scratch, store, writeSafetensors } from '../folders.ts';
import { malicious, pickleOf, writeTorch, type Storage, type Stored } from '../torch.ts';

async function valuesOf(weights: Weights, name: string): Promise<number[]> {
  const place = weights.tensors.get(name);
  if (!place) throw new Error(`no ${name}`);
  return [...new Float32Array((await readBytes(place)).buffer)];
}
async function torchFolder(tensors: Record<string, Stored>, storages: Record<string, Storage>): Promise<string> {
  const folder = await scratch();
  await writeFile(join(folder, 'config.json'), '{"model_type":"gpt2"}');
  const kept = new Map(Object.entries(storages));
  await writeTorch(join(folder, 'pytorch_model.bin'), pickleOf(new Map(Object.entries(tensors)), kept), kept);
  return folder;
}
const float = (...values: number[]): Storage => ({ type: 'FloatStorage', bytes: store(Float32Array.from(values), 'F32'), count: values.length });
const open = async (folder: string): Promise<Weights> => openWeights(folder, { cache: await scratch() });

describe('safetensors', () => {
  it('in float32 are pointed to where they lie, and nothing is copied', async () => {
    const cache = join(await scratch(), 'cache');
    const weights = await openWeights('tests/golden/gpt2', { cache });
    expect([...new Set([...weights.tensors.values()].map(({ file }) => file))]).toEqual([resolve('tests/golden/gpt2/model.safetensors')]);
    await expect(stat(cache)).rejects.toThrow();
  });
  it('of two bytes an element are widened once, into a file that a second opening uses', async () => {
    const folder = await scratch();
    await writeFile(join(folder, 'config.json'), '{"model_type":"gpt2"}');
    await writeSafetensors(join(folder, 'model.safetensors'), new Map([['wte.weight', { values: Float32Array.of(1.5, -0.25, 65504, 2 ** -24), shape: [2, 2] }]]), 'F16');
    const cache = await scratch();
    const first = await openWeights(folder, { cache });
    expect(await valuesOf(first, 'transformer.wte.weight')).toEqual([1.5, -0.25, 65504, 2 ** -24]);
    const file = first.tensors.get('transformer.wte.weight')?.file ?? '';
    const before = (await stat(file)).mtimeMs;
    const second = await openWeights(folder, { cache });
    expect(second.tensors.get('transformer.wte.weight')?.file).toBe(file);
    expect((await stat(file)).mtimeMs).toBe(before);
  });
  it('cut short are refused by name', async () => {
    const folder = await scratch();
    for (const name of ['config.json', 'model.safetensors']) await copyFile(join('tests/golden/gpt2', name), join(folder, name));
    await truncate(join(folder, 'model.safetensors'), 60_000);
    await expect(open(folder)).rejects.toThrow(/is not a whole safetensors file.*download it again/);
  });
  it('missing, the folder says what was expected', async () => {
    const folder = await scratch();
    await writeFile(join(folder, 'config.json'), '{}');
    await expect(open(folder)).rejects.toThrow(/expected model.safetensors or pytorch_model.bin/);
  });
  it('an untied head is kept, a tied copy is not', async () => {
    const tensors = new Map([['transformer.wte.weight', { values: Float32Array.of(1, 2), shape: [2, 1] }], ['lm_head.weight', { values: Float32Array.of(3, 4), shape: [2, 1] }]]);
    for (const [config, isKept] of [[{ model_type: 'gpt2', tie_word_embeddings: false }, true], [{ model_type: 'gpt2' }, false]] as const) {
      const folder = await scratch();
      await writeFile(join(folder, 'config.json'), JSON.stringify(config));
      await writeSafetensors(join(folder, 'model.safetensors'), tensors);
      expect((await open(folder)).tensors.has('lm_head.weight')).toBe(isKept);
    }
  });
});

describe('pytorch_model.bin', () => {
  it.each(['gpt2', 'bloom'])('of the golden %s holds what its safetensors hold, without masks and with full names', async (name) => {
    const [bin, safe] = await Promise.all([open(`tests/golden/${name}-bin`), open(`tests/golden/${name}`)]);
    expect([...bin.tensors.keys()].sort()).toEqual([...safe.tensors.keys()].sort());
    for (const tensor of safe.tensors.keys()) expect(await valuesOf(bin, tensor)).toEqual(await valuesOf(safe, tensor));
  });
  it('honours strides, offsets and storages that tensors share', async () => {
    const weights = await open(await torchFolder({
      'wte.weight': { storage: '0', offset: 0, shape: [2, 3], stride: [3, 1] },
      'a.weight': { storage: '0', offset: 0, shape: [3, 2], stride: [1, 3] }, // transposed
      'b.weight': { storage: '0', offset: 2, shape: [2], stride: [2] },
    }, { 0: float(1, 2, 3, 4, 5, 6) }));
    expect(await valuesOf(weights, 'transformer.wte.weight')).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await valuesOf(weights, 'transformer.a.weight')).toEqual([1, 4, 2, 5, 3, 6]);
    expect(await valuesOf(weights, 'transformer.b.weight')).toEqual([3, 5]);
  });
  it('reads half, bfloat16 and bool storages', async () => {
    const values = Float32Array.of(0.5, -2, 3);
    const weights = await open(await torchFolder({ h: view('0', 3), b: view('1', 3), m: view('2', 3) }, {
      0: { type: 'HalfStorage', bytes: store(values, 'F16'), count: 3 }, 1: { type: 'BFloat16Storage', bytes: store(values, 'BF16'), count: 3 }, 2: { type: 'BoolStorage', bytes: Uint8Array.of(1, 0, 1), count: 3 },
    }));
    expect(await valuesOf(weights, 'transformer.h')).toEqual([0.5, -2, 3]);
    expect(await valuesOf(weights, 'transformer.b')).toEqual([0.5, -2, 3]);
    expect(await valuesOf(weights, 'transformer.m')).toEqual([1, 0, 1]);
  });
  it('that would run something is refused by the name of what it calls', async () => {
    const folder = await scratch();
    await writeFile(join(folder, 'config.json'), '{"model_type":"gpt2"}');
    await writeTorch(join(folder, 'pytorch_model.bin'), malicious, new Map());
    await expect(open(folder)).rejects.toThrow(/call os\.system.*refused/);
  });
  it('whose tensor reaches beyond its storage is refused', async () => {
    const folder = await torchFolder({ 'wte.weight': { storage: '0', offset: 4, shape: [3], stride: [1] } }, { 0: float(1, 2, 3, 4, 5, 6) });
    await expect(open(folder)).rejects.toThrow(/wte\.weight reaches beyond its storage/);
  });
  it('of torch before 1.6 is refused by name', async () => {
    const folder = await scratch();
    await writeFile(join(folder, 'config.json'), '{"model_type":"gpt2"}');
    await writeFile(join(folder, 'pytorch_model.bin'), Buffer.concat([Buffer.from([0x80, 2, 0x8a, 10]), Buffer.alloc(100)]));
    await expect(open(folder)).rejects.toThrow(/torch before 1\.6/);
  });
});
const view = (storage: string, count: number): Stored => ({ storage, offset: 0, shape: [count], stride: [1] });
