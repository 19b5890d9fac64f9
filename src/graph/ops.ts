/**
 * The operations that programs are written with, one line each: inputs positional, attributes in one trailing object (ONNX's own names).
 * Semantics: ONNX operators (opset 20) and, marked ms, onnxruntime's com.microsoft contributions.
 */
import { broadcast, matmulShape, reshaped, spell } from './shape.ts';
import { compute, constant, integers, operate, type Dim, type Shape, type Value } from './value.ts';

/** Operators of the com.microsoft domain. */
export const contributed: ReadonlySet<string> = new Set(['FusedMatMul', 'SkipLayerNormalization', 'FastGelu']);

// ---------------------------------------------------------------- elementwise
export const add = (a: Value, b: Value): Value => compute('Add', [a, b], {}, broadcast('add', a.shape, b.shape));
export const mul = (a: Value, b: Value): Value => compute('Mul', [a, b], {}, broadcast('mul', a.shape, b.shape));
export const relu = (x: Value): Value => compute('Relu', [x], {}, x.shape);
/** x·Φ(x), exact or by tanh (Hendrycks & Gimpel, arXiv 1606.08415). */
export const gelu = (x: Value, { approximate }: { approximate: 'none' | 'tanh' }): Value => compute('Gelu', [x], { approximate }, x.shape);
/** ms: gelu by tanh, in one pass. */
export const fastGelu = (x: Value): Value => compute('FastGelu', [x], {}, x.shape);
/** Where the condition holds, a; else b. */
export const where = (condition: Value, a: Value, b: Value): Value => compute('Where', [condition, a, b], {}, broadcast('where', broadcast('where', condition.shape, a.shape), b.shape), a.type);

// ---------------------------------------------------------------- products
/** [..., n, k] × [..., k, m] → [..., n, m] */
export const matmul = (a: Value, b: Value): Value => compute('MatMul', [a, b], {}, matmulShape('matmul', a.shape, b.shape));
/** ms: alpha·(a × b), either transposed on its last two axes. */
export const fusedMatMul = (a: Value, b: Value, { transA = 0, transB = 0, alpha = 1 }: { transA?: 0 | 1; transB?: 0 | 1; alpha?: number }): Value => compute('FusedMatMul', [a, b], { transA, transB, alpha: { float: alpha } }, matmulShape('fusedMatMul', a.shape, b.shape, { a: transA === 1, b: transB === 1 }));
/** a × b + c of two axes: [n, k] × [k, m] + [n, m] or [m] */
export const gemm = (a: Value, b: Value, c: Value | undefined, { transB = 0 }: { transB?: 0 | 1 } = {}): Value => compute('Gemm', c ? [a, b, c] : [a, b], { transB }, gemmShape(a, b, c, transB));

function gemmShape(a: Value, b: Value, c: Value | undefined, transB: 0 | 1): Shape {
  if (a.shape.length !== 2 || b.shape.length !== 2) throw new Error(`gemm expects two axes on each side, got ${spell(a.shape)} and ${spell(b.shape)}`);
  const shape = matmulShape('gemm', a.shape, b.shape, { b: transB === 1 });
  return c ? broadcast('gemm', shape, c.shape) : shape;
}

// ---------------------------------------------------------------- normalization
/** Over the last axis: [..., width] with scale and bias [width] (Ba et al., arXiv 1607.06450). */
export const layerNorm = (x: Value, scale: Value, bias: Value, { epsilon }: { epsilon: number }): Value => compute('LayerNormalization', [x, scale, bias], { axis: -1, epsilon: { float: epsilon } }, x.shape);
export const softmax = (x: Value, { axis }: { axis: number }): Value => compute('Softmax', [x], { axis }, x.shape);

/** ms: the sum x + skip, and its layerNorm, in one pass. */
export function skipLayerNorm(x: Value, skip: Value, scale: Value, bias: Value, { epsilon }: { epsilon: number }): { normal: Value; sum: Value } {
  const [normal, , , sum] = operate('SkipLayerNormalization', [x, skip, scale, bias], { epsilon: { float: epsilon } }, [x.shape, undefined, undefined, x.shape]);
  if (!normal || !sum) throw new Error('skipLayerNorm yields two values');
  return { normal, sum };
}

// ---------------------------------------------------------------- layout
/** Rows of a table: [rows, …] at ids [...] → [..., …] */
export const gather = (table: Value, ids: Value, { axis = 0 }: { axis?: number } = {}): Value => compute('Gather', [table, ids], { axis }, [...table.shape.slice(0, axis), ...ids.shape, ...table.shape.slice(axis + 1)]);
export const transpose = (x: Value, { perm }: { perm: readonly number[] }): Value => compute('Transpose', [x], { perm }, perm.map((axis) => x.shape[axis] ?? 0));
export const concat = (parts: readonly Value[], { axis }: { axis: number }): Value => compute('Concat', parts, { axis }, concatShape(parts, axis));

/** A shape by sizes: numbers as they are, `0` keeps the size at that place, `-1` is worked out (ONNX Reshape), or a value known when it runs; `shape` says what comes out. */
export const reshape = (x: Value, sizes: readonly number[] | Value, shape: Shape): Value => compute('Reshape', [x, 'origin' in sizes ? sizes : integers(...sizes)], {}, reshaped(x.shape, shape));

/** The `count` largest along the last axis, in descending order, and where they stood (int64). */
export function topK(x: Value, { count }: { count: number }): { values: Value; ids: Value } {
  const shape = [...x.shape.slice(0, -1), count];
  const [values, ids] = operate('TopK', [x, integers(count)], { axis: -1 }, [shape, shape]);
  if (!values || !ids) throw new Error('topK yields two values');
  return { values, ids: Object.freeze({ ...ids, type: 'int64' as const }) };
}

/** Cuts an axis into parts of the given sizes (a constant, or a value known when it runs). */
export function split(x: Value, sizes: readonly Dim[], { axis, by }: { axis: number; by?: Value }): Value[] {
  const at = axis < 0 ? axis + x.shape.length : axis;
  const lengths = by ?? integers(...sizes.map(Number));
  const parts = operate('Split', [x, lengths], { axis }, sizes.map((size) => x.shape.map((dim, index) => (index === at ? size : dim))));
  return parts.filter((part) => part !== undefined);
}

function concatShape(parts: readonly Value[], axis: number): Shape {
  const first = parts[0]?.shape ?? [];
  const at = axis < 0 ? axis + first.length : axis;
  const sizes = parts.map(({ shape }) => shape[at] ?? 0);
  const joined = sizes.every((size) => typeof size === 'number') ? sizes.reduce<number>((sum, size) => sum + Number(size), 0) : sizes.join('+');
  return first.map((dim, index) => (index === at ? joined : dim));
}

// ---------------------------------------------------------------- sizes known only when a program runs
/** The sizes of x: [rank] int64 */
export const shapeOf = (x: Value): Value => compute('Shape', [x], {}, [x.shape.length], 'int64');
/** start, start + 1, … below end: [length] int64 */
export const range = (start: Value, end: Value, length: Dim): Value => compute('Range', [start, end, constant(BigInt64Array.of(1n), [])], {}, [length], 'int64');
export const subtract = (a: Value, b: Value): Value => compute('Sub', [a, b], {}, broadcast('subtract', a.shape, b.shape));
export const lessOrEqual = (a: Value, b: Value): Value => compute('LessOrEqual', [a, b], {}, broadcast('lessOrEqual', a.shape, b.shape), 'bool');
/** int64 or bool to float32. */
export const toFloat = (x: Value): Value => compute('Cast', [x], { to: 1 }, x.shape, 'float32');
