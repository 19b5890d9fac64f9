/**
 * Reads the tensors of a pickle (Python's pickletools.py describes the opcodes) by the few operations they need. Runs nothing: a name that is not one of
 * torch's storages and rebuilders is refused. Knows no file.
 */
import { SetupError } from '../errors.ts';

/** A view into a storage, as torch keeps it: sizes and strides in elements. */
export interface StoredTensor {
  readonly storage: string; // the zip entry data/<storage>
  readonly dtype: string; // safetensors' name
  readonly offset: number; // elements
  readonly shape: readonly number[];
  readonly stride: readonly number[];
}

const storages: Readonly<Record<string, string>> = {
  FloatStorage: 'F32', HalfStorage: 'F16', BFloat16Storage: 'BF16', DoubleStorage: 'F64', LongStorage: 'I64', IntStorage: 'I32', ShortStorage: 'I16', CharStorage: 'I8', ByteStorage: 'U8', BoolStorage: 'BOOL',
};
class Name { readonly path: string; constructor(path: string) { this.path = path; } }
class Storage { readonly dtype: string; readonly key: string; constructor(dtype: string, key: string) { this.dtype = dtype; this.key = key; } }
const mark = Symbol('mark');

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isCounts = (value: unknown): value is number[] => Array.isArray(value) && value.every(isCount);
const isTensor = (value: unknown): value is StoredTensor => typeof value === 'object' && value !== null && 'stride' in value;

/** The calls a checkpoint makes; everything else stays unread. */
function call(name: Name, args: unknown): unknown {
  const list = Array.isArray(args) ? args as unknown[] : [];
  switch (name.path) {
    case 'collections.OrderedDict': return new Map<unknown, unknown>();
    case 'torch._utils._rebuild_parameter': return list[0];
    case 'torch._utils._rebuild_tensor':
    case 'torch._utils._rebuild_tensor_v2': return rebuild(list);
    default: throw new SetupError(`the weights call ${name.path}, which tensors do not need: it is refused, as nothing in a pickle is ever run here. Convert the file to safetensors`);
  }
}

function rebuild([storage, offset, shape, stride]: readonly unknown[]): StoredTensor {
  if (!(storage instanceof Storage) || !isCount(offset) || !isCounts(shape) || !isCounts(stride) || shape.length !== stride.length) throw new SetupError('the weights rebuild a tensor from something that is no storage');
  return { storage: storage.key, dtype: storage.dtype, offset, shape, stride };
}

/** ('storage', torch.FloatStorage, '0', 'cpu', 1024) */
function persistent(id: unknown): Storage {
  const [tag, type, key] = Array.isArray(id) ? id as unknown[] : [];
  const dtype = type instanceof Name && type.path.startsWith('torch.') ? storages[type.path.split('.').at(-1) ?? ''] : undefined;
  if (tag !== 'storage' || dtype === undefined || typeof key !== 'string') throw new SetupError(`the weights keep a storage of a kind that is not read here${type instanceof Name ? `: ${type.path}` : ''}`);
  return new Storage(dtype, key);
}

/** The tensors of a state dict, by name; values that are no tensors are left out. */
export function readPickle(bytes: Uint8Array): Map<string, StoredTensor> {
  const root = run(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (!(root instanceof Map)) throw new SetupError('the weights are not a dictionary of tensors');
  const tensors = new Map<string, StoredTensor>();
  for (const [name, value] of root as Map<unknown, unknown>) if (typeof name === 'string' && isTensor(value)) tensors.set(name, value);
  if (tensors.size === 0) throw new SetupError(`the weights are not a dictionary of tensors but of ${[...root.keys()].slice(0, 4).map(String).join(', ')}: save the model’s state_dict() alone`);
  return tensors;
}

const cutShort = (): SetupError => new SetupError('the weights’ pickle is cut short: download the file again');

function run(data: Buffer): unknown {
  const stack: unknown[] = [];
  const memo = new Map<number, unknown>();
  let at = 0;
  const take = (length: number): Buffer => { const part = data.subarray(at, at += length); if (part.length < length) throw cutShort(); return part; };
  const line = (): string => { const end = data.indexOf(10, at); if (end < 0) throw cutShort(); const text = data.toString('utf8', at, end); at = end + 1; return text; };
  const pop = (): unknown => stack.pop();
  const sinceMark = (): unknown[] => { const items = stack.splice(stack.lastIndexOf(mark)); return items.slice(1); };
  const put = (key: number): void => { memo.set(key, stack.at(-1)); };
  const set = (pairs: readonly unknown[]): void => { const target = stack.at(-1); if (target instanceof Map) for (let i = 0; i + 1 < pairs.length; i += 2) target.set(pairs[i], pairs[i + 1]); };
  const append = (items: readonly unknown[]): void => { const target = stack.at(-1); if (Array.isArray(target)) target.push(...items); };
  const reduce = (): unknown => { const args = pop(); const name = pop(); if (!(name instanceof Name)) throw new SetupError('the weights’ pickle calls something that is no name'); return call(name, args); };
  const global = (): Name => { const name = pop(); return new Name(`${String(pop())}.${String(name)}`); };
  const byOpcode: Readonly<Record<number, () => void>> = {
    0x80: () => void take(1), 0x95: () => void take(8), // PROTO, FRAME
    0x63: () => void stack.push(new Name(`${line()}.${line()}`)), 0x93: () => void stack.push(global()), // GLOBAL, STACK_GLOBAL
    0x71: () => put(take(1)[0] ?? 0), 0x72: () => put(take(4).readUInt32LE()), 0x94: () => put(memo.size), // BINPUT, LONG_BINPUT, MEMOIZE
    0x68: () => void stack.push(memo.get(take(1)[0] ?? 0)), 0x6a: () => void stack.push(memo.get(take(4).readUInt32LE())), // BINGET, LONG_BINGET
    0x28: () => void stack.push(mark), 0x30: () => void pop(), // MARK, POP
    0x29: () => void stack.push([]), 0x74: () => void stack.push(sinceMark()), // EMPTY_TUPLE, TUPLE
    0x85: () => void stack.push(stack.splice(-1)), 0x86: () => void stack.push(stack.splice(-2)), 0x87: () => void stack.push(stack.splice(-3)), // TUPLE1–3
    0x5d: () => void stack.push([]), 0x61: () => append([pop()]), 0x65: () => append(sinceMark()), // EMPTY_LIST, APPEND, APPENDS
    0x7d: () => void stack.push(new Map()), 0x73: () => set(stack.splice(-2)), 0x75: () => set(sinceMark()), // EMPTY_DICT, SETITEM, SETITEMS
    0x58: () => void stack.push(take(take(4).readUInt32LE()).toString('utf8')), 0x8c: () => void stack.push(take(take(1)[0] ?? 0).toString('utf8')), // BINUNICODE, SHORT_BINUNICODE
    0x4b: () => void stack.push(take(1)[0]), 0x4d: () => void stack.push(take(2).readUInt16LE()), 0x4a: () => void stack.push(take(4).readInt32LE()), // BININT1, BININT2, BININT
    0x8a: () => void stack.push(signed(take(take(1)[0] ?? 0))), 0x47: () => void stack.push(take(8).readDoubleBE()), // LONG1, BINFLOAT
    0x4e: () => void stack.push(undefined), 0x88: () => void stack.push(true), 0x89: () => void stack.push(false), // NONE, NEWTRUE, NEWFALSE
    0x51: () => void stack.push(persistent(pop())), 0x52: () => void stack.push(reduce()), 0x81: () => void stack.push(reduce()), 0x62: () => void pop(), // BINPERSID, REDUCE, NEWOBJ, BUILD (a dict's own attributes: not needed)
  };
  for (;;) {
    const opcode = take(1)[0] ?? 0;
    if (opcode === 0x2e) return pop(); // STOP
    const step = byOpcode[opcode];
    if (!step) throw new SetupError(`the weights’ pickle has the opcode 0x${opcode.toString(16)}, which tensors do not need: it is refused. Convert the file to safetensors`);
    step();
  }
}

/** Little-endian two's complement of any length. */
function signed(bytes: Buffer): number {
  if (bytes.length === 0) return 0;
  const raw = bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  return Number(BigInt.asIntN(8 * bytes.length, raw));
}
