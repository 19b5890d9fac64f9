/** Writes Protocol Buffers messages (protobuf.dev/programming-guides/encoding): fields become bytes. Knows no message. */

export type Bytes = Uint8Array;
const utf8 = new TextEncoder();

function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}
const key = (field: number, wire: number): number[] => varint((field << 3) | wire);

/** Wire type 0. */
export const integer = (field: number, value: number | bigint): Bytes => Uint8Array.from([...key(field, 0), ...varint(value)]);
/** Wire type 5, 32 bits. */
export const float = (field: number, value: number): Bytes => Uint8Array.from([...key(field, 5), ...new Uint8Array(Float32Array.of(value).buffer)]);
/** Wire type 2: bytes, text, or a message's fields one after another. */
export function block(field: number, content: string | Bytes | readonly Bytes[]): Bytes {
  const bytes = typeof content === 'string' ? utf8.encode(content) : content instanceof Uint8Array ? content : join(content);
  return join([Uint8Array.from([...key(field, 2), ...varint(bytes.length)]), bytes]);
}

export function join(parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) { whole.set(part, offset); offset += part.length; }
  return whole;
}
