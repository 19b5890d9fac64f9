/** Makes a GPT-2 folder of a given size with random weights, for speed alone: what it says means nothing. */
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface Shape { readonly name: string; readonly layers: number; readonly embed: number; readonly heads: number; readonly window: number; readonly vocabulary: number }
/** GPT-2 small, 124 M parameters: openai-community/gpt2's config.json. */
export const gpt2Small: Shape = { name: 'gpt2-124m', layers: 12, embed: 768, heads: 12, window: 1024, vocabulary: 50257 };

/** Names and shapes as in Hugging Face's checkpoints. */
function tensorsOf({ layers, embed, window, vocabulary }: Shape): [name: string, shape: number[]][] {
  const block = (index: number): [string, number[]][] => [
    ['ln_1.weight', [embed]], ['ln_1.bias', [embed]], ['attn.c_attn.weight', [embed, 3 * embed]], ['attn.c_attn.bias', [3 * embed]],
    ['attn.c_proj.weight', [embed, embed]], ['attn.c_proj.bias', [embed]], ['ln_2.weight', [embed]], ['ln_2.bias', [embed]],
    ['mlp.c_fc.weight', [embed, 4 * embed]], ['mlp.c_fc.bias', [4 * embed]], ['mlp.c_proj.weight', [4 * embed, embed]], ['mlp.c_proj.bias', [embed]],
  ].map(([name, shape]) => [`transformer.h.${index}.${name as string}`, shape as number[]]);
  return [['transformer.wte.weight', [vocabulary, embed]], ['transformer.wpe.weight', [window, embed]], ...Array.from({ length: layers }, (_, index) => block(index)).flat(), ['transformer.ln_f.weight', [embed]], ['transformer.ln_f.bias', [embed]]];
}

/** Writes the folder unless it is there; the tokenizer is copied from `tokenizer`. Half a gigabyte for GPT-2 small. */
export function makeFolder(shape: Shape, folder: string, tokenizer: string): string {
  if (existsSync(join(folder, 'model.safetensors'))) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify({
    architectures: ['GPT2LMHeadModel'], model_type: 'gpt2', vocab_size: shape.vocabulary, n_positions: shape.window, n_ctx: shape.window, n_embd: shape.embed, n_layer: shape.layers, n_head: shape.heads,
    activation_function: 'gelu_new', layer_norm_epsilon: 1e-5, bos_token_id: shape.vocabulary - 1, eos_token_id: shape.vocabulary - 1, tie_word_embeddings: true,
  }));
  copyFileSync(tokenizer, join(folder, 'tokenizer.json'));
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ tokenizer_class: 'GPT2Tokenizer' }));
  writeWeights(tensorsOf(shape), join(folder, 'model.safetensors'));
  return folder;
}

function writeWeights(tensors: readonly [string, number[]][], path: string): void {
  let offset = 0;
  const header = Object.fromEntries(tensors.map(([name, shape]) => {
    const begin = offset;
    offset += shape.reduce((a, b) => a * b, 4);
    return [name, { dtype: 'F32', shape, data_offsets: [begin, offset] }];
  }));
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const file = openSync(`${path}.part`, 'w');
  writeSync(file, Buffer.concat([length, padded]));
  const noise = noiseBlock(1 << 20);
  for (const [name, shape] of tensors) writeTensor(file, /ln_\w\.weight|ln_f\.weight/.test(name) ? noise.map(() => 1) : noise, shape.reduce((a, b) => a * b, 1));
  closeSync(file);
  renameSync(`${path}.part`, path);
}

function writeTensor(file: number, values: Float32Array, count: number): void {
  for (let left = count; left > 0; left -= values.length) writeSync(file, new Uint8Array(values.buffer, 0, Math.min(left, values.length) * 4));
}

/** Uniform in ±0.035: GPT-2's initial standard deviation of 0.02. */
function noiseBlock(length: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length }, () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 31 - 1) * 0.035);
}
