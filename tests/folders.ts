/** Writes model folders for tests: random GPTs, and copies of others in other formats. */
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const made: string[] = [];
export async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ventrilocuo-test-'));
  made.push(folder);
  return folder;
}
afterAll(async () => { for (const folder of made) await rm(folder, { recursive: true, force: true }); });

export interface Values { readonly values: Float32Array; readonly shape: readonly number[] }
export type Stored = 'F32' | 'F16' | 'BF16';

/** The same numbers always: a linear congruence (Numerical Recipes), uniform in ±size. */
export function noise(seed: number): (length: number, size: number) => Float32Array {
  let state = seed;
  return (length, size) => Float32Array.from({ length }, () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 31 - 1) * size);
}

export async function writeSafetensors(file: string, tensors: ReadonlyMap<string, Values>, dtype: Stored = 'F32'): Promise<void> {
  let offset = 0;
  const parts: Uint8Array[] = [];
  const header = Object.fromEntries([...tensors].map(([name, { values, shape }]) => {
    const bytes = store(values, dtype);
    parts.push(bytes);
    const begin = offset;
    offset += bytes.length;
    return [name, { dtype, shape, data_offsets: [begin, offset] }];
  }));
  const text = Buffer.from(JSON.stringify({ __metadata__: { format: 'pt' }, ...header }));
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  await writeFile(file, Buffer.concat([length, padded, ...parts]));
}

/** The bytes of values in a format, rounded to nearest even. */
export function store(values: Float32Array, dtype: Stored): Uint8Array {
  if (dtype === 'F32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const short = Uint16Array.from(bits, (word, index) => (dtype === 'BF16' ? (word + 0x7fff + ((word >>> 16) & 1)) >>> 16 : half(values[index] ?? 0)));
  return new Uint8Array(short.buffer);
}

/** IEEE 754 binary16 of a number, by its definition: the nearest representable, ties to even. */
function half(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= 65520) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | roundEven(size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  const fraction = roundEven(size * 2 ** (10 - exponent)) - 1024;
  return sign | (((exponent + 15) << 10) + fraction);
}
function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** What those bytes mean, back as float32. */
export function rounded({ values, shape }: Values, dtype: Stored): Values {
  const short = new Uint16Array(store(values, dtype).buffer);
  const back = (word: number): number => {
    if (dtype === 'BF16') return new Float32Array(Uint32Array.of(word << 16).buffer)[0] ?? 0;
    const [sign, exponent, fraction] = [word >> 15 ? -1 : 1, (word >> 10) & 31, word & 1023];
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
  };
  return dtype === 'F32' ? { values, shape } : { values: Float32Array.from(short, back), shape };
}

export async function copyWith(folder: string, weights: (to: string) => Promise<void>): Promise<string> {
  const to = await scratch();
  for (const name of ['config.json', 'golden.json', 'golden.safetensors']) await copyFile(join(folder, name), join(to, name));
  await mkdir(join(to, 'adapter'));
  for (const name of ['adapter_config.json', 'adapter_model.safetensors']) await copyFile(join(folder, 'adapter', name), join(to, 'adapter', name));
  await weights(to);
  return to;
}
