/** Shape arithmetic: what an operation yields, or a sentence saying what it expected and what came. Pure. */
import type { Dim, Shape } from './value.ts';

export const spell = (shape: Shape): string => `[${shape.join(', ')}]`;
const isSame = (a: Dim | undefined, b: Dim | undefined): boolean => a === b || typeof a === 'string' || typeof b === 'string';

/** Numpy's rule (ONNX: Multidirectional Broadcasting). */
export function broadcast(op: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const at = (shape: Shape, index: number): Dim => shape[index - rank + shape.length] ?? 1;
  return Array.from({ length: rank }, (_, index) => {
    const [left, right] = [at(a, index), at(b, index)];
    if (left === 1) return right;
    if (right === 1 || isSame(left, right)) return typeof left === 'number' ? left : right === 1 ? left : right;
    throw new Error(`${op} expects shapes that broadcast, got ${spell(a)} and ${spell(b)}`);
  });
}

/** [..., n, k] × [..., k, m] → [..., n, m], either side transposed where said. */
export function matmulShape(op: string, a: Shape, b: Shape, transpose: { a?: boolean; b?: boolean } = {}): Shape {
  const [n, k] = lastTwo(a, transpose.a);
  const [inner, m] = lastTwo(b, transpose.b);
  if (n === undefined || m === undefined || !isSame(k, inner)) throw new Error(`${op} expects [n, k] and [k, m], got ${spell(a)}${transpose.a ? ' transposed' : ''} and ${spell(b)}${transpose.b ? ' transposed' : ''}`);
  return [...broadcast(op, a.slice(0, -2), b.slice(0, -2)), n, m];
}

function lastTwo(shape: Shape, isTransposed = false): [Dim | undefined, Dim | undefined] {
  const [first, second] = [shape.at(-2), shape.at(-1)];
  return isTransposed ? [second, first] : [first, second];
}

/** Checks that the known sizes hold as many elements before as after. */
export function reshaped(from: Shape, to: Shape): Shape {
  const count = (shape: Shape): number | undefined => (shape.every((dim) => typeof dim === 'number') ? shape.reduce<number>((all, dim) => all * Number(dim), 1) : undefined);
  const [before, after] = [count(from), count(to)];
  if (before !== undefined && after !== undefined && before !== after) throw new Error(`reshape expects as many elements after as before, got ${spell(from)} to ${spell(to)}`);
  return to;
}
