/** GPT-2's forward pass (Radford et al. 2019; names as in Hugging Face's checkpoints): ids to hidden states. Written once, for serving and for training. */
import { add, gather, layerNorm, skipLayerNorm, where } from '../graph/ops.ts';
import { weight, type Value } from '../graph/value.ts';
import type { Architecture } from './architecture.ts';
import { activate, linear, norm, selfAttention, type Frame, type Hidden } from './forward.ts';

export function gpt2(architecture: Architecture, frame: Frame): Hidden {
  const { layers, embed, inner, epsilon, window, vocabulary } = architecture;
  const map = (x: Value, module: string, outside: number): Value => linear(x, module, outside, frame, { isOutFirst: false });
  const words = gather(weight('transformer.wte.weight', [vocabulary, embed]), frame.ids); // [tokens, embed]
  const spoken = frame.override ? where(frame.override.holds, frame.override.rows, words) : words;
  let hidden = add(spoken, gather(weight('transformer.wpe.weight', [window, embed]), frame.positions));
  let normal = layerNorm(hidden, ...norm('transformer.h.0.ln_1', embed), { epsilon });
  const projections: Value[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const block = `transformer.h.${layer}`;
    const qkv = map(normal, `${block}.attn.c_attn`, 3 * embed);
    projections.push(qkv);
    const attended = map(selfAttention(qkv, layer, frame.mask, architecture, frame), `${block}.attn.c_proj`, embed);
    const middle = skipLayerNorm(hidden, attended, ...norm(`${block}.ln_2`, embed), { epsilon });
    const expanded = activate(map(middle.normal, `${block}.mlp.c_fc`, inner), architecture.activation, frame);
    const next = layer + 1 < layers ? `transformer.h.${layer + 1}.ln_1` : 'transformer.ln_f';
    const after = skipLayerNorm(middle.sum, map(expanded, `${block}.mlp.c_proj`, embed), ...norm(next, embed), { epsilon });
    [hidden, normal] = [after.sum, after.normal];
  }
  return { normal, projections };
}
