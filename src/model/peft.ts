/**
 * Reads an adapter in PEFT's LoRA layout (huggingface.co/docs/peft: adapter_config.json, adapter_model.safetensors). What it cannot honour it refuses by
 * name; it never misreads. Knows no model: whether the matrices fit one is lora.ts's business.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SetupError } from '../errors.ts';
import { readHeader } from './safetensors.ts';
import { widen } from './float.ts';

export interface Matrices {
  readonly a: Float32Array; // [rank, in]
  readonly b: Float32Array; // [out, rank]
  readonly rank: number;
  readonly scaling: number;
}
export interface AdapterWeights {
  readonly version: string; // first 8 hex digits of the file's sha256
  readonly modules: ReadonlyMap<string, Matrices>; // `transformer.h.0.attn.c_attn` …
  /** Input rows in place of the base's (trainable_token_indices); the head keeps the base's. */
  readonly tokens?: { readonly indices: readonly number[]; readonly rows: Float32Array /* [n, embed] */ };
}

const rates = z.record(z.string(), z.number()).nullish().transform((value) => value ?? {});
const layout = z.looseObject({
  peft_type: z.literal('LORA'),
  r: z.int().positive(),
  lora_alpha: z.number(),
  rank_pattern: rates,
  alpha_pattern: rates,
  use_rslora: z.boolean().nullish(),
  trainable_token_indices: z.union([z.array(z.int()), z.record(z.string(), z.array(z.int()))]).nullish(),
});
type Layout = z.infer<typeof layout>;

/** Settings that change what an adapter computes in ways that are not honoured here: each must be off. */
const refused: Readonly<Record<string, (value: unknown) => boolean>> = {
  use_dora: Boolean, lora_bias: Boolean, use_qalora: Boolean, use_bdlora: Boolean, velora_config: Boolean, alora_invocation_tokens: Boolean, arrow_config: Boolean,
  monteclora_config: Boolean, kasa_config: Boolean, bias: (value) => value !== undefined && value !== null && value !== 'none',
  modules_to_save: (value) => Array.isArray(value) && value.length > 0, layer_replication: (value) => Array.isArray(value) && value.length > 0,
  target_parameters: (value) => Array.isArray(value) && value.length > 0,
  // These begin by taking something away from the base's own weights; unless PEFT converts it on saving, such an adapter fits that other base only.
  init_lora_weights: (value) => typeof value === 'string' && /^(pissa|olora|corda|loftq|lora_ga)/i.test(value),
};

/** @throws SetupError naming the setting or tensor that cannot be honoured. */
export async function readAdapter(folder: string): Promise<AdapterWeights> {
  const config = await readLayout(join(folder, 'adapter_config.json'));
  const path = join(folder, 'adapter_model.safetensors');
  const bytes = await readFile(path).catch(() => { throw new SetupError(`expected adapter_model.safetensors in ${folder}, found none (adapter_model.bin is not read: save it with safe_serialization=True)`); });
  const version = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
  const tensors = new Map<string, { values: Float32Array; shape: readonly number[] }>();
  for (const [name, tensor] of await readHeader(path)) tensors.set(name, { values: widen(bytes.subarray(tensor.offset, tensor.offset + tensor.length), tensor.dtype), shape: tensor.shape });
  const modules = new Map<string, Matrices>();
  let tokens: AdapterWeights['tokens'];
  for (const [name, { values, shape }] of tensors) {
    const part = /^(?:base_model\.model\.)?(.+?)\.(lora_[AB]|lora_embedding_[AB]|token_adapter|trainable_tokens_delta)(?:\..*)?$/.exec(name);
    const [, module = '', role = ''] = part ?? [];
    if (role === 'lora_A') modules.set(fullName(module), pair(config, module, { values, shape }, tensors.get(name.replace('lora_A', 'lora_B')), folder));
    else if (role === 'token_adapter' || role === 'trainable_tokens_delta') tokens = tokenRows(config, module, { values, shape }, folder);
    else if (role !== 'lora_B') throw new SetupError(`${folder}: the tensor ${name} is of a kind that is not read (only LoRA matrices and trainable tokens are)`);
    else if (!tensors.has(name.replace('lora_B', 'lora_A'))) throw new SetupError(`${folder}: ${name} has no lora_A beside it`);
  }
  if (!tokens && (modules.size === 0 || hasTokens(config))) throw new SetupError(`${path} holds no ${modules.size === 0 ? 'LoRA matrices' : 'rows for its trainable_token_indices'}: save the adapter again`);
  return tokens ? { version, modules, tokens } : { version, modules };
}

const hasTokens = ({ trainable_token_indices: setting }: Layout): boolean => (Array.isArray(setting) ? setting : Object.values(setting ?? {}).flat()).length > 0;

async function readLayout(path: string): Promise<Layout> {
  const text = await readFile(path, 'utf8').catch(() => { throw new SetupError(`expected a PEFT adapter: there is no ${path}`); });
  let raw: unknown;
  try { raw = JSON.parse(text); } catch { throw new SetupError(`${path} is not JSON`); }
  const found = z.record(z.string(), z.unknown()).safeParse(raw).data ?? {};
  const unread = Object.entries(refused).filter(([name, isOn]) => isOn(found[name])).map(([name]) => `${name}: ${JSON.stringify(found[name])}`);
  const { data, error } = layout.safeParse(raw);
  if (unread.length > 0) throw new SetupError(`${path}: these settings are not honoured, so the adapter would be misread: ${unread.join(', ')}`);
  if (!data) throw new SetupError(`${path}:\n${z.prettifyError(error)}`);
  return data;
}

const fullName = (module: string): string => (module.startsWith('transformer.') ? module : `transformer.${module}`);

interface Stored { readonly values: Float32Array; readonly shape: readonly number[] }
function pair(config: Layout, module: string, a: Stored, b: Stored | undefined, folder: string): Matrices {
  const rank = patternFor(config.rank_pattern, module) ?? config.r;
  const alpha = patternFor(config.alpha_pattern, module) ?? config.lora_alpha;
  if (!b) throw new SetupError(`${folder}: ${module} has lora_A but no lora_B`);
  if (a.shape.length !== 2 || b.shape.length !== 2 || a.shape[0] !== rank || b.shape[1] !== rank) throw new SetupError(`${folder}: ${module} should have A [${rank}, in] and B [out, ${rank}], got [${a.shape.join(', ')}] and [${b.shape.join(', ')}]`);
  return { a: a.values, b: b.values, rank, scaling: alpha / (config.use_rslora ? Math.sqrt(rank) : rank) };
}

/** PEFT's rule (get_pattern_key): a pattern fits a module that is it or ends with it behind a dot; patterns are regular expressions. The first that fits holds. */
function patternFor(patterns: Readonly<Record<string, number>>, module: string): number | undefined {
  return Object.entries(patterns).find(([pattern]) => expression(pattern).test(module))?.[1];
}

function expression(pattern: string): RegExp {
  try { return new RegExp(`^(?:.*\\.)?(?:${pattern})$`); } catch { throw new SetupError(`expected names or regular expressions in rank_pattern and alpha_pattern, got ${pattern}`); }
}

/** The token embeddings of the two architectures. Rows for any other map (a head, positions) would be taken for them. */
const embeddings: ReadonlySet<string> = new Set(['transformer.wte', 'transformer.word_embeddings']);

function tokenRows(config: Layout, module: string, { values: rows, shape }: Stored, folder: string): AdapterWeights['tokens'] {
  const setting = config.trainable_token_indices;
  const indices = Array.isArray(setting) ? setting : Object.entries(setting ?? {}).find(([name]) => `.${fullName(module)}`.endsWith(`.${name}`))?.[1];
  if (!embeddings.has(fullName(module))) throw new SetupError(`${folder}: trainable tokens are read for the input embeddings only, not for ${module}`);
  if (!indices || shape[0] !== indices.length) throw new SetupError(`${folder}: trainable tokens of ${module} do not fit trainable_token_indices (${indices?.length ?? 0} indices, ${shape[0] ?? 0} rows)`);
  return { indices, rows };
}
