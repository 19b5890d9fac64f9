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
  readonly batch: Pick<Batch, 'rows' | 'tokens' | 'add' | 'cancel' | 'step' | 'fail'>;
  readonly parameters: number;
  readonly window: number;
  release(): Promise<void>;
}
export interface Bases {
  all(): Base[];
  /** Opens it if need be and hands it to `work`; until that is done it does not leave. @throws SetupError when it does not fit. */
  use(folder: string, work: (base: Base) => Promise<void>): Promise<void>;
}
export interface BasesOptions extends DecoderOptions { readonly memory: number }

/** Of the memory, at least this share is for keys and values, however large the bases. */
const cacheShare = 0.25;
interface Held { readonly base: Base; readonly bytes: number; users: number }

export const createBases = (options: BasesOptions, tell: Tell): Bases => new Shelf(options, tell);

class Shelf implements Bases {
  #options: BasesOptions;
  #tell: Tell;
  #open = new Map<string, Held>(); // in the order of their last use
  #opening: Promise<unknown> = Promise.resolve(); // one at a time, since each must know what the others take

  constructor(options: BasesOptions, tell: Tell) {
    this.#options = options;
    this.#tell = tell;
  }

  all(): Base[] { return [...this.#open.values()].map(({ base }) => base); }

  async use(folder: string, work: (base: Base) => Promise<void>): Promise<void> {
    const holding = this.#open.has(folder) ? this.#hold(folder) : this.#opening.then(() => this.#hold(folder));
    this.#opening = Promise.allSettled([this.#opening, holding]);
    const held = await holding;
    this.#open.delete(folder);
    this.#open.set(folder, held);
    try { await work(held.base); } finally { held.users--; }
  }

  /** Counts the caller as a user in the same breath, or it might leave for the next one that wants room. */
  async #hold(folder: string): Promise<Held> {
    const held = this.#open.get(folder) ?? await this.#load(folder);
    held.users++;
    return held;
  }

  async #load(folder: string): Promise<Held> {
    const bytes = await memoryOf(folder);
    await this.#makeRoom(folder, bytes);
    const held = { base: await load(folder, this.#options, this.#tell, () => this.#room()), bytes, users: 0 };
    this.#open.set(folder, held);
    return held;
  }

  async #makeRoom(folder: string, bytes: number): Promise<void> {
    const { memory } = this.#options;
    if (bytes > memory) throw new SetupError(`the model ${folder} needs about ${gigabytes(bytes)}, ENGINE_MEMORY allows ${gigabytes(memory)}: raise it or choose a smaller model`);
    for (const [name, { base, users }] of this.#open) {
      if (this.#total() + bytes <= memory) return;
      if (users > 0 || base.batch.rows > 0) continue;
      this.#open.delete(name);
      await base.release();
    }
    if (this.#total() + bytes > memory) throw new SetupError(`the model ${folder} does not fit beside those at work (ENGINE_MEMORY is ${gigabytes(memory)}): ask again when they are done`);
  }

  #total(): number { return [...this.#open.values()].reduce((sum, { bytes }) => sum + bytes, 0); }
  /** For keys and values. */
  #room(): number { return Math.max(cacheShare * this.#options.memory, this.#options.memory - this.#total()); }
}

async function load(folder: string, options: BasesOptions, tell: Tell, room: () => number): Promise<Base> {
  const tokenizer = await openTokenizer(folder);
  if (isStandalone(folder)) {
    const standalone = await openStandalone(folder, options);
    return { folder, batch: new Solo(standalone, tokenizer, tell), parameters: await weightsOf(folder) / 4, window: standalone.window, release: () => standalone.release() };
  }
  const decoder = await openDecoder(folder, options);
  return { folder, batch: new Batch(decoder, tokenizer, tell, { room }), parameters: decoder.parameters, window: decoder.window, release: () => decoder.release() };
}

/** What a model takes, before it is loaded: four bytes an element are copied once into the layout that multiplies fastest, two are widened. */
const memoryOf = async (folder: string): Promise<number> => 2 * await weightsOf(folder);

/** Bytes of the files that hold its weights; where it has them twice, of those that are read. */
async function weightsOf(folder: string): Promise<number> {
  const root = isStandalone(folder) ? join(folder, 'onnx') : folder;
  const names = await readdir(root).catch(() => { throw new SetupError(`expected a model folder at ${folder}, found none`); });
  const kinds = isStandalone(folder) ? [/\.onnx(_data.*)?$/] : [/^model.*\.safetensors$/, /^pytorch_model.*\.bin$/];
  const weights = kinds.map((kind) => names.filter((name) => kind.test(name))).find((found) => found.length > 0) ?? [];
  const sizes = await Promise.all(weights.map(async (name) => (await stat(join(root, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(bytes < 1e8 ? 3 : 1)} GB`;
