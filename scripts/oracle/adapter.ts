/** Writes an adapter like another one with random values: a second voice for tests of mixed batches. */
import { copyFile, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { headerOf, readHeader } from '../../src/model/safetensors.ts';

/** The folder of a new adapter with the shapes of `like`; the same `seed` gives the same values, uniform in ±0.2. */
export async function randomAdapter(like: string, seed = 7): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ventrilocuo-adapter-'));
  await copyFile(join(like, 'adapter_config.json'), join(folder, 'adapter_config.json'));
  const tensors = [...await readHeader(join(like, 'adapter_model.safetensors'))].map(([name, { shape }]) => ({ name, shape }));
  const count = tensors.reduce((all, { shape }) => all + shape.reduce((size, dim) => size * dim, 1), 0);
  let state = seed;
  const values = Float32Array.from({ length: count }, () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 31 - 1) * 0.2);
  await writeFile(join(folder, 'adapter_model.safetensors'), Buffer.concat([headerOf(tensors), new Uint8Array(values.buffer)]));
  return folder;
}
