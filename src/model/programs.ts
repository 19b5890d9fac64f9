/** The programs a model yields: which values go in, which come out. Knows neither how they are run nor what the ids mean. */
import { gather, gemm, toFloat, topK } from '../graph/ops.ts';
import { input, weight, type Value } from '../graph/value.ts';
import type { Program } from '../graph/onnx.ts';
import type { Architecture } from './architecture.ts';
import { bloom } from './bloom.ts';
import type { Frame, Hidden } from './forward.ts';
import { gpt2 } from './gpt2.ts';
import { gateInput } from './lora.ts';

export interface StepOptions {
  readonly hasAdapters: boolean;
  readonly hasOverrides: boolean; // adapters with embedding rows of their own
  readonly isUntied: boolean; // the head has a weight of its own
  readonly fused: boolean;
  readonly top: number; // how many logits come out, the largest; 0 for all
}

export const forward = (architecture: Architecture, frame: Frame): Hidden => (architecture.kind === 'gpt2' ? gpt2 : bloom)(architecture, frame);

/** Adapters may sit on these maps of each block. */
export function modulesOf({ kind, layers, embed, inner }: Architecture): { name: string; inside: number; outside: number }[] {
  const maps: [string, number, number][] = kind === 'gpt2'
    ? [['attn.c_attn', embed, 3 * embed], ['attn.c_proj', embed, embed], ['mlp.c_fc', embed, inner], ['mlp.c_proj', inner, embed]]
    : [['self_attention.query_key_value', embed, 3 * embed], ['self_attention.dense', embed, embed], ['mlp.dense_h_to_4h', embed, inner], ['mlp.dense_4h_to_h', inner, embed]];
  return Array.from({ length: layers }, (_, layer) => maps.map(([name, inside, outside]) => ({ name: `transformer.h.${layer}.${name}`, inside, outside }))).flat();
}

/**
 * Prefill and decoding alike: `steps` new tokens of each of `batch` rows over `slots` cached ones. The cache goes in and never comes out: each layer's
 * projection [tokens, 3·embed] does, and the caller writes its keys and values into the cache. logits: [batch, vocabulary] at `last`; or, where only the top
 * is wanted, top.values and top.ids [batch, top], and hidden [batch, embed], from which headProgram makes the rest.
 */
export function stepProgram(architecture: Architecture, options: StepOptions): Program {
  const { heads, headDim, embed } = architecture;
  const sizes = input('sizes', [2], 'int64');
  const cache = (name: string): Value => input(name, ['batch', heads, 'slots', headDim]);
  const hidden = forward(architecture, {
    ids: input('ids', ['tokens'], 'int64'),
    positions: input('positions', ['tokens'], 'int64'),
    mask: input('mask', ['batch', 1, 'steps', 'keys']),
    keyPositions: input('key_positions', ['batch', 1, 1, 'keys']),
    layout: input('layout', [4], 'int64'),
    past: (layer) => ({ keys: cache(`keys.${layer}`), values: cache(`values.${layer}`), sizes }),
    ...(options.hasAdapters ? { gate: gateInput() } : {}),
    ...(options.hasOverrides ? { override: { rows: input('override', ['tokens', embed]), holds: input('overridden', ['tokens', 1], 'bool') } } : {}),
    fused: options.fused,
  });
  const last = gather(hidden.normal, input('last', ['batch'], 'int64')); // [batch, embed]
  const outputs = Object.fromEntries(hidden.projections.map((value, layer) => [`qkv.${layer}`, value]));
  const logits = gemm(last, headWeight(architecture, options), undefined, { transB: 1 });
  if (options.top === 0) return { outputs: { ...outputs, logits } };
  const { values, ids } = topK(logits, { count: options.top });
  return { outputs: { ...outputs, hidden: last, 'top.values': values, 'top.ids': toFloat(ids) } }; // ids below 2²⁴ are whole numbers in float32
}

/** hidden [batch, embed] → logits [batch, vocabulary] */
export function headProgram(architecture: Architecture, options: Pick<StepOptions, 'isUntied'>): Program {
  return { outputs: { logits: gemm(input('hidden', ['batch', architecture.embed]), headWeight(architecture, options), undefined, { transB: 1 }) } };
}

/** [vocabulary, embed]: the embedding itself where the head is tied to it (Press & Wolf, arXiv 1608.05859). */
export function headWeight({ kind, vocabulary, embed }: Architecture, { isUntied }: Pick<StepOptions, 'isUntied'>): Value {
  const name = isUntied ? 'lm_head.weight' : kind === 'gpt2' ? 'transformer.wte.weight' : 'transformer.word_embeddings.weight';
  return weight(name, [vocabulary, embed]);
}
