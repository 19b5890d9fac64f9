/**
 * Chooses the next token from logits, by definitions that are Hugging Face's (generation/logits_process.py), with noise that depends only on seed, position
 * and token: the same choice alone or in any batch. Pure; knows no text.
 */
import type { Sampling } from './protocol.ts';

export interface Choice {
  readonly sampling: Sampling;
  readonly seed: number;
  readonly history: readonly number[]; // prompt and what was written, for penalties
  readonly written: number; // tokens written so far: the position that keys the noise
  readonly end: readonly number[]; // ids that end the text
  readonly banned: readonly number[]; // ids that no text holds: control tokens
}

/** The chosen id. Changes `logits` in place. */
export function choose(logits: Float32Array, choice: Choice): number {
  const { sampling, written, end, history, seed } = choice;
  penalize(logits, history, sampling.repetitionPenalty);
  for (const id of repeats(history, sampling.noRepeatNgram)) logits[id] = -Infinity;
  for (const id of choice.banned) if (!end.includes(id)) logits[id] = -Infinity;
  if (written < sampling.minNew) for (const id of end) logits[id] = -Infinity;
  if (sampling.temperature === 0 || sampling.topK === 1) return argmax(logits);
  const kept = candidates(logits, sampling);
  return draw(kept, seed, written);
}

/** A token written before is made less likely (CTRL, arXiv 1909.05858): positive logits divided, negative ones multiplied. */
function penalize(logits: Float32Array, history: readonly number[], penalty: number): void {
  if (penalty === 1) return;
  for (const id of new Set(history)) {
    const value = logits[id] ?? 0;
    logits[id] = value > 0 ? value / penalty : value * penalty;
  }
}

/** Tokens that would write a run of `size` tokens a second time. */
function repeats(history: readonly number[], size: number): number[] {
  if (size === 0 || history.length < size - 1) return [];
  const start = history.length - size + 1;
  const banned: number[] = [];
  for (let at = 0; at < start; at++) {
    let same = 0;
    while (same < size - 1 && history[at + same] === history[start + same]) same++;
    if (same === size - 1) banned.push(history[at + same] ?? 0);
  }
  return banned;
}

export function argmax(logits: ArrayLike<number>): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if ((logits[id] as number) > (logits[best] as number)) best = id;
  return best;
}

interface Candidate { readonly id: number; readonly score: number } // score: logit / temperature

/** What temperature, top-k, top-p (Holtzman et al., arXiv 1904.09751) and min-p (arXiv 2407.01082) leave, best first. */
export function candidates(logits: Float32Array, { temperature, topK, topP, minP }: Sampling): Candidate[] {
  const ids = topK > 0 && topK < logits.length ? largest(logits, topK) : likely(logits, temperature);
  const sorted = ids.map((id) => ({ id, score: (logits[id] ?? 0) / temperature })).sort((a, b) => b.score - a.score || a.id - b.id);
  const top = sorted[0]?.score ?? 0;
  const total = topP >= 1 ? 0 : topK > 0 ? sorted.reduce((sum, { score }) => sum + Math.exp(score - top), 0) : mass(logits, temperature, top);
  return sorted.slice(0, topP >= 1 ? undefined : nucleus(sorted, top, topP * total)).filter(({ score }) => score - top >= Math.log(minP));
}

/** How many of the most likely it takes to reach a mass. */
function nucleus(sorted: readonly Candidate[], top: number, wanted: number): number {
  let sum = 0;
  const last = sorted.findIndex(({ score }) => (sum += Math.exp(score - top)) >= wanted);
  return last < 0 ? sorted.length : last + 1;
}

/** Σ exp(score − top) over the whole vocabulary. */
function mass(logits: Float32Array, temperature: number, top: number): number {
  let sum = 0;
  for (let id = 0; id < logits.length; id++) sum += Math.exp((logits[id] as number) / temperature - top);
  return sum;
}

/** Ids of the `count` largest, ties to the smaller id: a heap whose root is the least of those kept, so that most of a vocabulary costs one comparison. */
function largest(logits: Float32Array, count: number): number[] {
  const heap: number[] = [];
  const isBelow = (a: number, b: number): boolean => (logits[a] as number) < (logits[b] as number) || (logits[a] === logits[b] && a > b);
  const sift = (from: number): void => {
    for (let at = from; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = left < heap.length && isBelow(heap[left] as number, heap[at] as number) ? left : at;
      if (right < heap.length && isBelow(heap[right] as number, heap[least] as number)) least = right;
      if (least === at) return;
      [heap[at], heap[least]] = [heap[least] as number, heap[at] as number];
      at = least;
    }
  };
  for (let id = 0; id < count; id++) heap.push(id);
  for (let at = (count >> 1); at >= 0; at--) sift(at);
  let least = logits[heap[0] as number] as number;
  for (let id = count; id < logits.length; id++) {
    if ((logits[id] as number) <= least) continue;
    heap[0] = id;
    sift(0);
    least = logits[heap[0] as number] as number;
  }
  return heap.filter((id) => logits[id] !== -Infinity);
}

/** Without top-k: every id with more than e⁻³⁰ of the most likely one's probability, which float32 sums cannot tell from all. */
function likely(logits: Float32Array, temperature: number): number[] {
  const floor = (logits[argmax(logits)] as number) - 30 * temperature;
  const ids: number[] = [];
  for (let id = 0; id < logits.length; id++) if ((logits[id] as number) >= floor) ids.push(id);
  return ids;
}

/** Gumbel-max: the best of score + noise is a draw from the softmax of the scores (Gumbel 1954; Maddison et al., arXiv 1411.0030). */
function draw(kept: readonly Candidate[], seed: number, position: number): number {
  let best = kept[0]?.id ?? 0;
  let highest = -Infinity;
  for (const { id, score } of kept) {
    const value = score - Math.log(-Math.log(uniform(seed, position, id)));
    if (value > highest) [highest, best] = [value, id];
  }
  return best;
}

/** In (0, 1), by a counter-based hash: murmur3's finalizer (Appleby), thrice. */
export function uniform(seed: number, position: number, id: number): number {
  const hash = mix(mix(mix(seed ^ 0x9e3779b9) ^ position) ^ id);
  return (hash + 0.5) / 2 ** 32;
}
function mix(value: number): number {
  let hash = (value + 0x6d2b79f5) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
