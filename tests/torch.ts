/** Writes pytorch_model.bin as torch.save does: a stored zip of a pickle and raw storages. Also pickles that must be refused. */
import { writeFile } from 'node:fs/promises';

export interface Stored { readonly storage: string; readonly offset: number; readonly shape: readonly number[]; readonly stride: readonly number[] }
export interface Storage { readonly type: string; readonly bytes: Uint8Array; readonly count: number }

const short = (text: string): Buffer => Buffer.concat([Buffer.from([0x58]), uint32(Buffer.byteLength(text)), Buffer.from(text)]); // BINUNICODE
const uint32 = (value: number): Buffer => { const bytes = Buffer.alloc(4); bytes.writeUInt32LE(value >>> 0); return bytes; };
const int = (value: number): Buffer => Buffer.concat([Buffer.from([0x4a]), uint32(value)]); // BININT
const global = (name: string): Buffer => Buffer.from(`c${name.slice(0, name.lastIndexOf('.'))}\n${name.slice(name.lastIndexOf('.') + 1)}\n`);
const tuple = (...items: readonly Buffer[]): Buffer => Buffer.concat([Buffer.from('('), ...items, Buffer.from('t')]);
const bytes = (...codes: readonly number[]): Buffer => Buffer.from(codes);

/** torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, OrderedDict()) */
function tensor({ storage, offset, shape, stride }: Stored, { type, count }: Storage): Buffer {
  const persistent = Buffer.concat([tuple(short('storage'), global(`torch.${type}`), short(storage), short('cpu'), int(count)), bytes(0x51)]);
  const hooks = Buffer.concat([global('collections.OrderedDict'), bytes(0x29, 0x52)]);
  return Buffer.concat([global('torch._utils._rebuild_tensor_v2'), tuple(persistent, int(offset), tuple(...shape.map(int)), tuple(...stride.map(int)), bytes(0x89), hooks), bytes(0x52)]);
}

export function pickleOf(tensors: ReadonlyMap<string, Stored>, storages: ReadonlyMap<string, Storage>): Buffer {
  const items = [...tensors].map(([name, one]) => Buffer.concat([short(name), tensor(one, storages.get(one.storage) as Storage)]));
  return Buffer.concat([bytes(0x80, 2), global('collections.OrderedDict'), bytes(0x29, 0x52), bytes(0x28), ...items, bytes(0x75, 0x2e)]);
}
/** A pickle that would run a command if anybody let it. */
export const malicious = Buffer.concat([bytes(0x80, 2), global('os.system'), tuple(short('echo gotcha')), bytes(0x52, 0x2e)]);

export async function writeTorch(file: string, pickle: Buffer, storages: ReadonlyMap<string, Storage>): Promise<void> {
  const entries: [string, Uint8Array][] = [['archive/data.pkl', pickle], ['archive/byteorder', Buffer.from('little')], ...[...storages].map(([key, { bytes: data }]): [string, Uint8Array] => [`archive/data/${key}`, data]), ['archive/version', Buffer.from('3\n')]];
  const parts: Uint8Array[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, data] of entries) {
    const text = Buffer.from(name);
    const sizes = Buffer.concat([uint32(0), uint32(data.length), uint32(data.length), Buffer.from([text.length, 0, 0, 0])]); // crc left out: torch writes it, nobody here reads it
    const header = Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.from([20, 0, 0, 0, 0, 0, 0, 0, 0, 0]), sizes, text]);
    directory.push(Buffer.concat([Buffer.from('PK\u0001\u0002'), Buffer.from([20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0]), sizes, Buffer.alloc(10), uint32(at), text]));
    parts.push(header, data);
    at += header.length + data.length;
  }
  const list = Buffer.concat(directory);
  const count = Buffer.from([entries.length & 255, entries.length >> 8]);
  await writeFile(file, Buffer.concat([...parts, list, Buffer.from('PK\u0005\u0006'), Buffer.alloc(4), count, count, uint32(list.length), uint32(at), Buffer.alloc(2)]));
}
