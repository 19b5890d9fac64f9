/** Widens stored numbers to float32, exactly (IEEE 754 binary16 and bfloat16 are subsets of it); wider ones are rounded. Pure. */
import { SetupError } from '../errors.ts';

/** Bytes an element takes, by safetensors' name of its type. */
export const sizes: Readonly<Record<string, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 };

let halves: Float32Array | undefined;
/** All 65,536 values of binary16. */
function halfTable(): Float32Array {
  return (halves ??= Float32Array.from({ length: 65536 }, (_, bits) => {
    const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
  }));
}

function widenHalves(bits: Uint16Array): Float32Array {
  const [table, values] = [halfTable(), new Float32Array(bits.length)];
  for (let index = 0; index < bits.length; index++) values[index] = table[bits[index] as number] as number;
  return values;
}

/** bfloat16 is the upper half of a float32. */
function widenBrains(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length);
  for (let index = 0; index < bits.length; index++) words[index] = (bits[index] as number) << 16;
  return new Float32Array(words.buffer);
}

/** Little-endian bytes of a type as float32 values. */
export function widen(bytes: Uint8Array, dtype: string): Float32Array {
  const size = sizes[dtype];
  if (size === undefined) throw new SetupError(`expected weights of type F32, F16 or BF16, got ${dtype}`);
  const buffer = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  const view = <T>(type: new (buffer: ArrayBufferLike, offset: number, length: number) => T): T => new type(buffer.buffer, buffer.byteOffset, Math.floor(buffer.byteLength / size));
  switch (dtype) {
    case 'F32': return view(Float32Array);
    case 'F16': return widenHalves(view(Uint16Array));
    case 'BF16': return widenBrains(view(Uint16Array));
    case 'F64': return new Float32Array(view(Float64Array));
    case 'I64': return Float32Array.from(view(BigInt64Array), Number);
    case 'I32': return new Float32Array(view(Int32Array));
    case 'I16': return new Float32Array(view(Int16Array));
    case 'I8': return new Float32Array(view(Int8Array));
    default: return new Float32Array(view(Uint8Array));
  }
}
