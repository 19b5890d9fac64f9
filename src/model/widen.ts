/** Keeps a float32 copy of tensors stored otherwise, in a cache file named after the sha256 of where they came from; it may be deleted at any time. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { sizes, widen } from './float.ts';
import { headerOf, readBytes, readHeader } from './safetensors.ts';
import type { View, WeightPlace } from './weights.ts';

/** The places of the widened tensors: from the cache if it holds them, else written there first (whole or not at all). */
export async function widenInto(views: ReadonlyMap<string, View>, cache: string): Promise<Map<string, WeightPlace>> {
  await mkdir(cache, { recursive: true });
  const files = [...new Set([...views.values()].map(({ file }) => file))].sort();
  const sums = await Promise.all(files.map((file) => hashFile(file, cache)));
  const path = resolve(cache, `${createHash('sha256').update(sums.join('\n')).digest('hex').slice(0, 32)}.f32.safetensors`);
  const found = await readHeader(path).catch(() => undefined);
  if (!found || [...views.keys()].some((name) => !found.has(name))) await write(views, path);
  const header = await readHeader(path);
  return new Map([...header].map(([name, { file, offset, length, shape }]) => [name, { file, offset, length, shape }]));
}

async function write(views: ReadonlyMap<string, View>, path: string): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  const file = await open(part, 'w');
  try {
    await file.write(headerOf([...views].map(([name, { shape }]) => ({ name, shape }))));
    for (const view of views.values()) {
      const values = await readView(view);
      await file.write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
}

/** A view's elements in row-major order, as float32. */
export async function readView({ file, dtype, offset, shape, stride }: View): Promise<Float32Array> {
  const span = 1 + shape.reduce((sum, count, axis) => sum + (count - 1) * (stride[axis] ?? 0), 0);
  const stored = widen(await readBytes({ file, offset, length: span * (sizes[dtype] ?? 1) }), dtype);
  const values = new Float32Array(shape.reduce((all, size) => all * size, 1));
  const fill = (axis: number, from: number, to: number): number => {
    if (axis === shape.length) { values[to] = stored[from] ?? 0; return to + 1; }
    let next = to;
    for (let index = 0; index < (shape[axis] ?? 0); index++) next = fill(axis + 1, from + index * (stride[axis] ?? 0), next);
    return next;
  };
  if (span === values.length && isRowMajor(shape, stride)) values.set(stored);
  else fill(0, 0, 0);
  return values;
}

const isRowMajor = (shape: readonly number[], stride: readonly number[]): boolean => shape.every((count, axis) => count === 1 || stride[axis] === shape.slice(axis + 1).reduce((all, size) => all * size, 1));

/** sha256 of a file; remembered beside the cache under its path, size and time, so that a start does not read gigabytes to find a name. */
export async function hashFile(file: string, cache: string): Promise<string> {
  const { size, mtimeMs } = await stat(file);
  const memo = join(cache, `${createHash('sha1').update(`${resolve(file)}\n${size}\n${mtimeMs}`).digest('hex').slice(0, 24)}.sha256`);
  const known = await readFile(memo, 'utf8').catch(() => '');
  if (/^[0-9a-f]{64}$/.test(known)) return known;
  const sum = createHash('sha256');
  for await (const chunk of createReadStream(file)) sum.update(chunk as Buffer);
  const digest = sum.digest('hex');
  await mkdir(cache, { recursive: true });
  await writeFile(memo, digest);
  return digest;
}
