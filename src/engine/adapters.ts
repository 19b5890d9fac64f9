/** Adapters in memory: loaded on first use, the least recently used leave; those of the rows at work are stacked side by side for one product. Knows no rows. */
import { SetupError } from '../errors.ts';
import { readAdapter, type AdapterWeights } from '../model/peft.ts';
import type { Adapter } from './decoder.ts';
import { floats, type Feeds } from './session.ts';

export interface Module { readonly name: string; readonly inside: number; readonly outside: number }
export interface LoadedAdapter extends Adapter { readonly weights: AdapterWeights; readonly rank: number }

/** Adapters of personas at work, side by side: A [in, ranks] and B [ranks, out] of every module. */
export interface Stack {
  readonly ranks: number;
  readonly columns: ReadonlyMap<Adapter, { readonly first: number; readonly rank: number }>;
  readonly feeds: Feeds;
}

/** `modules` are the maps of the base that adapters may sit on; `memory`, bytes of adapters to keep. */
export function createAdapters(modules: readonly Module[], embed: number, memory: number) {
  const loaded = new Map<string, Promise<LoadedAdapter>>(); // in the order of their last use
  const sizes = new Map<string, number>();

  async function load(folder: string): Promise<LoadedAdapter> {
    const weights = await readAdapter(folder);
    checkFit(weights, modules, embed, folder);
    const bytes = [...weights.modules.values()].reduce((all, { a, b }) => all + a.byteLength + b.byteLength, weights.tokens?.rows.byteLength ?? 0);
    const rank = Math.max(1, ...[...weights.modules.values()].map((matrices) => matrices.rank));
    sizes.set(folder, bytes);
    return { folder, version: weights.version, bytes, weights, rank };
  }
  function evict(): void {
    let total = [...sizes.values()].reduce((all, size) => all + size, 0);
    for (const folder of loaded.keys()) {
      if (total <= memory || loaded.size === 1) return;
      total -= sizes.get(folder) ?? 0;
      loaded.delete(folder);
      sizes.delete(folder);
    }
  }
  return {
    async get(folder: string): Promise<LoadedAdapter> {
      const adapter = loaded.get(folder) ?? load(folder);
      loaded.delete(folder);
      loaded.set(folder, adapter);
      try { await adapter; } catch (cause) { loaded.delete(folder); throw cause; }
      evict();
      return adapter;
    },
    count: (): number => loaded.size,
  };
}

function checkFit({ modules: given, tokens }: AdapterWeights, modules: readonly Module[], embed: number, folder: string): void {
  const known = new Map(modules.map((module) => [module.name, module]));
  for (const [name, { a, b, rank }] of given) {
    const module = known.get(name);
    if (!module) throw new SetupError(`${folder}: the adapter sits on ${name}, which this base has not (or on a part that adapters are not read for)`);
    if (a.length !== rank * module.inside || b.length !== rank * module.outside) throw new SetupError(`${folder}: ${name} is [${module.inside}, ${module.outside}] in the base, the adapter was made for [${a.length / rank}, ${b.length / rank}]: it belongs to another base`);
  }
  if (tokens && tokens.rows.length !== tokens.indices.length * embed) throw new SetupError(`${folder}: its token rows are not of this base's width ${embed}`);
}

/** Puts adapters side by side; modules that one of them leaves alone stay zero in its columns. */
export function stack(adapters: readonly LoadedAdapter[], modules: readonly Module[]): Stack {
  const columns = new Map<Adapter, { first: number; rank: number }>();
  let ranks = 0;
  for (const adapter of adapters) { columns.set(adapter, { first: ranks, rank: adapter.rank }); ranks += adapter.rank; }
  const feeds: Feeds = {};
  for (const { name, inside, outside } of modules) {
    const [a, b] = [new Float32Array(inside * ranks), new Float32Array(ranks * outside)];
    for (const adapter of adapters) place(adapter, name, a, b, { inside, outside, ranks, first: columns.get(adapter)?.first ?? 0 });
    feeds[`${name}.lora_A`] = floats(a, [inside, ranks]);
    feeds[`${name}.lora_B`] = floats(b, [ranks, outside]);
  }
  return { ranks, columns, feeds };
}

/** The scaling goes into B, since modules of one adapter may differ in it (alpha_pattern, rank_pattern). */
function place(adapter: LoadedAdapter, module: string, a: Float32Array, b: Float32Array, at: { inside: number; outside: number; ranks: number; first: number }): void {
  const matrices = adapter.weights.modules.get(module);
  if (!matrices) return;
  for (let rank = 0; rank < matrices.rank; rank++) {
    for (let i = 0; i < at.inside; i++) a[i * at.ranks + at.first + rank] = matrices.a[rank * at.inside + i] as number;
    for (let o = 0; o < at.outside; o++) b[(at.first + rank) * at.outside + o] = matrices.scaling * (matrices.b[o * matrices.rank + rank] as number);
  }
}
