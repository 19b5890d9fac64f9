/** Runs a base model over many rows at once: the Decoder of decoder.ts on onnxruntime. Token ids in, logits out; knows no text and no queue. */
import { freemem } from 'node:os';
import { SetupError } from '../errors.ts';
import { encode, type Program } from '../graph/onnx.ts';
import { inOrder } from '../graph/value.ts';
import { readArchitecture, type Architecture } from '../model/architecture.ts';
import { headProgram, modulesOf, stepProgram } from '../model/programs.ts';
import { openWeights, type Weights } from '../model/weights.ts';
import { createAdapters, stack, type LoadedAdapter, type Stack } from './adapters.ts';
import { Cache, slotsFor } from './cache.ts';
import type { Adapter, Decoder, DecoderOptions, Feed, Ranked, Row } from './decoder.ts';
import { feedsOf, type Running } from './feeds.ts';
import { externalName, floats, openSession, type Session } from './session.ts';

/** Tokens of a prefill computed at once: enough to keep the processor's products large, few enough that other rows soon get their turn. */
const prefillChunk = 128;
/** Vocabularies from this size on are ranked in the graph, and so many logits of a row come out. */
const largeVocabulary = 16_384;
const topCount = 128;
/** Tokens of several rows' prefills computed together. */
const prefillTogether = 256;

export async function openDecoder(folder: string, options: DecoderOptions): Promise<Decoder> {
  const weights = await openWeights(folder, { cache: options.cache });
  const architecture = readArchitecture(weights.config);
  const modules = modulesOf(architecture);
  const adapters = createAdapters(modules, architecture.embed, options.adapterMemory ?? 512e6);
  const sessions = createSessions(weights, architecture, options);
  const cache = new Cache({ ...architecture, isInterleaved: architecture.kind === 'bloom' });
  const rows: Running[] = []; // a row's place here is its place in the cache
  let stacked: Stack | undefined;

  function stackOf(running: readonly Running[]): Stack | undefined {
    const needed = running.flatMap(({ adapter }) => adapter ?? []);
    if (needed.length === 0) return undefined;
    if (!stacked || needed.some((adapter) => !stacked?.columns.has(adapter))) stacked = stack([...new Set(rows.flatMap(({ adapter }) => adapter ?? []))], modules);
    return stacked;
  }

  /** One run: neighbours `first` … `first + tokens.length − 1` get their tokens (none: the row only sits by). */
  async function run(first: number, tokens: readonly (readonly number[])[]): Promise<Ranked[]> {
    const running = rows.slice(first, first + tokens.length);
    const longest = Math.max(...rows.map(({ length }, index) => length + (tokens[index - first]?.length ?? 0)));
    cache.fit(rows.length, slotsFor(longest), rows.map(({ length }) => length));
    const adapted = stackOf(running);
    const hasOverrides = running.some(({ adapter }) => adapter?.weights.tokens);
    const session = await sessions.get(adapted !== undefined, hasOverrides);
    const outputs = await session.run({ ...feedsOf({ architecture, cache, first, running, tokens, adapted, hasOverrides }), ...adapted?.feeds });
    keep(outputs, first, tokens);
    return tokens.map((_, index) => ranked(outputs, index));
  }

  function ranked(outputs: Readonly<Record<string, Float32Array>>, index: number): Ranked {
    const part = (name: string, width: number): Float32Array => (outputs[name] ?? new Float32Array(0)).subarray(index * width, (index + 1) * width);
    if (outputs['logits']) return { whole: async () => part('logits', architecture.vocabulary) };
    const hidden = part('hidden', architecture.embed);
    return { top: { values: part('top.values', topCount), ids: part('top.ids', topCount) }, whole: () => sessions.head(hidden) };
  }

  function keep(outputs: Readonly<Record<string, Float32Array>>, first: number, tokens: readonly (readonly number[])[]): void {
    const counts = tokens.map((list) => list.length);
    const running = rows.slice(first, first + tokens.length);
    const lengths = running.map(({ length }) => length);
    for (let layer = 0; layer < architecture.layers; layer++) cache.write(layer, first, Math.max(...counts), lengths, counts, outputs[`qkv.${layer}`] ?? new Float32Array(0));
    for (const [index, row] of running.entries()) row.length += counts[index] ?? 0;
  }

  function placeOf(row: Row): number {
    const place = rows.indexOf(row as Running);
    if (place < 0) throw new Error('the row is closed');
    return place;
  }

  async function rank(feeds: readonly Feed[]): Promise<Ranked[]> {
    for (const { row, tokens } of feeds) if (row.length + tokens.length > architecture.window || tokens.length === 0) throw new Error(`a row takes 1 to ${architecture.window - row.length} more tokens, got ${tokens.length}`);
    const results = new Map<Row, Ranked>();
    const sorted = feeds.map(({ row, tokens }) => ({ row, tokens, place: placeOf(row) })).sort((a, b) => a.place - b.place);
    const single = sorted.filter(({ tokens }) => tokens.length === 1);
    if (single.length > 0) {
      const first = single[0]?.place ?? 0;
      const spread: number[][] = Array.from({ length: (single.at(-1)?.place ?? 0) - first + 1 }, () => []);
      for (const { place, tokens } of single) spread[place - first] = [...tokens];
      const logits = await run(first, spread);
      for (const { row, place } of single) results.set(row, logits[place - first] ?? nothing);
    }
    for (const group of groupPrefills(sorted.filter(({ tokens }) => tokens.length > 1))) {
      const longest = Math.max(...group.map(({ tokens }) => tokens.length));
      for (let begin = 0; begin < longest; begin += prefillChunk) {
        const logits = await run(group[0]?.place ?? 0, group.map(({ tokens }) => tokens.slice(begin, begin + prefillChunk)));
        for (const [index, { row, tokens }] of group.entries()) if (tokens.length > begin) results.set(row, logits[index] ?? nothing);
      }
    }
    return feeds.map(({ row }) => results.get(row) ?? nothing);
  }
  async function step(feeds: readonly Feed[]): Promise<Float32Array[]> {
    const logits: Float32Array[] = [];
    for (const { whole } of await rank(feeds)) logits.push(await whole());
    return logits;
  }

  return {
    window: architecture.window, vocabulary: architecture.vocabulary, parameters: weights.parameters, end: architecture.end, bytesPerToken: 8 * architecture.layers * architecture.embed,
    adapter: (path) => adapters.get(path),
    open(adapter?: Adapter): Row {
      const row: Running = { length: 0, adapter: adapter as LoadedAdapter | undefined };
      rows.push(row);
      return row;
    },
    close(row: Row): void {
      const place = placeOf(row);
      const last = rows.length - 1;
      if (place < last) { cache.copyRow(last, place); rows[place] = rows[last] as Running; }
      rows.length = last;
      if (last === 0) cache.fit(0, 0, []);
    },
    step, rank,
    release: () => sessions.release(),
  };
}

const nothing: Ranked = { whole: async () => new Float32Array(0) };

interface Placed { readonly row: Row; readonly tokens: readonly number[]; readonly place: number }
/** Neighbours whose prefills go together: padded to the longest, they stay few tokens and waste little. */
function groupPrefills(feeds: readonly Placed[]): Placed[][] {
  const groups: Placed[][] = [];
  for (const feed of feeds) {
    const group = groups.at(-1);
    const longest = Math.max(feed.tokens.length, ...(group ?? []).map(({ tokens }) => tokens.length));
    const all = feed.tokens.length + (group ?? []).reduce((sum, { tokens }) => sum + tokens.length, 0);
    const padded = longest * ((group?.length ?? 0) + 1);
    if (group && group.at(-1)?.place === feed.place - 1 && padded <= prefillTogether && padded <= 1.25 * all) group.push(feed);
    else groups.push([feed]);
  }
  return groups;
}

/** The programs of a base, each made when first needed: without adapters, with, and with adapters that bring embedding rows; and the head by itself. */
function createSessions(weights: Weights, architecture: Architecture, { device, threads, profile }: DecoderOptions) {
  const made = new Map<string, Promise<Session>>();
  const prepack = weights.parameters * 4 * 3 < freemem();
  const isUntied = weights.tensors.has('lm_head.weight');
  const top = architecture.vocabulary >= largeVocabulary ? topCount : 0;
  function make(key: string, program: Program, isPrepacked: boolean): Promise<Session> {
    checkWeights(program, weights);
    const model = encode(program, (name) => { const place = weights.tensors.get(name); return place && { ...place, file: externalName(place.file) }; });
    const session = openSession(model, { device, threads, prepack: isPrepacked, ...(profile ? { profile } : {}) });
    made.set(key, session);
    return session;
  }
  return {
    get(hasAdapters: boolean, hasOverrides: boolean): Promise<Session> {
      const key = `${hasAdapters} ${hasOverrides}`;
      return made.get(key) ?? make(key, stepProgram(architecture, { hasAdapters, hasOverrides, isUntied, fused: device === 'cpu', top }), prepack);
    },
    /** hidden [embed] → logits [vocabulary] */
    async head(hidden: Float32Array): Promise<Float32Array> {
      const session = await (made.get('head') ?? make('head', headProgram(architecture, { isUntied }), false));
      return (await session.run({ hidden: floats(hidden, [1, architecture.embed]) }))['logits'] ?? new Float32Array(0);
    },
    release: async (): Promise<void> => { for (const session of made.values()) await (await session).release(); },
  };
}

/** @throws SetupError naming the tensor that is missing, or of another shape than config.json says. */
function checkWeights({ outputs }: Program, { tensors, folder }: Weights): void {
  for (const { origin, name, shape } of inOrder(Object.values(outputs))) {
    if (origin.kind !== 'weight') continue;
    const there = tensors.get(name)?.shape;
    if (!there) throw new SetupError(`${folder}: the weights lack ${name}, which a model of its config.json needs: download it again`);
    if (there.join() !== shape.join()) throw new SetupError(`${folder}: ${name} is [${there.join(', ')}], config.json says [${shape.join(', ')}]: they do not belong together`);
  }
}
