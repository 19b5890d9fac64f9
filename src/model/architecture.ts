/** What config.json says a model is: sizes and variants of GPT-2 and BLOOM, as Hugging Face writes them. Knows no weights. */
import { z } from 'zod';
import { SetupError } from '../errors.ts';

export type Activation = 'gelu' | 'gelu_tanh' | 'relu';
export interface Architecture {
  readonly kind: 'gpt2' | 'bloom';
  readonly layers: number;
  readonly embed: number;
  readonly heads: number;
  readonly headDim: number;
  readonly inner: number; // width of the MLP
  readonly vocabulary: number;
  readonly window: number; // the most positions; Infinity where positions are not learned
  readonly activation: Activation;
  readonly epsilon: number;
  readonly scaleByLayer: boolean; // GPT-2: attention also divided by the layer's number
  readonly scaleAttention: boolean; // GPT-2: attention divided by √headDim
  readonly residualAfterNorm: boolean; // BLOOM: the skip connection starts behind the LayerNorm
  readonly end: readonly number[]; // ids that end a text
}

const ids = z.union([z.int(), z.array(z.int())]).nullish().transform((value) => [value ?? []].flat());
const shared = { vocab_size: z.int().positive(), layer_norm_epsilon: z.number().positive().default(1e-5), eos_token_id: ids };
const gpt2 = z.looseObject({
  ...shared, n_embd: z.int().positive(), n_layer: z.int().positive(), n_head: z.int().positive(), n_positions: z.int().positive(), n_inner: z.int().positive().nullish(),
  activation_function: z.string().default('gelu_new'), scale_attn_weights: z.boolean().default(true), scale_attn_by_inverse_layer_idx: z.boolean().default(false), add_cross_attention: z.literal(false).default(false),
});
const bloom = z.looseObject({
  ...shared, hidden_size: z.int().positive().optional(), n_embed: z.int().positive().optional(), n_layer: z.int().positive().optional(), num_hidden_layers: z.int().positive().optional(),
  n_head: z.int().positive().optional(), num_attention_heads: z.int().positive().optional(), apply_residual_connection_post_layernorm: z.boolean().default(false),
});

const activations: Readonly<Record<string, Activation>> = { gelu_new: 'gelu_tanh', gelu_pytorch_tanh: 'gelu_tanh', gelu_fast: 'gelu_tanh', gelu: 'gelu', relu: 'relu' };

/** @throws SetupError naming what is not of these two architectures. */
export function readArchitecture(config: unknown): Architecture {
  const { model_type: kind } = z.looseObject({ model_type: z.string().default('none') }).parse(config ?? {});
  if (kind === 'gpt2') return readGpt2(check(gpt2, config));
  if (kind === 'bloom') return readBloom(check(bloom, config));
  throw new SetupError(`expected a model of type gpt2 or bloom, config.json says ${kind}`);
}

function check<T extends z.ZodType>(schema: T, config: unknown): z.infer<T> {
  const { data, error } = schema.safeParse(config);
  if (error) throw new SetupError(`config.json is not as expected:\n${z.prettifyError(error)}`);
  return data;
}

function readGpt2(config: z.infer<typeof gpt2>): Architecture {
  const activation = activations[config.activation_function];
  if (!activation) throw new SetupError(`expected an activation of ${Object.keys(activations).join(', ')}, config.json says ${config.activation_function}`);
  return checked({
    kind: 'gpt2', layers: config.n_layer, embed: config.n_embd, heads: config.n_head, headDim: config.n_embd / config.n_head, inner: config.n_inner ?? 4 * config.n_embd,
    vocabulary: config.vocab_size, window: config.n_positions, activation, epsilon: config.layer_norm_epsilon,
    scaleByLayer: config.scale_attn_by_inverse_layer_idx, scaleAttention: config.scale_attn_weights, residualAfterNorm: false, end: config.eos_token_id,
  });
}

function readBloom(config: z.infer<typeof bloom>): Architecture {
  const [embed, layers, heads] = [config.hidden_size ?? config.n_embed, config.n_layer ?? config.num_hidden_layers, config.n_head ?? config.num_attention_heads];
  if (!embed || !layers || !heads) throw new SetupError('config.json of a bloom model needs hidden_size, n_layer and n_head');
  return checked({
    kind: 'bloom', layers, embed, heads, headDim: embed / heads, inner: 4 * embed, vocabulary: config.vocab_size, window: Infinity, activation: 'gelu_tanh', epsilon: config.layer_norm_epsilon,
    scaleByLayer: false, scaleAttention: true, residualAfterNorm: config.apply_residual_connection_post_layernorm, end: config.eos_token_id,
  });
}

function checked(architecture: Architecture): Architecture {
  if (Number.isInteger(architecture.headDim)) return architecture;
  throw new SetupError(`expected a width that ${architecture.heads} heads divide, config.json says ${architecture.embed}`);
}
