/** A tour: builds a GPT of two layers, hears it, puts an adapter on it, hears it again. Read it from top to bottom. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openDecoder } from '../src/engine/decode.ts';
import type { Adapter, Decoder } from '../src/engine/decoder.ts';
import { noise, scratch, writeSafetensors, type Values } from './folders.ts';
import { greedy, logitsOf } from './reference.ts';

// 1) A model is a folder: config.json says its sizes, model.safetensors holds its weights under Hugging Face's names.
const sizes = { layers: 2, heads: 2, embed: 16, epsilon: 1e-5 };
const config = { model_type: 'gpt2', n_layer: 2, n_head: 2, n_embd: 16, n_positions: 32, vocab_size: 50, eos_token_id: 0 };
const random = noise(1);
const values = (size: number, ...shape: number[]): Values => ({ values: random(shape.reduce((all, one) => all * one, 1), size), shape });
const norm = (name: string): [string, Values][] => [[`${name}.weight`, { values: new Float32Array(16).fill(1), shape: [16] }], [`${name}.bias`, values(0.1, 16)]];
const linear = (name: string, inside: number, outside: number): [string, Values][] => [[`${name}.weight`, values(0.4, inside, outside)], [`${name}.bias`, values(0.1, outside)]];
const block = (layer: number): [string, Values][] => {
  const at = `transformer.h.${layer}`;
  return [...norm(`${at}.ln_1`), ...linear(`${at}.attn.c_attn`, 16, 48), ...linear(`${at}.attn.c_proj`, 16, 16), ...norm(`${at}.ln_2`), ...linear(`${at}.mlp.c_fc`, 16, 64), ...linear(`${at}.mlp.c_proj`, 64, 16)];
};
const weights = new Map<string, Values>([['transformer.wte.weight', values(1, 50, 16)], ['transformer.wpe.weight', values(0.3, 32, 16)], ...block(0), ...block(1), ...norm('transformer.ln_f')]);

// 2) An adapter is a folder too: two thin matrices beside a map of the model, here the first layer's c_attn.
const module = 'transformer.h.0.attn.c_attn';
const a = values(0.5, 3, 16); // [rank, in]
const b = values(0.5, 48, 3); // [out, rank]
const change = new Map([[module, { a: a.values, b: b.values, rank: 3, scaling: 6 / 3 }]]);

async function build(): Promise<{ decoder: Decoder; adapter: Adapter }> {
  const folder = await scratch();
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  await writeSafetensors(join(folder, 'model.safetensors'), weights);
  const voice = await scratch();
  await writeFile(join(voice, 'adapter_config.json'), JSON.stringify({ peft_type: 'LORA', r: 3, lora_alpha: 6, target_modules: ['c_attn'], fan_in_fan_out: true }));
  await writeSafetensors(join(voice, 'adapter_model.safetensors'), new Map([[`base_model.model.${module}.lora_A.weight`, a], [`base_model.model.${module}.lora_B.weight`, b]]));
  const decoder = await openDecoder(folder, { device: 'cpu', cache: await scratch(), threads: 1 });
  return { decoder, adapter: await decoder.adapter(voice) };
}

// 3) A row is a text in the making. It is fed its prompt at once, then each token as it is chosen.
async function hear(decoder: Decoder, prompt: readonly number[], count: number, adapter?: Adapter): Promise<number[]> {
  const row = decoder.open(adapter);
  const ids = [...prompt];
  while (ids.length < prompt.length + count) {
    const [logits = new Float32Array(0)] = await decoder.step([{ row, tokens: ids.slice(row.length) }]);
    ids.push(logits.indexOf(Math.max(...logits)));
  }
  decoder.close(row);
  return ids.slice(prompt.length);
}

it('a GPT of two layers says what loops over plain numbers say, with an adapter and without', async () => {
  const { decoder, adapter } = await build();
  const prompt = [7, 11, 13];
  const alone = await hear(decoder, prompt, 12);
  const adapted = await hear(decoder, prompt, 12, adapter);
  expect(alone).toEqual(greedy(prompt, 12, (ids) => logitsOf(ids, weights, sizes)));
  expect(adapted).toEqual(greedy(prompt, 12, (ids) => logitsOf(ids, weights, sizes, change)));
  expect(adapted).not.toEqual(alone);
  await decoder.release();
});

it('two voices step together in one forward, each as it would alone', async () => {
  const { decoder, adapter } = await build();
  const rows = [decoder.open(adapter), decoder.open()];
  const [one, other] = await decoder.step(rows.map((row) => ({ row, tokens: [3, 1, 4] })));
  for (const [logits, with_] of [[one, change], [other, undefined]] as const) {
    const expected = logitsOf([3, 1, 4], weights, sizes, with_);
    expect(Math.max(...expected.map((value, id) => Math.abs(value - (logits?.[id] ?? NaN))))).toBeLessThan(1e-4);
  }
  await decoder.release();
});
