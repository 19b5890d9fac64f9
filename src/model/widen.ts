/** Keeps a float32 copy of tensors stored otherwise, in a cache file named after the sha256 of where they came from; it may be deleted at any time. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SetupError } from '../errors.ts';
import { widen } from './float.ts';
import { headerOf, readBytes, readHeader } from './safetensors.ts';
import { countOf, isRowMajor, lengthOf, type View } from './view.ts';
import type { WeightPlace } from './weights.ts';

/** Bytes read at once: a tensor may be larger than one read or write may be (2 GB), and than memory. */
const portion = 16 * 2 ** 20;
/** Milliseconds after which a half-written file is nobody's any more: a living writer adds to it all the time. */
const abandoned = 3_600_000;

/** The places of the widened tensors: from the cache if it holds them, else written there first (whole or not at all). */
export async function widenInto(views: ReadonlyMap<string, View>, cache: string): Promise<Map<string, WeightPlace>> {
  await mkdir(cache, { recursive: true });
  const files = [...new Set([...views.values()].map(({ file }) => file))].sort();
  const sums = await Promise.all(files.map((file) => hashFile(file, cache)));
  const path = resolve(cache, `${createHash('sha256').update(sums.join('\n')).digest('hex').slice(0, 32)}.f32.safetensors`);
  const found = await readHeader(path).catch(() => undefined);
  if (!found || [...views.keys()].some((name) => !found.has(name))) await write(views, path, cache);
  const header = await readHeader(path);
  return new Map([...header].map(([name, { file, offset, length, shape }]) => [name, { file, offset, length, shape }]));
}

/** Several may write the same file at once: each writes its own, and the last to finish puts its equal in place. */
async function write(views: ReadonlyMap<string, View>, path: string, cache: string): Promise<void> {
  await sweep(cache);
  const part = `${path}.${randomUUID()}.part`;
  try {
    await fill(part, views);
    await rename(part, path);
  } catch (cause) {
    await rm(part, { force: true });
    if (cause instanceof Error && 'syscall' in cause) throw new SetupError(`the float32 copy of the weights could not be written to ${cache} (${cause.message}): make room there, or delete what it holds`, 3);
    throw cause;
  }
}

async function fill(part: string, views: ReadonlyMap<string, View>): Promise<void> {
  const file = await open(part, 'wx');
  try {
    await file.appendFile(headerOf([...views].map(([name, { shape }]) => ({ name, shape }))));
    for (const view of views.values()) for await (const values of readView(view)) await file.appendFile(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Removes what writers left that were killed. */
async function sweep(cache: string): Promise<void> {
  for (const name of (await readdir(cache)).filter((one) => one.endsWith('.part'))) {
    const { mtimeMs } = await stat(join(cache, name)).catch(() => ({ mtimeMs: Infinity }));
    if (Date.now() - mtimeMs > abandoned) await rm(join(cache, name), { force: true });
  }
}

/** A view's elements in row-major order, as float32, in portions where they lie so. */
export async function* readView(view: View): AsyncGenerator<Float32Array> {
  if (!isRowMajor(view)) { yield gather(widen(await readBytes({ ...view, length: lengthOf(view) }), view.dtype), view); return; }
  for await (const bytes of portions(view)) yield widen(bytes, view.dtype);
}

async function* portions(view: View): AsyncGenerator<Uint8Array> {
  const length = lengthOf(view);
  for (let at = 0; at < length; at += portion) yield readBytes({ file: view.file, offset: view.offset + at, length: Math.min(portion, length - at) });
}

/** Elements picked out of a stored span by strides. */
function gather(stored: Float32Array, { shape, stride }: View): Float32Array {
  const values = new Float32Array(countOf(shape));
  const pick = (axis: number, from: number, to: number): number => {
    if (axis === shape.length) { values[to] = stored[from] ?? 0; return to + 1; }
    let next = to;
    for (let index = 0; index < (shape[axis] ?? 0); index++) next = pick(axis + 1, from + index * (stride[axis] ?? 0), next);
    return next;
  };
  pick(0, 0, 0);
  return values;
}

/** Whether two views hold the same bytes in the same manner; of the same place in one file nothing is read. */
export async function isSame(a: View, b: View): Promise<boolean> {
  if (a.dtype !== b.dtype || `${a.shape} ${a.stride}` !== `${b.shape} ${b.stride}`) return false;
  if (a.file === b.file && a.offset === b.offset) return true;
  const others = portions(b);
  for await (const bytes of portions(a)) {
    const { value } = await others.next();
    if (!value || Buffer.compare(bytes, value) !== 0) return false;
  }
  return true;
}

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
