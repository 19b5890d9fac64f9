/** Compares a folder's recorded logits and greedy tokens with our own, row by row and mixed in one batch. Knows how the golden folders are laid out. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDecoder } from '../../src/engine/decode.ts';
import type { Adapter, Decoder, Device } from '../../src/engine/decoder.ts';
import { SetupError } from '../../src/errors.ts';
import { readBytes, readHeader } from '../../src/model/safetensors.ts';
import { randomAdapter } from './adapter.ts';

export interface Check { readonly name: string; readonly max_abs: number | null; readonly rel: number | null; readonly limit: number | null; readonly pass: boolean | null; readonly got?: unknown; readonly why?: string }
interface Recorded { readonly data: Float32Array | Int32Array; readonly shape: readonly number[] }
interface Batch { readonly rows: readonly (readonly number[])[]; readonly width: number }

/** Recorded in float32 by another implementation: sums in another order differ by about 1e-6 of the largest term. */
const limit = 1e-4;

export async function compare(folder: string, device: string): Promise<{ model: string; checks: Check[] }> {
  if (!existsSync(join(folder, 'golden.safetensors'))) throw new SetupError(`expected golden.safetensors in ${folder}: a folder laid out as tests/golden/gpt2`);
  const recorded = await readRecorded(join(folder, 'golden.safetensors'));
  const config = existsSync(join(folder, 'config.json')) ? JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as { model_type?: string } : {};
  const model = config.model_type ?? (recorded.has('next') ? 'bilstm' : 'lstm');
  if (config.model_type === undefined) return { model, checks: later(['logits', 'loss', 'full_losses'], 'the ladder of models comes with Learn') };
  const decoder = await openDecoder(folder, { device: device as Device, cache: join(tmpdir(), 'ventrilocuo-oracle'), threads: 2 });
  const adapter = existsSync(join(folder, 'adapter')) ? await decoder.adapter(join(folder, 'adapter')) : undefined;
  const checks = [...await checkLogits(decoder, recorded, adapter), ...(adapter ? [await checkMixed(decoder, recorded, adapter, folder)] : []), ...await checkGreedy(decoder, recorded, adapter)];
  await decoder.release();
  const gradients = [...recorded.keys()].filter((name) => /^(lora\.)?grad\./.test(name));
  return { model, checks: [...checks, ...later(['loss', ...gradients, 'full_losses', 'lora_losses'], 'training comes with Learn')] };
}

const later = (names: readonly string[], why: string): Check[] => names.map((name) => ({ name, max_abs: null, rel: null, limit: null, pass: null, why }));

async function readRecorded(file: string): Promise<Map<string, Recorded>> {
  const recorded = new Map<string, Recorded>();
  for (const [name, tensor] of await readHeader(file)) {
    const { buffer } = await readBytes(tensor);
    recorded.set(name, { data: tensor.dtype === 'I32' ? new Int32Array(buffer) : new Float32Array(buffer), shape: tensor.shape });
  }
  return recorded;
}

function get(recorded: ReadonlyMap<string, Recorded>, name: string): Recorded {
  const found = recorded.get(name);
  if (!found) throw new SetupError(`golden.safetensors has no ${name}`);
  return found;
}

/** Batch 0, each row as long as its attention mask. */
function firstBatch(recorded: ReadonlyMap<string, Recorded>): Batch {
  const [ids, mask] = [get(recorded, 'ids'), get(recorded, 'attention_mask')];
  const [count = 0, width = 0] = mask.shape;
  const rows = Array.from({ length: count }, (_, row) => Array.from(ids.data.subarray(row * width, (row + 1) * width)).filter((_id, step) => mask.data[row * width + step] === 1));
  return { rows, width };
}

/** Logits at every position of rows that step together, token by token behind a prefill of `head` tokens: [row][position] → [vocabulary]. */
async function logitsOf(decoder: Decoder, rows: readonly (readonly number[])[], adapters: readonly (Adapter | undefined)[], head = 1): Promise<Float32Array[][]> {
  const open = rows.map((tokens, index) => ({ tokens, row: decoder.open(adapters[index]), logits: [] as Float32Array[] }));
  for (let step = head; open.some(({ row, tokens }) => row.length < tokens.length); step++) {
    const active = open.filter(({ row, tokens }) => row.length < tokens.length);
    const results = await decoder.step(active.map(({ row, tokens }) => ({ row, tokens: tokens.slice(row.length, step) })));
    active.forEach(({ logits, row }, index) => { logits[row.length - 1] = (results[index] ?? new Float32Array(0)).slice(); });
  }
  for (const { row } of open) decoder.close(row);
  return open.map(({ logits }) => logits);
}

async function checkLogits(decoder: Decoder, recorded: ReadonlyMap<string, Recorded>, adapter: Adapter | undefined): Promise<Check[]> {
  const { rows, width } = firstBatch(recorded);
  const against = async (name: string, with_: Adapter | undefined): Promise<Check> => {
    const expected = get(recorded, name).data;
    const differences: Difference[] = [];
    for (const head of [1, Math.floor(width / 2)]) {
      const got = await logitsOf(decoder, rows, rows.map(() => with_), head);
      got.forEach((positions, row) => positions.forEach((logits, step) => differences.push(difference(logits, expected.subarray((row * width + step) * decoder.vocabulary, (row * width + step + 1) * decoder.vocabulary)))));
    }
    return within(name, differences);
  };
  return [await against('logits', undefined), ...(adapter ? [await against('lora.logits', adapter)] : [])];
}

/** The rows of batch 0, one without adapter, one with the folder's, one with a random other, in one forward, against each alone. */
async function checkMixed(decoder: Decoder, recorded: ReadonlyMap<string, Recorded>, adapter: Adapter, folder: string): Promise<Check> {
  const { rows } = firstBatch(recorded);
  const other = await decoder.adapter(await randomAdapter(join(folder, 'adapter')));
  const adapters = rows.map((_, row) => [undefined, adapter, other][row % 3]);
  const together = await logitsOf(decoder, rows, adapters);
  const differences: Difference[] = [];
  for (const [index, tokens] of rows.entries()) {
    const [alone = []] = await logitsOf(decoder, [tokens], [adapters[index]]);
    alone.forEach((logits, step) => differences.push(difference(together[index]?.[step] ?? new Float32Array(0), logits)));
  }
  return within('mixed.logits', differences);
}

async function checkGreedy(decoder: Decoder, recorded: ReadonlyMap<string, Recorded>, adapter: Adapter | undefined): Promise<Check[]> {
  const against = async (name: string, with_: Adapter | undefined): Promise<Check> => {
    const expected = Array.from(get(recorded, name).data);
    const got = await greedy(decoder, expected.slice(0, 8), expected.length - 8, with_);
    const wrong = got.filter((id, index) => id !== expected[index + 8]).length;
    return { name, max_abs: wrong, rel: wrong / got.length, limit: 0, pass: wrong === 0, got };
  };
  return [await against('greedy', undefined), ...(adapter ? [await against('lora.greedy', adapter)] : [])];
}

export async function greedy(decoder: Decoder, prompt: readonly number[], count: number, adapter?: Adapter): Promise<number[]> {
  const row = decoder.open(adapter);
  const tokens = [...prompt];
  for (let index = 0; index < count; index++) {
    const [logits = new Float32Array(0)] = await decoder.step([{ row, tokens: tokens.slice(row.length) }]);
    tokens.push(logits.reduce((best, value, id) => (value > (logits[best] ?? -Infinity) ? id : best), 0));
  }
  decoder.close(row);
  return tokens.slice(prompt.length);
}

interface Difference { readonly max: number; readonly scale: number }
function difference(got: ArrayLike<number>, expected: ArrayLike<number>): Difference {
  let [max, scale] = [got.length === expected.length ? 0 : Infinity, 0];
  for (let index = 0; index < expected.length; index++) {
    const apart = Math.abs((got[index] ?? NaN) - (expected[index] ?? NaN));
    max = apart <= max ? max : Number.isNaN(apart) ? Infinity : apart;
    scale = Math.max(scale, Math.abs(expected[index] ?? 0));
  }
  return { max, scale };
}

function within(name: string, differences: readonly Difference[]): Check {
  const [max, scale] = [Math.max(...differences.map((one) => one.max)), Math.max(...differences.map((one) => one.scale))];
  return { name, max_abs: max, rel: max / scale, limit, pass: max <= limit };
}
