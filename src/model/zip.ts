/** Where the entries of an uncompressed zip lie (PKWARE's APPNOTE 6.3.10; zip64 too). torch.save stores, it never compresses. Knows no pickle. */
import { open } from 'node:fs/promises';
import { SetupError } from '../errors.ts';

export interface Entry { readonly offset: number; readonly length: number }

const endRecord = 0x06054b50;
const end64Locator = 0x07064b50;

export async function readEntries(file: string): Promise<Map<string, Entry>> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const read = async (position: number, length: number): Promise<Buffer> => { const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - position))); await handle.read(buffer, 0, buffer.length, position); return buffer; };
    if (size < 22 || (await read(0, 2)).toString('latin1') !== 'PK') throw new SetupError(`${file} is not a zip: torch before 1.6 wrote another format. Save it again with a newer torch, or as safetensors`);
    const { offset, length } = await findDirectory(read, size, file);
    const entries = new Map<string, Entry>();
    for (const { name, header, bytes, method } of directoryEntries(await read(offset, length))) {
      if (method !== 0) throw new SetupError(`${file}: ${name} is compressed; torch.save stores its entries uncompressed, so this was not written by it`);
      const local = await read(header, 30);
      if (local.length < 30 || header + 30 + bytes > size) throw new SetupError(`${file}: ${name} does not lie in it; the file is damaged: download it again`);
      entries.set(name, { offset: header + 30 + local.readUInt16LE(26) + local.readUInt16LE(28), length: bytes });
    }
    return entries;
  } finally {
    await handle.close();
  }
}

type Read = (position: number, length: number) => Promise<Buffer>;

async function findDirectory(read: Read, size: number, file: string): Promise<{ offset: number; length: number }> {
  const start = Math.max(0, size - 65_557); // the record and the longest comment
  const tail = await read(start, 65_557);
  const at = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (at < 0 || tail.readUInt32LE(at) !== endRecord) throw new SetupError(`${file} is cut short: download it again`);
  const locator = at >= 20 && tail.readUInt32LE(at - 20) === end64Locator ? Number(tail.readBigUInt64LE(at - 12)) : undefined;
  if (locator === undefined) return { length: tail.readUInt32LE(at + 12), offset: tail.readUInt32LE(at + 16) };
  const record = await read(locator, 56);
  return { length: Number(record.readBigUInt64LE(40)), offset: Number(record.readBigUInt64LE(48)) };
}

function* directoryEntries(directory: Buffer): Generator<{ name: string; header: number; bytes: number; method: number }> {
  for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === 0x02014b50;) {
    const [nameLength, extraLength, commentLength] = [directory.readUInt16LE(at + 28), directory.readUInt16LE(at + 30), directory.readUInt16LE(at + 32)];
    const name = directory.toString('utf8', at + 46, at + 46 + nameLength);
    const wide = wideSizes(directory.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength));
    const take = (value: number): number => (value === 0xffffffff ? Number(wide.shift() ?? 0n) : value);
    const bytes = take(directory.readUInt32LE(at + 24));
    const stored = take(directory.readUInt32LE(at + 20));
    yield { name, bytes: Math.min(bytes, stored), header: take(directory.readUInt32LE(at + 42)), method: directory.readUInt16LE(at + 10) };
    at += 46 + nameLength + extraLength + commentLength;
  }
}

/** The zip64 extra field: the sizes that did not fit in 32 bits, in the order of the header. */
function wideSizes(extra: Buffer): bigint[] {
  for (let at = 0; at + 4 <= extra.length;) {
    const [id, length] = [extra.readUInt16LE(at), extra.readUInt16LE(at + 2)];
    if (id === 1) return Array.from({ length: Math.floor(length / 8) }, (_, index) => extra.readBigUInt64LE(at + 4 + 8 * index));
    at += 4 + length;
  }
  return [];
}
