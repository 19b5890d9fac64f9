/** What a step's program is fed: ids, positions, masks and the cache, as tensors. Pure but for the arrays it makes. */
import type { Architecture } from '../model/architecture.ts';
import type { LoadedAdapter, Stack } from './adapters.ts';
import type { Cache } from './cache.ts';
import { flags, floats, integers, type Feeds } from './session.ts';

export interface Running { length: number; readonly adapter: LoadedAdapter | undefined }
export interface Run {
  readonly architecture: Architecture;
  readonly cache: Cache;
  readonly first: number;
  readonly running: readonly Running[];
  readonly tokens: readonly (readonly number[])[]; // of each running row; shorter ones are padded
  readonly adapted: Stack | undefined;
  readonly hasOverrides: boolean;
}

/** Far below any score, yet finite: a row whose keys are all masked still has a softmax. */
const masked = -1e9;

export function feedsOf(run: Run): Feeds {
  const { architecture: { kind, layers, heads, headDim }, cache, first, running, tokens } = run;
  const [batch, steps, slots] = [running.length, Math.max(...tokens.map((list) => list.length)), cache.slots];
  const [groups, width] = kind === 'bloom' ? [heads, 3 * headDim] : [3 * heads, headDim];
  const whole = (values: readonly number[]) => integers(BigInt64Array.from(values, BigInt), [values.length]);
  const feeds: Feeds = {
    ids: whole(perToken(run, steps, (row, step) => tokens[row]?.[step] ?? 0)),
    mask: floats(maskOf(run, steps, slots), [batch, 1, steps, slots + steps]),
    layout: whole([batch, steps, groups, width]),
    sizes: whole([slots, steps]),
    last: whole(tokens.map((list, row) => row * steps + Math.max(0, list.length - 1))),
  };
  if (kind === 'gpt2') feeds['positions'] = whole(perToken(run, steps, (row, step) => (step < (tokens[row]?.length ?? 0) ? (running[row]?.length ?? 0) + step : 0)));
  else feeds['key_positions'] = floats(keyPositions(run, steps, slots), [batch, 1, 1, slots + steps]);
  for (let layer = 0; layer < layers; layer++) {
    const { keys, values } = cache.view(layer, first, batch);
    feeds[`keys.${layer}`] = floats(keys, [batch, heads, slots, headDim]);
    feeds[`values.${layer}`] = floats(values, [batch, heads, slots, headDim]);
  }
  return { ...feeds, ...(run.adapted ? { gate: gateOf(run, run.adapted, steps) } : {}), ...(run.hasOverrides ? overridesOf(run, steps) : {}) };
}

function perToken({ running }: Run, steps: number, value: (row: number, step: number) => number): number[] {
  return Array.from({ length: running.length * steps }, (_, token) => value(Math.floor(token / steps), token % steps));
}

/** [batch, 1, steps, slots + steps]: a token sees its row's own past and, of what is new, itself and what stands before it. */
function maskOf({ running }: Run, steps: number, slots: number): Float32Array {
  const keys = slots + steps;
  const mask = new Float32Array(running.length * steps * keys).fill(masked);
  for (const [row, { length }] of running.entries()) {
    for (let step = 0; step < steps; step++) {
      const from = (row * steps + step) * keys;
      mask.fill(0, from, from + length);
      mask.fill(0, from + slots, from + slots + step + 1);
    }
  }
  return mask;
}

/** [batch, 1, 1, slots + steps]: slots count from 0, what is new goes on behind the row's past. */
function keyPositions({ running }: Run, steps: number, slots: number): Float32Array {
  const positions = new Float32Array(running.length * (slots + steps));
  for (const [row, { length }] of running.entries()) {
    for (let key = 0; key < slots + steps; key++) positions[row * (slots + steps) + key] = key < slots ? key : length + key - slots;
  }
  return positions;
}

/** [tokens, ranks]: 1 in the columns of the row's own adapter. */
function gateOf({ running }: Run, { ranks, columns }: Stack, steps: number) {
  const gate = new Float32Array(running.length * steps * ranks);
  for (const [row, { adapter }] of running.entries()) {
    const column = adapter && columns.get(adapter);
    if (column) for (let step = 0; step < steps; step++) gate.fill(1, (row * steps + step) * ranks + column.first, (row * steps + step) * ranks + column.first + column.rank);
  }
  return floats(gate, [running.length * steps, ranks]);
}

/** Embedding rows that adapters bring along for their control tokens: [tokens, embed], and where they hold [tokens, 1]. */
function overridesOf({ running, tokens, architecture: { embed } }: Run, steps: number): Feeds {
  const rows = new Float32Array(running.length * steps * embed);
  const holds = new Uint8Array(running.length * steps);
  for (const [row, { adapter }] of running.entries()) {
    const brought = adapter?.weights.tokens;
    for (const [step, token] of (tokens[row] ?? []).entries()) {
      const index = brought?.indices.indexOf(token) ?? -1;
      if (!brought || index < 0) continue;
      holds[row * steps + step] = 1;
      rows.set(brought.rows.subarray(index * embed, (index + 1) * embed), (row * steps + step) * embed);
    }
  }
  return { override: floats(rows, [holds.length, embed]), overridden: flags(holds, [holds.length, 1]) };
}
