/** The calculus: shapes are known while a program is written, mistakes are named then, and what is written runs as ONNX. */
import { describe, expect, it } from 'vitest';
import { floats, integers as ids, openSession } from '../../src/engine/session.ts';
import { encode, type Program } from '../../src/graph/onnx.ts';
import { add, concat, fastGelu, fusedMatMul, gather, gelu, gemm, layerNorm, matmul, mul, relu, reshape, skipLayerNorm, softmax, split, transpose, where } from '../../src/graph/ops.ts';
import { constant, input, inOrder, scalar, weight, type Value } from '../../src/graph/value.ts';

async function run(program: Program, feeds: Record<string, ReturnType<typeof floats>>): Promise<Readonly<Record<string, Float32Array>>> {
  const session = await openSession(encode(program, () => undefined), { device: 'cpu', threads: 1, prepack: false });
  const outputs = await session.run(feeds);
  await session.release();
  return outputs;
}
const of = (...values: number[]): Float32Array => Float32Array.from(values);

describe('shapes', () => {
  it.each<[string, () => Value, (number | string)[]]>([
    ['matmul', () => matmul(input('a', [2, 3]), input('b', [3, 5])), [2, 5]],
    ['matmul of batches', () => matmul(input('a', ['batch', 4, 2, 3]), input('b', [3, 5])), ['batch', 4, 2, 5]],
    ['fusedMatMul, transposed', () => fusedMatMul(input('a', [2, 3]), input('b', [5, 3]), { transB: 1 }), [2, 5]],
    ['gemm', () => gemm(input('a', ['tokens', 3]), input('b', [5, 3]), input('c', [5]), { transB: 1 }), ['tokens', 5]],
    ['broadcasting', () => add(input('a', ['batch', 1, 4]), input('b', [3, 1])), ['batch', 3, 4]],
    ['transpose', () => transpose(input('a', [2, 3, 4]), { perm: [2, 0, 1] }), [4, 2, 3]],
    ['gather', () => gather(weight('w', [50, 8]), input('i', ['tokens'], 'int64')), ['tokens', 8]],
    ['concat', () => concat([input('a', [2, 3]), input('b', [2, 5])], { axis: 1 }), [2, 8]],
    ['split', () => split(input('a', [2, 8]), [3, 5], { axis: -1 })[1] as Value, [2, 5]],
  ])('of %s are worked out', (_, build, shape) => expect(build().shape).toEqual(shape));
  it('that do not fit are named with what was expected', () => {
    expect(() => matmul(input('a', [2, 3]), input('b', [2, 3]))).toThrow('matmul expects [n, k] and [k, m], got [2, 3] and [2, 3]');
    expect(() => add(input('a', [2, 3]), input('b', [4]))).toThrow('add expects shapes that broadcast, got [2, 3] and [4]');
    expect(() => reshape(input('a', [2, 3]), [4, 2], [4, 2])).toThrow('reshape expects as many elements after as before, got [2, 3] to [4, 2]');
    expect(() => gemm(input('a', [2, 3, 4]), input('b', [4, 2]), undefined)).toThrow('gemm expects two axes on each side');
  });
});

describe('a program', () => {
  it('is frozen data, each value after those it is made from, and computes nothing that is not asked for', () => {
    const x = input('x', [2]);
    const y = add(x, x);
    relu(y);
    const order = inOrder([mul(y, x)]);
    expect(order.map(({ origin }) => (origin.kind === 'operation' ? origin.operation.op : origin.kind))).toEqual(['input', 'Add', 'Mul']);
    expect(Object.isFrozen(y)).toBe(true);
  });
  it('names the weight that the file has not', () => expect(() => encode({ outputs: { y: add(weight('transformer.lost', [1]), scalar(1)) } }, () => undefined)).toThrow('the weights have no transformer.lost'));
  it('runs, and gives what the operators mean', async () => {
    const x = input('x', [1, 2]);
    const { normal, sum } = skipLayerNorm(x, x, constant(of(1, 1)), constant(of(0, 0)), { epsilon: 1e-5 });
    const outputs = await run({ outputs: { product: matmul(x, constant(of(1, 2, 3, 4), [2, 2])), scaled: fusedMatMul(x, constant(of(1, 2, 3, 4), [2, 2]), { transB: 1, alpha: 0.5 }), soft: softmax(x, { axis: -1 }), norm: layerNorm(x, constant(of(1, 1)), constant(of(0, 0)), { epsilon: 1e-5 }), sum, normal, tanh: fastGelu(x), exact: gelu(x, { approximate: 'none' }) } }, { x: floats(of(1, 3), [1, 2]) });
    const near = (name: string, ...values: number[]): void => expect([...(outputs[name] ?? [])]).toEqual(values.map((value) => expect.closeTo(value, 4)));
    near('product', 10, 14);
    near('scaled', 3.5, 7.5);
    near('soft', 1 / (1 + Math.E ** 2), Math.E ** 2 / (1 + Math.E ** 2));
    near('norm', -1, 1);
    near('sum', 2, 6);
    near('normal', -1, 1);
    near('tanh', 0.8412, 2.9964);
    near('exact', 0.8413, 2.996);
  });
  it('may have sizes that are known only when it runs', async () => {
    const x = input('x', ['rows', 4]);
    const [first, second] = split(x, ['a', 'b'], { axis: 1, by: input('sizes', [2], 'int64') });
    const outputs = await run({ outputs: { joined: concat([second as Value, first as Value], { axis: 1 }) } }, { x: floats(of(1, 2, 3, 4), [1, 4]), sizes: ids(BigInt64Array.of(1n, 3n), [2]) });
    expect([...(outputs['joined'] ?? [])]).toEqual([2, 3, 4, 1]);
  });
  it('may choose between two values', async () => {
    const x = input('x', [2]);
    const chosen = where(input('c', [2], 'bool'), x, mul(x, scalar(10)));
    expect(chosen.type).toBe('float32');
  });
});
