/** The bases in memory: opened when first asked for, several while they fit, the least recently used idle one leaves. Knows no requests' meaning. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SetupError } from '../errors.ts';
import { Batch, type Tell } from './batch.ts';
import { openDecoder } from './decode.ts';
import type { DecoderOptions } from './decoder.ts';
import { Solo } from './solo.ts';
import { isStandalone, openStandalone } from './standalone.ts';
import { openTokenizer } from './tokenizer.ts';

export interface Base {
  readonly folder: string;
  readonly batch: Batch | Solo;
  readonly parameters: number;
  readonly window: number;
  readonly bytes: number;
  release(): Promise<void>;
}

export function createBases(options: DecoderOptions & { memory: number }, tell: Tell) {
  const open = new Map<string, Base>(); // in the order of their last use

  async function makeRoom(folder: string, bytes: number): Promise<void> {
    if (bytes > options.memory) throw new SetupError(`the model ${folder} needs about ${gigabytes(bytes)}, ENGINE_MEMORY allows ${gigabytes(options.memory)}: raise it or choose a smaller model`);
    for (const base of open.values()) {
      if (total() + bytes <= options.memory) return;
      if (base.batch.rows > 0) continue;
      open.delete(base.folder);
      await base.release();
    }
    if (total() + bytes > options.memory) throw new SetupError(`the model ${folder} does not fit beside those at work (ENGINE_MEMORY is ${gigabytes(options.memory)}): ask again when they are done`);
  }
  const total = (): number => [...open.values()].reduce((sum, { bytes }) => sum + bytes, 0);

  return {
    all: (): Base[] => [...open.values()],
    async get(folder: string): Promise<Base> {
      const bytes = open.get(folder)?.bytes ?? await memoryOf(folder);
      if (!open.has(folder)) await makeRoom(folder, bytes);
      const base = open.get(folder) ?? await load(folder, bytes, options, tell);
      open.delete(folder);
      open.set(folder, base);
      return base;
    },
  };
}

async function load(folder: string, bytes: number, options: DecoderOptions, tell: Tell): Promise<Base> {
  const tokenizer = await openTokenizer(folder);
  if (isStandalone(folder)) {
    const standalone = await openStandalone(folder, options);
    return { folder, batch: new Solo(standalone, tokenizer, tell), parameters: bytes / 4, window: standalone.window, bytes, release: () => standalone.release() };
  }
  const decoder = await openDecoder(folder, options);
  return { folder, batch: new Batch(decoder, tokenizer, tell), parameters: decoder.parameters, window: decoder.window, bytes, release: () => decoder.release() };
}

/** What a model takes, before it is loaded: its weights' files, twice where they are of two bytes an element (widened to four). */
async function memoryOf(folder: string): Promise<number> {
  const root = isStandalone(folder) ? join(folder, 'onnx') : folder;
  const names = await readdir(root).catch(() => { throw new SetupError(`expected a model folder at ${folder}, found none`); });
  const weights = names.filter((name) => /\.(safetensors|bin|onnx|onnx_data)$/.test(name) && !name.startsWith('training_args'));
  const sizes = await Promise.all(weights.map(async (name) => (await stat(join(root, name))).size));
  return 2 * sizes.reduce((sum, size) => sum + size, 0);
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
