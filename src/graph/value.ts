/** Values and the operations that made them, as frozen data: what a program computes, before anyone runs it. Knows nothing of language. */

/** A number, or the name of a size that is known only when the program runs. Training programs are built with numbers alone. */
export type Dim = number | string;
export type Shape = readonly Dim[];
export type ElementType = 'float32' | 'int64' | 'bool';
export type Attribute = number | string | readonly number[] | { readonly float: number };
export type Attributes = Readonly<Record<string, Attribute>>;

/** Where a value comes from: fed at each run, read from the weights' file under the same name, written in the program, or computed. */
export type Origin =
  | { readonly kind: 'input' }
  | { readonly kind: 'weight' }
  | { readonly kind: 'constant'; readonly data: Float32Array | BigInt64Array }
  | { readonly kind: 'operation'; readonly operation: Operation; readonly output: number };

export interface Operation {
  readonly op: string; // ONNX operator
  readonly inputs: readonly (Value | undefined)[]; // undefined: an optional input left out
  readonly attributes: Attributes;
  readonly outputs: number;
}
export interface Value {
  readonly origin: Origin;
  readonly name: string; // inputs and weights: theirs; otherwise ''
  readonly shape: Shape;
  readonly type: ElementType;
}

export const input = (name: string, shape: Shape, type: ElementType = 'float32'): Value => Object.freeze({ origin: { kind: 'input' } as const, name, shape, type });
/** A tensor of the checkpoint, under the checkpoint's own name. */
export const weight = (name: string, shape: Shape): Value => Object.freeze({ origin: { kind: 'weight' } as const, name, shape, type: 'float32' as const });

export function constant(data: Float32Array | BigInt64Array, shape: Shape = [data.length]): Value {
  return Object.freeze({ origin: Object.freeze({ kind: 'constant' as const, data }), name: '', shape, type: data instanceof Float32Array ? 'float32' as const : 'int64' as const });
}
export const integers = (...values: readonly number[]): Value => constant(BigInt64Array.from(values, BigInt));
export const scalar = (value: number): Value => constant(Float32Array.of(value), []);

/** An operation with one value a shape given; `undefined` for an output that nobody reads. */
export function operate(op: string, inputs: readonly (Value | undefined)[], attributes: Attributes, shapes: readonly (Shape | undefined)[], type?: ElementType): (Value | undefined)[] {
  const operation: Operation = Object.freeze({ op, inputs: Object.freeze([...inputs]), attributes: Object.freeze(attributes), outputs: shapes.length });
  const result = type ?? inputs[0]?.type ?? 'float32';
  return shapes.map((shape, output) => shape && Object.freeze({ origin: Object.freeze({ kind: 'operation' as const, operation, output }), name: '', shape: Object.freeze([...shape]), type: result }));
}

/** The common case: one output. */
export function compute(op: string, inputs: readonly (Value | undefined)[], attributes: Attributes, shape: Shape, type?: ElementType): Value {
  const [value] = operate(op, inputs, attributes, [shape], type);
  if (!value) throw new Error(`${op} yields no value`);
  return value;
}

/** Every value that `outputs` need, each after those it is made from. */
export function inOrder(outputs: readonly Value[]): Value[] {
  const seen = new Set<Value>();
  const ordered: Value[] = [];
  function visit(value: Value): void {
    if (seen.has(value)) return;
    seen.add(value);
    if (value.origin.kind === 'operation') for (const source of value.origin.operation.inputs) if (source) visit(source);
    ordered.push(value);
  }
  outputs.forEach(visit);
  return ordered;
}
