/**
 * A base as a stand-alone ONNX model in the layout that transformers.js and Optimum use: past_key_values go in, present comes out, masks are made inside.
 * For other people's runtimes and for comparison; our own engine uses programs.ts, which never returns its cache.
 */
import { add, concat, gather, gemm, lessOrEqual, mul, range, reshape, shapeOf, subtract, toFloat, where } from '../graph/ops.ts';
import { constant, input, integers, scalar, type Value } from '../graph/value.ts';
import type { Program } from '../graph/onnx.ts';
import type { Architecture } from './architecture.ts';
import { forward, headWeight } from './programs.ts';

const masked = scalar(-1e9);
const zero = constant(BigInt64Array.of(0n), []);
const one = scalar(1);

/** logits: [batch, steps, vocabulary]; present.N.key and .value: [batch, heads, keys, headDim] */
export function standaloneProgram(architecture: Architecture, { isUntied }: { isUntied: boolean }): Program {
  const { kind, heads, headDim, layers, vocabulary } = architecture;
  const ids = input('input_ids', ['batch', 'steps'], 'int64');
  const attention = input('attention_mask', ['batch', 'keys'], 'int64');
  const sizes = shapeOf(ids); // [2]
  const flat = (x: Value): Value => reshape(x, [-1], ['tokens']);
  const presents: Record<string, Value> = {};
  const past = (layer: number, part: string): Value => input(`past_key_values.${layer}.${part}`, ['batch', heads, 'slots', headDim]);
  const groups = kind === 'bloom' ? integers(heads, 3 * headDim) : integers(3 * heads, headDim);
  const { normal } = forward(architecture, {
    ids: flat(ids),
    positions: kind === 'gpt2' ? flat(input('position_ids', ['batch', 'steps'], 'int64')) : ids,
    mask: maskOf(ids, attention),
    keyPositions: reshape(toFloat(range(zero, size(attention, 1), 'keys')), [1, 1, 1, -1], [1, 1, 1, 'keys']),
    layout: concat([sizes, groups], { axis: 0 }),
    join: (layer, { k, v }) => {
      const joined = { k: concat([past(layer, 'key'), k], { axis: 2 }), v: concat([past(layer, 'value'), v], { axis: 2 }) };
      presents[`present.${layer}.key`] = joined.k;
      presents[`present.${layer}.value`] = joined.v;
      return joined;
    },
    fused: true,
  });
  const logits = gemm(normal, headWeight(architecture, { isUntied }), undefined, { transB: 1 });
  if (Object.keys(presents).length !== 2 * layers) throw new Error('a layer kept no keys');
  return { outputs: { logits: reshape(logits, concat([sizes, integers(vocabulary)], { axis: 0 }), ['batch', 'steps', vocabulary]), ...presents } };
}

const size = (x: Value, axis: number): Value => reshape(gather(shapeOf(x), integers(axis)), [], []);

/** [batch, 1, steps, keys]: a token sees what stands before it, padding apart. */
function maskOf(ids: Value, attention: Value): Value {
  const keys = size(attention, 1);
  const queries = range(subtract(keys, size(ids, 1)), keys, 'steps');
  const sees = lessOrEqual(reshape(range(zero, keys, 'keys'), [1, 1, 1, -1], [1, 1, 1, 'keys']), reshape(queries, [1, 1, -1, 1], [1, 1, 'steps', 1]));
  const padding = reshape(mul(subtract(one, toFloat(attention)), masked), [0, 1, 1, -1], ['batch', 1, 1, 'keys']);
  return add(where(sees, scalar(0), masked), padding);
}
