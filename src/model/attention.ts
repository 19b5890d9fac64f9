/** Causal self-attention over what is new and, where there is a cache, over what came before. Knows no positions: those are in the mask. */
import { add, concat, fusedMatMul, matmul, mul, reshape, softmax, split, transpose } from '../graph/ops.ts';
import { scalar, type Value } from '../graph/value.ts';

/** Keys and values of the tokens before, one slot a token; `sizes` is [slots, steps]. */
export interface Past {
  readonly keys: Value; // [batch, heads, slots, headDim]
  readonly values: Value; // [batch, heads, slots, headDim]
  readonly sizes: Value; // [2]
}
export interface Heads { readonly heads: number; readonly headDim: number; readonly scale: number; readonly fused: boolean }
export interface KeysValues { readonly k: Value; readonly v: Value } // each [batch, heads, steps, headDim]
export interface Projected extends KeysValues { readonly q: Value }

/** [batch·steps, 3·embed] → q, k, v. GPT-2 keeps all heads' q, then k, then v; BLOOM keeps q, k, v of a head together. */
export function project(qkv: Value, { heads, headDim }: Heads, layout: Value, { isInterleaved }: { isInterleaved: boolean }): Projected {
  const [groups, width] = isInterleaved ? [heads, 3 * headDim] : [3 * heads, headDim];
  const apart = transpose(reshape(qkv, layout, ['batch', 'steps', groups, width]), { perm: [0, 2, 1, 3] });
  const [q, k, v] = isInterleaved ? split(apart, [headDim, headDim, headDim], { axis: 3 }) : split(apart, [heads, heads, heads], { axis: 1 });
  if (!q || !k || !v) throw new Error('a projection has three parts');
  return { q, k, v };
}

/**
 * softmax(scale·q·kᵀ + mask)·v over cached and new keys in two parts, so that the cache is read where it lies and never joined with what is new.
 * mask: [batch, 1 or heads, steps, slots+steps] → [batch·steps, embed]
 */
export function attend({ q, k, v }: Projected, mask: Value, past: Past | undefined, shape: Heads): Value {
  const against = (keys: Value): Value => (shape.fused ? fusedMatMul(q, keys, { transB: 1, alpha: shape.scale }) : mul(matmul(q, transpose(keys, { perm: [0, 1, 3, 2] })), scalar(shape.scale)));
  const scores = past ? concat([against(past.keys), against(k)], { axis: 3 }) : against(k);
  const weights = softmax(add(scores, mask), { axis: -1 });
  const context = past ? twoParts(weights, past, v) : matmul(weights, v);
  const embed = shape.heads * shape.headDim;
  return reshape(transpose(context, { perm: [0, 2, 1, 3] }), [-1, embed], ['tokens', embed]);
}

function twoParts(weights: Value, past: Past, v: Value): Value {
  const [before, now] = split(weights, ['slots', 'steps'], { axis: 3, by: past.sizes });
  if (!before || !now) throw new Error('attention has two parts');
  return add(matmul(before, past.values), matmul(now, v));
}
