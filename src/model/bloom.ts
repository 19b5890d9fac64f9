/** BLOOM's forward pass (BigScience, arXiv 2211.05100; names as in Hugging Face's checkpoints): ids to hidden states, with ALiBi in place of positions. */
import { add, gather, layerNorm, mul, where } from '../graph/ops.ts';
import { constant, weight, type Value } from '../graph/value.ts';
import type { Architecture } from './architecture.ts';
import { activate, linear, norm, selfAttention, type Frame, type Hidden } from './forward.ts';

/** A slope a head (Press et al., arXiv 2108.12409): powers of 2^(−8/n); heads beyond a power of two take every other slope of twice as many. */
export function slopes(heads: number): Float32Array {
  const power = 2 ** Math.floor(Math.log2(heads));
  const series = (base: number, count: number, step: number): number[] => Array.from({ length: count }, (_, index) => base ** (1 + step * index));
  return Float32Array.from([...series(2 ** (-8 / power), power, 1), ...series(2 ** (-4 / power), heads - power, 2)]);
}

export function bloom(architecture: Architecture, frame: Frame): Hidden {
  const { layers, embed, inner, epsilon, vocabulary, heads, residualAfterNorm } = architecture;
  const map = (x: Value, module: string, outside: number): Value => linear(x, module, outside, frame, { isOutFirst: true });
  const normalize = (x: Value, module: string): Value => layerNorm(x, ...norm(module, embed), { epsilon });
  const words = gather(weight('transformer.word_embeddings.weight', [vocabulary, embed]), frame.ids); // [tokens, embed]
  const spoken = frame.override ? where(frame.override.holds, frame.override.rows, words) : words;
  const mask = add(frame.mask, mul(constant(slopes(heads), [1, heads, 1, 1]), frame.keyPositions)); // [batch, heads, steps, keys]
  let hidden = normalize(spoken, 'transformer.word_embeddings_layernorm');
  const projections: Value[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const block = `transformer.h.${layer}`;
    const before = normalize(hidden, `${block}.input_layernorm`);
    const qkv = map(before, `${block}.self_attention.query_key_value`, 3 * embed);
    projections.push(qkv);
    const attended = add(map(selfAttention(qkv, layer, mask, architecture, frame), `${block}.self_attention.dense`, embed), residualAfterNorm ? before : hidden);
    const middle = normalize(attended, `${block}.post_attention_layernorm`);
    const expanded = activate(map(middle, `${block}.mlp.dense_h_to_4h`, inner), architecture.activation, frame);
    hidden = add(map(expanded, `${block}.mlp.dense_4h_to_h`, embed), residualAfterNorm ? middle : attended);
  }
  return { normal: normalize(hidden, 'transformer.ln_f'), projections };
}
