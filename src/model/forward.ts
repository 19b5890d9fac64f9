/** What a forward pass is given by the program around it: how to read a weight, map linearly, and attend. Both architectures are written in these words. */
import { fastGelu, gelu, gemm, relu } from '../graph/ops.ts';
import { weight, type Value } from '../graph/value.ts';
import type { Activation, Architecture } from './architecture.ts';
import { attend, project, type KeysValues, type Past } from './attention.ts';
import { withAdapters } from './lora.ts';

export interface Frame {
  readonly ids: Value; // [tokens] int64; tokens = batch·steps
  readonly positions: Value; // [tokens] int64
  readonly mask: Value; // [batch, 1, steps, keys]: 0 where a key may be seen
  readonly keyPositions: Value; // [batch, 1, 1, keys], for ALiBi
  readonly layout: Value; // [4] int64: [batch, steps, groups, width] of a projection
  readonly past?: (layer: number) => Past;
  /** In place of `past`: all keys and values of a layer, old and new, [batch, heads, keys, headDim]. */
  readonly join?: (layer: number, fresh: KeysValues) => KeysValues;
  readonly gate?: Value; // adapters are built in where there is one
  /** Rows of the embedding that adapters bring along: [tokens, embed], and where they hold [tokens, 1]. */
  readonly override?: { readonly rows: Value; readonly holds: Value };
  readonly fused: boolean; // whether the device has onnxruntime's fused kernels
}
export interface Hidden {
  readonly normal: Value; // [tokens, embed], behind the last LayerNorm
  readonly projections: readonly Value[]; // each layer's [tokens, 3·embed], for the cache
}

/** Bias and weight of a linear map; `out` first where PyTorch's Linear wrote it, `in` first where GPT-2's Conv1D did. */
export function linear(x: Value, module: string, outside: number, frame: Frame, { isOutFirst }: { isOutFirst: boolean }): Value {
  const inside = x.shape[1] ?? 0;
  const y = gemm(x, weight(`${module}.weight`, isOutFirst ? [outside, inside] : [inside, outside]), weight(`${module}.bias`, [outside]), { transB: isOutFirst ? 1 : 0 });
  return frame.gate ? withAdapters(x, y, module, frame.gate) : y;
}

export const norm = (module: string, embed: number): [scale: Value, bias: Value] => [weight(`${module}.weight`, [embed]), weight(`${module}.bias`, [embed])];

export function activate(x: Value, activation: Activation, { fused }: Frame): Value {
  if (activation === 'relu') return relu(x);
  return fused && activation === 'gelu_tanh' ? fastGelu(x) : gelu(x, { approximate: activation === 'gelu' ? 'none' : 'tanh' });
}

export function selfAttention(qkv: Value, layer: number, mask: Value, architecture: Architecture, frame: Frame): Value {
  const { heads, headDim, scaleAttention, scaleByLayer, kind } = architecture;
  const scale = (scaleAttention ? 1 / Math.sqrt(headDim) : 1) / (scaleByLayer ? layer + 1 : 1);
  const shape = { heads, headDim, scale, fused: frame.fused };
  const projected = project(qkv, shape, frame.layout, { isInterleaved: kind === 'bloom' });
  return attend({ ...projected, ...frame.join?.(layer, projected) }, mask, frame.past?.(layer), shape);
}
