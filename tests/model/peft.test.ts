/** Adapters in PEFT's layout: every setting is honoured or refused by name. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDecoder } from '../../src/engine/decode.ts';
import { readAdapter } from '../../src/model/peft.ts';
import { scratch, writeSafetensors, type Values } from '../folders.ts';

const attention = 'base_model.model.transformer.h.0.attn.c_attn';
const values = (value: number, ...shape: number[]): Values => ({ values: new Float32Array(shape.reduce((all, one) => all * one, 1)).fill(value), shape });
const pair = (rank: number): [string, Values][] => [[`${attention}.lora_A.weight`, values(1, rank, 32)], [`${attention}.lora_B.weight`, values(1, 96, rank)]];

async function folderOf(config: object, tensors: [string, Values][] = pair(4)): Promise<string> {
  const folder = await scratch();
  await writeFile(join(folder, 'adapter_config.json'), JSON.stringify({ peft_type: 'LORA', r: 4, lora_alpha: 8, bias: 'none', ...config }));
  await writeSafetensors(join(folder, 'adapter_model.safetensors'), new Map(tensors));
  return folder;
}
const scaling = async (config: object, rank = 4): Promise<number | undefined> => (await readAdapter(await folderOf(config, pair(rank)))).modules.get('transformer.h.0.attn.c_attn')?.scaling;

describe('the scaling', () => {
  it('is alpha over rank', async () => expect(await scaling({})).toBe(2));
  it('is alpha over the root of the rank with rsLoRA', async () => expect(await scaling({ use_rslora: true })).toBe(4));
  it('follows rank_pattern and alpha_pattern, which end a module’s name', async () => expect(await scaling({ rank_pattern: { c_attn: 2 }, alpha_pattern: { 'attn.c_attn': 10 } }, 2)).toBe(5));
  it('leaves other modules’ patterns alone', async () => expect(await scaling({ alpha_pattern: { c_proj: 10 } })).toBe(2));
});

describe('trainable tokens', () => {
  const rows = (module: string): [string, Values] => [`base_model.model.transformer.${module}.token_adapter.trainable_tokens_delta`, values(0.5, 2, 32)];
  it.each([[[7, 9]], [{ wte: [7, 9] }], [{ 'transformer.wte': [7, 9] }]])('are read as %j', async (indices) => {
    const { tokens } = await readAdapter(await folderOf({ trainable_token_indices: indices }, [...pair(4), rows('wte')]));
    expect(tokens).toEqual({ indices: [7, 9], rows: values(0.5, 2, 32).values });
  });
  it('of another map than the input embeddings are refused by its name', async () => expect(readAdapter(await folderOf({ trainable_token_indices: { wpe: [7, 9] } }, [...pair(4), rows('wpe')]))).rejects.toThrow(/not for transformer\.wpe/));
  it('that are more than their indices are refused', async () => expect(readAdapter(await folderOf({ trainable_token_indices: [7] }, [...pair(4), rows('wte')]))).rejects.toThrow(/1 indices, 2 rows/));
});

it.each(['gaussian', 'eva', true, false])('init_lora_weights %j says nothing of the finished adapter', async (how) => expect(await scaling({ init_lora_weights: how })).toBe(2));
it('of two bytes an element is widened', async () => {
  const folder = await folderOf({});
  await writeSafetensors(join(folder, 'adapter_model.safetensors'), new Map([[`${attention}.lora_A.weight`, values(0.5, 4, 32)], [`${attention}.lora_B.weight`, values(-1.5, 96, 4)]]), 'F16');
  expect((await readAdapter(folder)).modules.get('transformer.h.0.attn.c_attn')).toMatchObject({ a: values(0.5, 4, 32).values, b: values(-1.5, 96, 4).values });
});
it('without any matrix is refused', async () => expect(readAdapter(await folderOf({}, []))).rejects.toThrow(/holds no LoRA matrices/));

describe('what cannot be honoured is refused by name', () => {
  it.each([
    [{ use_dora: true }, /use_dora: true/], [{ bias: 'all' }, /bias: "all"/], [{ lora_bias: true }, /lora_bias/], [{ modules_to_save: ['lm_head'] }, /modules_to_save/],
    [{ layer_replication: [[0, 1]] }, /layer_replication/],
    [{ init_lora_weights: 'pissa_niter_16' }, /init_lora_weights: "pissa_niter_16"/], [{ init_lora_weights: 'olora' }, /init_lora_weights/], [{ rank_pattern: { '(': 2 } }, /regular expressions in rank_pattern/],
    [{ trainable_token_indices: [7] }, /holds no rows for its trainable_token_indices/], [{ peft_type: 'IA3' }, /LORA/],
  ])('%j', async (config, message) => expect(readAdapter(await folderOf(config))).rejects.toThrow(message));
  it('all of it at once', async () => expect(readAdapter(await folderOf({ use_dora: true, bias: 'all' }))).rejects.toThrow(/bias.*|use_dora.*bias/));
  it('a tensor of another kind', async () => expect(readAdapter(await folderOf({}, [...pair(4), [`${attention}.lora_magnitude_vector`, values(1, 96)]]))).rejects.toThrow(/lora_magnitude_vector/));
  it('half a pair', async () => expect(readAdapter(await folderOf({}, pair(4).slice(0, 1)))).rejects.toThrow(/no lora_B/));
  it('a rank that the matrices have not', async () => expect(readAdapter(await folderOf({ r: 8 }))).rejects.toThrow(/A \[8, in\]/));
  it('a module that the base has not, and one of another width', async () => {
    const decoder = await openDecoder('tests/golden/bloom', { device: 'cpu', cache: await scratch(), threads: 1 });
    await expect(decoder.adapter('tests/golden/gpt2/adapter')).rejects.toThrow(/sits on transformer\.h\.0\.attn\.c_attn, which this base has not/);
    await decoder.release();
  });
});

it('token rows of an adapter stand in for the base’s on input, and only for its own rows', async () => {
  const decoder = await openDecoder('tests/golden/gpt2', { device: 'cpu', cache: await scratch(), threads: 1 });
  const tokens = values(0.5, 1, 32);
  const folder = await folderOf({ trainable_token_indices: [7] }, [[`${attention}.lora_A.weight`, values(0, 4, 32)], [`${attention}.lora_B.weight`, values(0, 96, 4)], ['base_model.model.transformer.wte.token_adapter.trainable_tokens_delta', tokens]]);
  const adapter = await decoder.adapter(folder);
  const hear = async (ids: number[], own: boolean): Promise<number[]> => {
    const row = decoder.open(own ? adapter : undefined);
    const beside = decoder.open();
    const [logits = new Float32Array(0)] = await decoder.step([{ row, tokens: ids }, { row: beside, tokens: [7, 7, 7] }]);
    decoder.close(row);
    decoder.close(beside);
    return [...logits];
  };
  expect(await hear([1, 2, 3], true)).toEqual((await hear([1, 2, 3], false)).map((value) => expect.closeTo(value, 4)));
  const changed = Math.max(...(await hear([1, 7, 3], true)).map((value) => Math.abs(value)));
  const plain = await hear([1, 7, 3], false);
  expect((await hear([1, 7, 3], true)).some((value, id) => Math.abs(value - (plain[id] ?? 0)) > 1e-3 * changed)).toBe(true);
  await decoder.release();
});
