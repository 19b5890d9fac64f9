/** Which of several candidates is told: the score of one, by what can be seen in its tokens. Pure; knows no model. */

export interface Candidate {
  readonly ids: readonly number[];
  readonly isFinished: boolean; // ended by itself, not by the length
  readonly overlap?: number; // share of its runs that stand in the training text, where that is known
}

/** Four tokens in a row seen three times or more: a loop. */
const loopLength = 4;
const loopTimes = 3;

/**
 * finished 1 · no loop 1 · share of distinct token pairs (distinct-2, Li et al., arXiv 1510.03055) · less the overlap with the training text.
 * Whole numbers outweigh shares, so a finished text without a loop always wins over one that is neither.
 */
export function score({ ids, isFinished, overlap = 0 }: Candidate): number {
  return (isFinished ? 1 : 0) + (hasLoop(ids) ? 0 : 1) + 0.5 * distinctPairs(ids) - 0.5 * overlap;
}

/** The index of the best; the first of equals. */
export function best(candidates: readonly Candidate[]): number {
  const scores = candidates.map(score);
  return scores.indexOf(Math.max(...scores));
}

export function hasLoop(ids: readonly number[]): boolean {
  const seen = new Map<string, number>();
  for (let at = 0; at + loopLength <= ids.length; at++) {
    const run = ids.slice(at, at + loopLength).join(' ');
    const times = (seen.get(run) ?? 0) + 1;
    if (times >= loopTimes) return true;
    seen.set(run, times);
  }
  return false;
}

function distinctPairs(ids: readonly number[]): number {
  const pairs = ids.slice(1).map((id, index) => `${ids[index] ?? ''} ${id}`);
  return pairs.length === 0 ? 0 : new Set(pairs).size / pairs.length;
}
