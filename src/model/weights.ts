/**
 * A Hugging Face model folder as float32 tensors, each by file, offset and length: fp32 files are pointed into where they lie, others are widened once
 * into a cache. Knows tensor names, not what a model does with them.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SetupError } from '../errors.ts';
import type { Place } from '../graph/onnx.ts';
import { readPickle } from './pickle.ts';
import { readBytes, readHeader } from './safetensors.ts';
import { sizes } from './float.ts';
import { contiguous, countOf, isRowMajor, lengthOf, type View } from './view.ts';
import { isSame, widenInto } from './widen.ts';
import { readEntries } from './zip.ts';

export interface WeightPlace extends Place { readonly shape: readonly number[] }
export interface Weights {
  readonly folder: string;
  readonly config: unknown; // config.json, parsed
  readonly tensors: ReadonlyMap<string, WeightPlace>;
  readonly parameters: number;
}

/** @throws SetupError naming what the folder lacks. */
export async function openWeights(folder: string, { cache }: { cache: string }): Promise<Weights> {
  const config: unknown = await readJson(join(folder, 'config.json'), `expected a model folder at ${folder}: it has no config.json`);
  const named = await readViews(folder);
  const views = new Map([...named].filter(([name]) => !isBuffer(name)).map(([name, view]) => [fullName(name), view]));
  if (await isTied(config, views)) views.delete('lm_head.weight');
  const tensors = await placeAll(views, cache);
  const parameters = [...tensors.values()].reduce((all, { length }) => all + length / 4, 0);
  return { folder: resolve(folder), config, tensors, parameters };
}

/** GPT-2's causal masks, kept beside the weights by older files. */
const isBuffer = (name: string): boolean => /\.attn\.(bias|masked_bias)$/.test(name);
/** Bare models are saved without `transformer.` in front. */
const fullName = (name: string): string => (/^(transformer|lm_head)\./.test(name) ? name : `transformer.${name}`);

/** As transformers has it: tied unless the configuration says otherwise, or the file holds a head that differs (older files hold a copy of what is tied). */
async function isTied(config: unknown, views: ReadonlyMap<string, View>): Promise<boolean> {
  const head = views.get('lm_head.weight');
  const words = views.get('transformer.wte.weight') ?? views.get('transformer.word_embeddings.weight');
  if (!head || !words) return !head;
  return (config as { tie_word_embeddings?: boolean }).tie_word_embeddings !== false && isSame(head, words);
}

async function readViews(folder: string): Promise<Map<string, View>> {
  const at = (name: string): string => join(folder, name);
  if (existsSync(at('model.safetensors'))) return readSafetensors([at('model.safetensors')]);
  if (existsSync(at('model.safetensors.index.json'))) return readSafetensors(await shards(at('model.safetensors.index.json'), folder));
  if (existsSync(at('pytorch_model.bin'))) return readTorch([at('pytorch_model.bin')]);
  if (existsSync(at('pytorch_model.bin.index.json'))) return readTorch(await shards(at('pytorch_model.bin.index.json'), folder));
  throw new SetupError(`expected model.safetensors or pytorch_model.bin (whole or in shards) in ${folder}, found neither`);
}

async function shards(index: string, folder: string): Promise<string[]> {
  const { weight_map: map } = await readJson(index, `expected an index at ${index}`) as { weight_map: Record<string, string> };
  const names = [...new Set(Object.values(map))];
  const strange = names.find((name) => /[\\/]|^\.\./.test(name));
  if (strange !== undefined) throw new SetupError(`${index} names ${strange}, which is not a file beside it`);
  const missing = names.filter((name) => !existsSync(join(folder, name)));
  if (missing.length > 0) throw new SetupError(`${folder} lacks the shards ${missing.join(', ')}: download them again`);
  return names.map((name) => join(folder, name));
}

async function readSafetensors(files: readonly string[]): Promise<Map<string, View>> {
  const headers = await Promise.all(files.map(readHeader));
  return new Map(headers.flatMap((header) => [...header].map(([name, { file, dtype, offset, shape }]): [string, View] => [name, { file, dtype, offset, shape, stride: contiguous(shape) }])));
}

async function readTorch(files: readonly string[]): Promise<Map<string, View>> {
  const views = new Map<string, View>();
  for (const file of files) {
    const entries = await readEntries(file);
    const pickle = [...entries].find(([name]) => name.endsWith('/data.pkl'));
    if (!pickle) throw new SetupError(`${file} holds no data.pkl: it was not written by torch.save`);
    const [root, order] = [pickle[0].slice(0, -'data.pkl'.length), entries.get(`${pickle[0].slice(0, -'data.pkl'.length)}byteorder`)];
    if (order && Buffer.from(await readBytes({ file, ...order })).toString() !== 'little') throw new SetupError(`${file} is big-endian: save it again on a little-endian machine`);
    for (const [name, tensor] of readPickle(await readBytes({ file, ...pickle[1] }))) {
      const storage = entries.get(`${root}data/${tensor.storage}`);
      const size = sizes[tensor.dtype] ?? 1;
      if (!storage || tensor.offset * size + lengthOf(tensor) > storage.length) throw new SetupError(`${file}: ${name} reaches beyond its storage; the file is damaged`);
      views.set(name, { file, dtype: tensor.dtype, offset: storage.offset + tensor.offset * size, shape: tensor.shape, stride: tensor.stride });
    }
  }
  return views;
}

/** Those that are float32 in a row stay where they are; the rest go through the cache together. */
async function placeAll(views: ReadonlyMap<string, View>, cache: string): Promise<Map<string, WeightPlace>> {
  const odd = new Map([...views].filter(([, view]) => view.dtype !== 'F32' || !isRowMajor(view)));
  const widened = odd.size > 0 ? await widenInto(odd, cache) : new Map<string, WeightPlace>();
  return new Map([...views].map(([name, view]) => [name, widened.get(name) ?? { file: resolve(view.file), offset: view.offset, length: 4 * countOf(view.shape), shape: view.shape }]));
}

async function readJson(path: string, expected: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch(() => { throw new SetupError(expected); });
  try { return JSON.parse(text); } catch { throw new SetupError(`${path} is not JSON: download it again`); }
}
