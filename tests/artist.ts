/** A folder shaped like `huggingartists/eminem`: an old GPT-2 hub folder (pytorch_model.bin, vocab.json, merges.txt), filled with another base's weights. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openWeights } from '../src/model/weights.ts';
import { readBytes } from '../src/model/safetensors.ts';
import { store } from './folders.ts';
import { pickleOf, writeTorch, type Storage, type Stored } from './torch.ts';

const contiguous = (shape: readonly number[]): number[] => shape.map((_, axis) => shape.slice(axis + 1).reduce((all, size) => all * size, 1));

export async function writeArtist(folder: string, base: string, cache: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const weights = await openWeights(base, { cache });
  const tensors = new Map<string, Stored>();
  const storages = new Map<string, Storage>();
  for (const [name, place] of weights.tensors) {
    const values = new Float32Array((await readBytes(place)).buffer);
    const key = String(storages.size);
    storages.set(key, { type: 'FloatStorage', bytes: store(values, 'F32'), count: values.length });
    tensors.set(name, { storage: key, offset: 0, shape: place.shape, stride: contiguous(place.shape) });
  }
  await writeTorch(join(folder, 'pytorch_model.bin'), pickleOf(tensors, storages), storages);
  const config = JSON.parse(await readFile(join(base, 'config.json'), 'utf8')) as object;
  await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, _name_or_path: 'gpt2', task_specific_params: { 'text-generation': { do_sample: true, max_length: 50 } } }));
  const { model, added_tokens: added } = JSON.parse(await readFile(join(base, 'tokenizer.json'), 'utf8')) as { model: { vocab: Record<string, number>; merges: (string | [string, string])[] }; added_tokens: { content: string; id: number }[] };
  await writeFile(join(folder, 'vocab.json'), JSON.stringify({ ...model.vocab, ...Object.fromEntries(added.map(({ content, id }) => [content, id])) }));
  await writeFile(join(folder, 'merges.txt'), `#version: 0.2\n${model.merges.map((merge) => (Array.isArray(merge) ? merge.join(' ') : merge)).join('\n')}\n`);
  await writeFile(join(folder, 'tokenizer_config.json'), '{"tokenizer_class":"GPT2Tokenizer","model_max_length":512}');
  await writeFile(join(folder, 'special_tokens_map.json'), '{"bos_token":"<|startoftext|>","eos_token":"<|endoftext|>"}');
}
