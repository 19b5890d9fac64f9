/**
 * Chooses the next token from logits, step by step in the order and by the definitions of Hugging Face's generate (generation/logits_process.py). The same
 * choice alone or in any batch. Pure; knows no text.
 */
import { draw } from './noise.ts';
import type { Sampling } from './protocol.ts';
import { peak } from './scan.ts';
import { select } from './select.ts';

export interface Choice {
  readonly sampling: Sampling;
  readonly seed: number;
  readonly history: History;
  readonly written: number; // tokens written so far: the position that keys the noise
  readonly end: readonly number[]; // ids that end the text
  readonly banned: readonly number[]; // ids that no text holds: control tokens
}

/** Prompt and what was written, for penalties. */
export interface History { readonly ids: readonly number[]; readonly distinct: ReadonlySet<number> }

/** The chosen id; an end where nothing else is possible. Changes `logits` [vocabulary] in place. */
export function choose(logits: Float32Array, { sampling, seed, history, written, end, banned }: Choice): number {
  if (Number.isNaN(logits[0])) throw new Error('expected numbers as logits, got NaN: the weights or the device are broken');
  penalize(logits, history.distinct, sampling.repetitionPenalty);
  for (const id of repeats(history.ids, sampling.noRepeatNgram)) logits[id] = -Infinity;
  for (const id of banned) if (!end.includes(id)) logits[id] = -Infinity;
  if (written < sampling.minNew) for (const id of end) logits[id] = -Infinity;
  const isGreedy = sampling.temperature === 0 || sampling.topK === 1;
  const kept = isGreedy ? undefined : select(logits, sampling);
  const id = kept ? draw(kept, seed, written) : argmax(logits);
  return logits[id] === -Infinity || kept?.count === 0 ? end[0] ?? id : id;
}

export const penalized = (value: number, penalty: number): number => (value > 0 ? value / penalty : value * penalty);

/** A token seen before is made less likely (CTRL, arXiv 1909.05858): positive logits divided, negative ones multiplied. */
function penalize(logits: Float32Array, seen: ReadonlySet<number>, penalty: number): void {
  if (penalty === 1) return;
  for (const id of seen) {
    logits[id] = penalized(logits[id] ?? 0, penalty);
  }
}

/** Tokens that would write a run of `size` tokens a second time. */
export function repeats(history: readonly number[], size: number): number[] {
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

/** The smallest id of the largest logit. */
export const argmax = (logits: Float32Array): number => logits.indexOf(peak(logits));
