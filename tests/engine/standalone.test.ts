/** A whole ONNX export in the layout of transformers.js: run by their library with our sampler, it says what our own engine says. */
import { copyFile, link, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { greedy } from '../../scripts/oracle/golden.ts';
import { openDecoder } from '../../src/engine/decode.ts';
import type { Event, Request } from '../../src/engine/protocol.ts';
import { Solo } from '../../src/engine/solo.ts';
import { isStandalone, openStandalone } from '../../src/engine/standalone.ts';
import { openTokenizer } from '../../src/engine/tokenizer.ts';
import { encode } from '../../src/graph/onnx.ts';
import { readArchitecture } from '../../src/model/architecture.ts';
import { standaloneProgram } from '../../src/model/export.ts';
import { openWeights } from '../../src/model/weights.ts';
import { until } from '../fakes/bot.ts';
import { scratch } from '../folders.ts';

async function exported(base: string, tokenizer: string): Promise<string> {
  const folder = join(await scratch(), 'someone--voice'); // as the hub's are named here
  await mkdir(join(folder, 'onnx'), { recursive: true });
  const weights = await openWeights(base, { cache: await scratch() });
  const file = [...weights.tensors.values()][0]?.file ?? '';
  await link(file, join(folder, 'onnx', 'weights.data')).catch(() => copyFile(file, join(folder, 'onnx', 'weights.data')));
  const program = standaloneProgram(readArchitecture(weights.config), { isUntied: false });
  await writeFile(join(folder, 'onnx', 'model.onnx'), encode(program, (name) => { const place = weights.tensors.get(name); return place && { ...place, file: basename('weights.data') }; }));
  await copyFile(join(base, 'config.json'), join(folder, 'config.json'));
  await copyFile(tokenizer, join(folder, 'tokenizer.json'));
  return folder;
}
const request = (id: string, sampling: Partial<Request['sampling']> = {}, seed = 1): Request => ({
  id, voice: { base: '' }, prompt: [{ control: '<|startoftext|>' }, { text: 'En un lugar de' }], seed,
  sampling: { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, noRepeatNgram: 0, minNew: 24, maxNew: 24, stop: [], candidates: 1, ...sampling },
});

async function start(settings?: object) {
  const folder = await exported('models/base', 'models/base/tokenizer.json');
  if (settings) await writeFile(join(folder, 'generation_config.json'), JSON.stringify(settings));
  expect(isStandalone(folder)).toBe(true);
  const told = new Map<string, Event[]>();
  const tokenizer = await openTokenizer(folder);
  const solo = new Solo(await openStandalone(folder, { threads: 1 }), tokenizer, (id, event) => { told.set(id, [...(told.get(id) ?? []), event]); });
  const end = (id: string) => until(`the end of ${id}`, () => { void solo.step(); return told.get(id)?.find((event) => event.type === 'end'); }, 15_000);
  const text = (id: string): string => (told.get(id) ?? []).map((event) => (event.type === 'words' ? event.text : '')).join('');
  return { solo, tokenizer, told, end, text };
}

it.each([
  ['says the greedy tokens of the base that it was made from', undefined],
  ['says them whatever its own settings ask for', { do_sample: true, repetition_penalty: 5, no_repeat_ngram_size: 1, max_new_tokens: 3, min_length: 9, suppress_tokens: [264, 300, 268], forced_eos_token_id: 0, eos_token_id: 300 }],
])('%s', async (_, settings) => {
  const { solo, tokenizer, end, text } = await start(settings);
  await solo.add(request('greedy'));
  await end('greedy');
  const decoder = await openDecoder('models/base', { device: 'cpu', cache: await scratch(), threads: 1 });
  const prompt = [tokenizer.controlId('<|startoftext|>'), ...tokenizer.encode('En un lugar de')];
  expect(text('greedy')).toBe(tokenizer.decode(await greedy(decoder, prompt, 24)));
  await decoder.release();
});

it('that does not load is named, with what to do', async () => {
  const folder = await exported('models/base', 'models/base/tokenizer.json');
  await writeFile(join(folder, 'onnx', 'model.onnx'), 'no model');
  await expect(openStandalone(folder, { threads: 1 })).rejects.toThrow(/someone--voice\/onnx\/model\.onnx does not load.*export it again/s);
});

it('gives the same text for the same seed, another for another, and ends when it is cancelled', async () => {
  const { solo, told, end, text } = await start();
  const wild = { temperature: 1, topK: 50 };
  for (const [id, seed] of [['a', 7], ['b', 7], ['c', 8]] as const) await solo.add(request(id, wild, seed));
  for (const id of ['a', 'b', 'c']) await end(id);
  expect(text('a')).toBe(text('b'));
  expect(text('a')).not.toBe(text('c'));
  await solo.add(request('long', { ...wild, minNew: 400, maxNew: 400 }));
  void solo.step();
  await until('its first words', () => told.get('long')?.some((event) => event.type === 'words'));
  solo.cancel('long');
  expect(await end('long')).toMatchObject({ finish: 'cancel' });
});
