/** A program as an ONNX model (onnx.proto3 of github.com/onnx/onnx, IR version 10): weights stay where they are, by file, offset and length. */
import { contributed } from './ops.ts';
import { block, float, integer, join, type Bytes } from './protobuf.ts';
import { inOrder, type Attribute, type Operation, type Shape, type Value } from './value.ts';

/** Where a weight's bytes lie: little-endian float32, row-major. */
export interface Place { readonly file: string; readonly offset: number; readonly length: number }
export interface Program { readonly outputs: Readonly<Record<string, Value>> }

const elementTypes = { float32: 1, int64: 7, bool: 9 } as const;
const attributeTypes = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** `place` answers for each weight's name; a weight it does not know is an error that names it. */
export function encode(program: Program, place: (name: string) => Place | undefined): Bytes {
  const values = inOrder(Object.values(program.outputs));
  const names = nameAll(values, program.outputs);
  const nameOf = (value: Value | undefined): string => (value ? names.get(value) ?? '' : '');
  const kind = (wanted: Value['origin']['kind']): Value[] => values.filter(({ origin }) => origin.kind === wanted);
  const graph = [
    ...operationsOf(values).map((operation) => block(1, nodeOf(operation, values, nameOf))),
    block(2, 'program'),
    ...kind('constant').map((value) => block(5, constantOf(value, nameOf(value)))),
    ...kind('weight').map((value) => block(5, weightOf(value, place(value.name)))),
    ...kind('input').map((value) => block(11, valueInfo(value, value.name))),
    ...Object.entries(program.outputs).map(([name, value]) => block(12, valueInfo(value, name))),
  ];
  const opset = (domain: string, version: number): Bytes => block(8, [block(1, domain), integer(2, version)]);
  return join([integer(1, 10), block(2, 'ventrilocuo'), opset('', 20), opset('com.microsoft', 1), block(7, graph)]);
}

/** Outputs keep the names they are asked by; the rest is numbered. */
function nameAll(values: readonly Value[], outputs: Program['outputs']): Map<Value, string> {
  const names = new Map(values.map((value, index) => [value, value.name || `v${index}`]));
  for (const [name, value] of Object.entries(outputs)) {
    if (value.origin.kind !== 'operation') throw new Error(`the output ${name} is not computed: give it an operation of its own`);
    names.set(value, name);
  }
  return names;
}

function operationsOf(values: readonly Value[]): Operation[] {
  return [...new Set(values.flatMap(({ origin }) => (origin.kind === 'operation' ? [origin.operation] : [])))];
}

function nodeOf(operation: Operation, values: readonly Value[], nameOf: (value: Value | undefined) => string): Bytes[] {
  const outputs = Array.from({ length: operation.outputs }, () => '');
  for (const value of values) if (value.origin.kind === 'operation' && value.origin.operation === operation) outputs[value.origin.output] = nameOf(value);
  const attributes = Object.entries(operation.attributes).map(([name, value]) => block(5, attributeOf(name, value)));
  return [...operation.inputs.map((value) => block(1, nameOf(value))), ...outputs.map((name) => block(2, name)), block(4, operation.op), ...attributes, ...(contributed.has(operation.op) ? [block(7, 'com.microsoft')] : [])];
}

function attributeOf(name: string, value: Attribute): Bytes[] {
  const typed = (content: Bytes | readonly Bytes[], type: keyof typeof attributeTypes): Bytes[] => [block(1, name), ...(content instanceof Uint8Array ? [content] : content), integer(20, attributeTypes[type])];
  if (typeof value === 'number') return typed(integer(3, value), 'int');
  if (typeof value === 'string') return typed(block(4, value), 'string');
  if ('float' in value) return typed(float(2, value.float), 'float');
  return typed(value.map((item) => integer(8, item)), 'ints');
}

const dims = (shape: Shape): Bytes[] => shape.map((dim) => integer(1, Number(dim)));

function constantOf(value: Value, name: string): Bytes[] {
  if (value.origin.kind !== 'constant') throw new Error('not a constant');
  const { data } = value.origin;
  return [...dims(value.shape), integer(2, elementTypes[value.type]), block(8, name), block(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))];
}

function weightOf(value: Value, place: Place | undefined): Bytes[] {
  if (!place) throw new Error(`the weights have no ${value.name}`);
  const entry = (name: string, text: string): Bytes => block(13, [block(1, name), block(2, text)]);
  return [...dims(value.shape), integer(2, elementTypes[value.type]), block(8, value.name), entry('location', place.file), entry('offset', String(place.offset)), entry('length', String(place.length)), integer(14, 1)];
}

function valueInfo(value: Value, name: string): Bytes[] {
  const shape = value.shape.map((dim) => block(1, typeof dim === 'number' ? integer(1, dim) : block(2, dim)));
  return [block(1, name), block(2, [block(1, [integer(1, elementTypes[value.type]), block(2, shape)])])];
}
