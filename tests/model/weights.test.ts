/** Weights as folders of the field keep them, and files that must not be believed. */
import { readFileSync } from 'node:fs';
import { copyFile, readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
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
  it('of a length that their shape has not are refused by name', async () => {
    const folder = await scratch();
    await writeFile(join(folder, 'config.json'), '{"model_type":"gpt2"}');
    const header = Buffer.from(JSON.stringify({ 'wte.weight': { dtype: 'F32', shape: [3, 2], data_offsets: [0, 16] } }));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    await writeFile(join(folder, 'model.safetensors'), Buffer.concat([length, header, Buffer.alloc(16)]));
    await expect(open(folder)).rejects.toThrow(/wte\.weight is F32 \[3, 2\] in 16 bytes/);
  });
  it.each([
    ['named untied', { tie_word_embeddings: false }, 2, true], ['that differs from the embeddings', {}, 4, true], ['that is a copy of them', { tie_word_embeddings: true }, 2, false],
  ])('with a head %s: kept where it says something of its own', async (_, config, second, isKept) => {
    const folder = await scratch();
    await writeFile(join(folder, 'config.json'), JSON.stringify({ model_type: 'gpt2', ...config }));
    await writeSafetensors(join(folder, 'model.safetensors'), new Map([['wte.weight', { values: Float32Array.of(1, 2), shape: [2, 1] }], ['lm_head.weight', { values: Float32Array.of(1, second), shape: [2, 1] }]]));
    expect((await open(folder)).tensors.has('lm_head.weight')).toBe(isKept);
  });
  it('widened by two at once come out whole for both', async () => {
    const [folder, cache] = [await scratch(), await scratch()];
    await writeFile(join(folder, 'config.json'), '{"model_type":"gpt2"}');
    const values = Float32Array.from({ length: 60_000 }, (_, index) => index % 256);
    await writeSafetensors(join(folder, 'model.safetensors'), new Map([['wte.weight', { values, shape: [60, 1000] }]]), 'BF16');
    const opened = await Promise.all([1, 2, 3].map(() => openWeights(folder, { cache })));
    for (const weights of opened) expect(await valuesOf(weights, 'transformer.wte.weight')).toEqual([...values]);
    expect((await readdir(cache)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
  it('widened sweep away what a killed writer left, and nothing that is being written', async () => {
    const [folder, cache] = [await scratch(), await scratch()];
    await writeFile(join(folder, 'config.json'), '{"model_type":"gpt2"}');
    await writeSafetensors(join(folder, 'model.safetensors'), new Map([['wte.weight', { values: Float32Array.of(1), shape: [1, 1] }]]), 'F16');
    for (const name of ['old.part', 'new.part']) await writeFile(join(cache, name), 'half');
    await utimes(join(cache, 'old.part'), 0, 0);
    await openWeights(folder, { cache });
    expect((await readdir(cache)).filter((name) => name.endsWith('.part'))).toEqual(['new.part']);
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
  it.each(['torch', 'torch-zip64'])('as torch itself writes it (golden %s) gives the values that torch has', async (name) => {
    const weights = await open(`tests/golden/${name}`);
    const expected = JSON.parse(readFileSync('tests/golden/torch/expected.json', 'utf8')) as Record<string, { values: number[]; shape: number[] }>;
    expect([...weights.tensors.keys()].sort()).toEqual(Object.keys(expected).map((key) => `transformer.${key}`).sort());
    for (const [key, { values, shape }] of Object.entries(expected)) {
      expect(weights.tensors.get(`transformer.${key}`)?.shape, key).toEqual(shape);
      expect(await valuesOf(weights, `transformer.${key}`), key).toEqual(values.map(Math.fround));
    }
  });
  it('in shards is read by its index', async () => {
    const folder = await scratch();
    await writeFile(join(folder, 'config.json'), '{"model_type":"gpt2"}');
    const shards = { 'wte.weight': 'pytorch_model-00001-of-00002.bin', 'wpe.weight': 'pytorch_model-00002-of-00002.bin' };
    for (const [at, [name, file]] of Object.entries(shards).entries()) {
      const storages = new Map([['0', float(at, at + 1)]]);
      await writeTorch(join(folder, file), pickleOf(new Map([[name, view('0', 2)]]), storages), storages);
    }
    await writeFile(join(folder, 'pytorch_model.bin.index.json'), JSON.stringify({ metadata: {}, weight_map: shards }));
    const weights = await open(folder);
    expect(await valuesOf(weights, 'transformer.wte.weight')).toEqual([0, 1]);
    expect(await valuesOf(weights, 'transformer.wpe.weight')).toEqual([1, 2]);
    await rm(join(folder, 'pytorch_model-00002-of-00002.bin'));
    await expect(open(folder)).rejects.toThrow(/lacks the shards pytorch_model-00002-of-00002\.bin/);
  });
  it('whose tensors begin before their storage is refused', async () => {
    const folder = await torchFolder({ 'wte.weight': { storage: '0', offset: -2, shape: [3], stride: [1] } }, { 0: float(1, 2, 3) });
    await expect(open(folder)).rejects.toThrow(/from something that is no storage/);
  });
  it('that holds a training state around the tensors says what it holds', async () => {
    const folder = await scratch();
    await writeFile(join(folder, 'config.json'), '{"model_type":"gpt2"}');
    const state = Buffer.concat([Buffer.from([0x80, 2, 0x7d, 0x58, 5, 0, 0, 0]), Buffer.from('model'), Buffer.from([0x7d, 0x73, 0x2e])]); // {'model': {}}
    await writeTorch(join(folder, 'pytorch_model.bin'), state, new Map());
    await expect(open(folder)).rejects.toThrow(/not a dictionary of tensors but of model.*state_dict/);
  });
  it.each([[0x63, 'a name'], [0x58, 'a text'], [0x7d, 'everything']])('whose pickle ends behind the opcode %i, in %s, is refused', async (opcode) => {
    const folder = await scratch();
    await writeFile(join(folder, 'config.json'), '{"model_type":"gpt2"}');
    await writeTorch(join(folder, 'pytorch_model.bin'), Buffer.from([0x80, 2, opcode]), new Map());
    await expect(open(folder)).rejects.toThrow(/cut short/);
  });
  it.each([['REDUCE', [0x74, 0x52]], ['NEWOBJ', [0x74, 0x81]]])('that makes an object of a class by %s is refused by its name', async (_, call) => {
    const folder = await scratch();
    await writeFile(join(folder, 'config.json'), '{"model_type":"gpt2"}');
    await writeTorch(join(folder, 'pytorch_model.bin'), Buffer.concat([Buffer.from([0x80, 2]), Buffer.from('csubprocess\nPopen\n('), Buffer.from([...call, 0x2e])]), new Map());
    await expect(open(folder)).rejects.toThrow(/call subprocess\.Popen/);
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
