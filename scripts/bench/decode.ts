/** Decoding side by side with @huggingface/transformers on the same weights, in one run: tokens a second, time to the first, peak memory. */
import { fork } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { encode } from '../../src/graph/onnx.ts';
import { readArchitecture } from '../../src/model/architecture.ts';
import { standaloneProgram } from '../../src/model/export.ts';
import { openWeights } from '../../src/model/weights.ts';
import { packageVersion, tell } from '../document.ts';
import type { Job, Timing } from './job.ts';
import { measureOurs } from './ours.ts';
import { leastStep, measurePeaks, type Peaks } from './peaks.ts';
import { goalOf, quantile, spreadOf, type Goal, type Row } from './row.ts';
import { gpt2Small, makeFolder } from './shape.ts';

export interface DecodeOptions { readonly quick: boolean; readonly only: string | undefined; readonly device: 'auto' | 'cpu' | 'webgpu' | 'cuda'; readonly threads: number }
interface Model { readonly name: string; readonly folder: string; readonly parameters: number; readonly new: number; readonly adapters: readonly string[] }

const scratch = join(tmpdir(), 'ventrilocuo-bench');
const promptLength = 16;

export async function decode({ quick, only, device, threads }: DecodeOptions): Promise<{ peaks: Peaks; rows: Row[]; goals: Goal[] }> {
  const peaks = await measurePeaks(threads);
  const rounds = quick ? 1 : 3;
  const rows: Row[] = [];
  for (const model of await models(quick)) {
    for (const batch of quick ? [1, 32] : [1, 8, 32]) {
      const add = (engine: string, version: string, personas: number, timing: Timing): void => {
        rows.push(rowOf(engine, version, model, batch, personas, threads, timing, peaks));
        tell(`${model.name} × ${batch}  ${engine}${personas ? ` with ${personas} personas` : ''}: ${rows.at(-1)?.tok_s.median.toFixed(1) ?? ''} tokens/s`);
      };
      const ours = (adapters: readonly string[]) => measureOurs({ folder: model.folder, batch, prompt: promptLength, new: model.new, rounds, threads, device, adapters, cache: join(scratch, 'cache') });
      const prompts = Array.from({ length: batch }, (_, row) => Array.from({ length: promptLength }, (_unused, index) => 100 + ((index + row) * 37) % 4000));
      const theirs = (mode: Job['mode']) => peer({ folder: model.folder, prompts, new: model.new, rounds: mode === 'calls' && batch > 1 ? 1 : rounds, threads, mode }); // calls in flight take minutes
      if (only === undefined || only === 'ventrilocuo') add('ventrilocuo', packageVersion('onnxruntime-node'), 0, await ours([]));
      if ((only === undefined || only === 'ventrilocuo') && model.adapters.length > 0) add('ventrilocuo', packageVersion('onnxruntime-node'), Math.min(batch, model.adapters.length), await ours(model.adapters));
      if (only === undefined || only === 'transformers.js calls') add('transformers.js calls', packageVersion('@huggingface/transformers'), 0, await theirs('calls'));
      if (batch > 1 && (only === undefined || only === 'transformers.js batch')) add('transformers.js batch', packageVersion('@huggingface/transformers'), 0, await theirs('batch'));
    }
  }
  return { peaks, rows, goals: goalsOf(rows) };
}

/** The shipped base, and GPT-2 small's shape with random weights; both exported for the peer over the very same bytes. */
async function models(quick: boolean): Promise<Model[]> {
  const small = makeFolder(gpt2Small, join(scratch, gpt2Small.name), resolve('tests/golden/tokens/gpt2.tokenizer.json'));
  const base = await copyOfBase();
  const adapters = readdirSync('models/adapters').map((id) => resolve('models/adapters', id, 'shipped')).filter((folder) => existsSync(join(folder, 'adapter_model.safetensors')));
  return [
    { name: 'base', folder: base, parameters: await exportTo(base), new: quick ? 32 : 128, adapters },
    { name: gpt2Small.name, folder: small, parameters: await exportTo(small), new: quick ? 16 : 256, adapters: [] },
  ];
}

/** The peer looks for its ONNX inside the model's folder; the shipped one stays as it is. */
async function copyOfBase(): Promise<string> {
  const folder = join(scratch, 'base');
  mkdirSync(folder, { recursive: true });
  const { copyFile } = await import('node:fs/promises');
  for (const name of ['config.json', 'tokenizer.json', 'model.safetensors']) await copyFile(join('models/base', name), join(folder, name));
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ tokenizer_class: 'GPT2Tokenizer' }));
  return folder;
}

async function exportTo(folder: string): Promise<number> {
  const weights = await openWeights(folder, { cache: join(scratch, 'cache') });
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  const file = [...weights.tensors.values()][0]?.file ?? '';
  if (!existsSync(join(folder, 'onnx', basename(file)))) linkSync(file, join(folder, 'onnx', basename(file)));
  const program = standaloneProgram(readArchitecture(weights.config), { isUntied: weights.tensors.has('lm_head.weight') });
  writeFileSync(join(folder, 'onnx', 'model.onnx'), encode(program, (name) => { const place = weights.tensors.get(name); return place && { ...place, file: basename(place.file) }; }));
  return weights.parameters;
}

/** In a process of its own, for its memory. */
function peer(job: Job): Promise<Timing> {
  return new Promise((done, fail) => {
    const child = fork(new URL('./transformers.js', import.meta.url), { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    child.once('message', (timing) => done(timing as Timing));
    child.once('exit', (status) => { if (status !== 0) fail(new Error(`the peer ended with ${status}`)); });
    child.send(job);
  });
}

function rowOf(engine: string, version: string, model: Model, batch: number, personas: number, threads: number, timing: Timing, peaks: Peaks): Row {
  const tok_s = spreadOf(timing.tokensPerSecond);
  const first = [...timing.firstToken].sort((a, b) => a - b);
  return {
    engine, version, model: model.name, precision: 'fp32', device: timing.device, batch, personas, threads, prompt: promptLength, new: model.new, tok_s,
    ttft_ms: { p50: quantile(first, 0.5), p95: quantile(first, 0.95) }, rss_mb: timing.peakMemory / 1e6, of_limit: (tok_s.median / batch) * leastStep(model.parameters, batch, peaks),
  };
}

/** Of the 124 M shape; the calls in flight and the padded batch are compared at 32. */
function goalsOf(rows: readonly Row[]): Goal[] {
  const median = (engine: string, batch: number): number | undefined => rows.find((row) => row.model === gpt2Small.name && row.engine === engine && row.batch === batch && row.personas === 0)?.tok_s.median;
  return [
    goalOf('batch 1 over transformers.js', median('ventrilocuo', 1), median('transformers.js calls', 1), 1.25),
    goalOf('batch 32 over 32 calls in flight', median('ventrilocuo', 32), median('transformers.js calls', 32), 7),
    goalOf('batch 32 over the padded batch', median('ventrilocuo', 32), median('transformers.js batch', 32), 2.5),
  ];
}
