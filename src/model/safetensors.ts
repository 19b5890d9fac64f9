/** Reads and writes the safetensors layout (github.com/huggingface/safetensors): a length, a JSON header, the tensors' bytes. Knows no model. */
import { open, type FileHandle } from 'node:fs/promises';
import { SetupError } from '../errors.ts';
import { sizes } from './float.ts';
import { countOf } from './view.ts';

export interface Tensor {
  readonly file: string;
  readonly dtype: string; // F32, F16, BF16, I64 …
  readonly shape: readonly number[];
  readonly offset: number; // bytes, from the beginning of the file
  readonly length: number; // bytes
}
interface Entry { readonly dtype: string; readonly shape: readonly number[]; readonly data_offsets: readonly [number, number] }

/** The most a header may take: the format's own limit. */
const headerLimit = 100_000_000;

export async function readHeader(file: string): Promise<Map<string, Tensor>> {
  const handle = await open(file).catch(() => { throw new SetupError(`expected a safetensors file at ${file}, found none`); });
  try {
    const { size } = await handle.stat();
    const length = Number((await readExactly(handle, 0, 8)).readBigUInt64LE());
    if (!(length > 1 && length <= headerLimit && 8 + length <= size)) throw new Error('its header does not fit in it');
    const header = JSON.parse((await readExactly(handle, 8, length)).toString('utf8')) as Record<string, Entry>;
    return new Map(Object.entries(header).filter(([name]) => name !== '__metadata__').map(([name, entry]) => [name, tensorOf(file, 8 + length, size, name, entry)]));
  } catch (cause) {
    throw new SetupError(`${file} is not a whole safetensors file (${cause instanceof Error ? cause.message : String(cause)}): download it again`);
  } finally {
    await handle.close();
  }
}

function tensorOf(file: string, base: number, size: number, name: string, { dtype, shape, data_offsets: [begin, end] }: Entry): Tensor {
  if (![begin, end, ...shape].every((number) => Number.isSafeInteger(number) && number >= 0) || begin > end || base + end > size) throw new Error(`${name} does not lie in the file`);
  const bytes = countOf(shape) * (sizes[dtype] ?? NaN); // of a type that is not known here nothing is known
  if (bytes !== end - begin && !Number.isNaN(bytes)) throw new Error(`${name} is ${dtype} [${shape.join(', ')}] in ${end - begin} bytes`);
  return { file, dtype, shape, offset: base + begin, length: end - begin };
}

async function readExactly(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  if (bytesRead < length) throw new Error('it is cut short');
  return buffer;
}

/** The bytes of a tensor, read when asked. */
export async function readBytes({ file, offset, length }: { file: string; offset: number; length: number }): Promise<Uint8Array> {
  const handle = await open(file);
  try { return new Uint8Array(await readExactly(handle, offset, length)); } finally { await handle.close(); }
}

/** The header of a file whose float32 tensors follow in this order, padded so that the data begin at a multiple of 64 bytes. */
export function headerOf(tensors: readonly { name: string; shape: readonly number[] }[]): Uint8Array {
  let end = 0;
  const entries = tensors.map(({ name, shape }) => {
    const begin = end;
    end += 4 * countOf(shape);
    return [name, { dtype: 'F32', shape, data_offsets: [begin, end] }];
  });
  const text = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const padded = Buffer.concat([text, Buffer.alloc((64 - ((8 + text.length) % 64)) % 64, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded]);
}
