/**
 * Which tokens may be chosen: top-k (Fan et al., arXiv 1805.04833), top-p (Holtzman et al., arXiv 1904.09751) and min-p (arXiv 2407.01082) of one row's
 * logits, without sorting a vocabulary. Pure but for arrays that are used again; knows no chance.
 */
import type { Kept } from './noise.ts';
import { bestOf, nucleusOf, nucleusOfSorted } from './nucleus.ts';
import type { Sampling } from './protocol.ts';
import { nextAbove, peak } from './scan.ts';

/** Scores this far below the best have e⁻³⁰ of its probability: less than 32 bits of noise can lift, less than float32 sums can tell. */
const depth = 30;

let ids = new Int32Array(0);
let scores = new Float64Array(0);
function makeRoom(count: number): void {
  if (ids.length < count) [ids, scores] = [new Int32Array(count), new Float64Array(count)];
}

/** Logits and scores round apart; whoever stands on the edge of min-p is told by the score. */
const margin = 0.01;

/** What the settings leave of `logits` [vocabulary]. Nothing where all are −∞. */
export function select(logits: Float32Array, { temperature, topK, topP, minP }: Sampling): Kept {
  const isListed = topK > 0 && topK < logits.length;
  const least = minP > 0 ? Math.log(minP) : -Infinity; // of a score, behind the best
  const listed = isListed ? largest(logits, topK) : likely(logits, temperature * Math.max(-depth, topP < 1 ? -Infinity : least - margin));
  for (let at = 0; at < listed; at++) scores[at] = (logits[ids[at] as number] as number) / temperature;
  const nucleus = topP >= 1 ? listed : isListed ? nucleusOfSorted(scores, listed, topP) : nucleusOf(ids, scores, listed, topP);
  return { ids, scores, count: minP > 0 ? above(nucleus, bestOf(scores, nucleus) + least) : nucleus };
}

/** Moves those with at least this score to the front; how many they are. */
function above(count: number, floor: number): number {
  let kept = 0;
  for (let at = 0; at < count; at++) if ((scores[at] as number) >= floor) { ids[kept] = ids[at] as number; scores[kept++] = scores[at] as number; }
  return kept;
}

// ---------------------------------------------------------------- top-k
/**
 * Lists the `count` largest in descending order, of equals the smaller id first; how many are not −∞. A heap whose root is the least of those kept, so that
 * most of a vocabulary costs one comparison.
 */
function largest(logits: Float32Array, count: number): number {
  makeRoom(count);
  for (let id = 0; id < count; id++) ids[id] = id;
  for (let at = count >> 1; at >= 0; at--) sift(logits, at, count);
  let least = logits[ids[0] as number] as number;
  for (let id = nextAbove(logits, count, least); id < logits.length; id = nextAbove(logits, id + 1, least)) {
    ids[0] = id;
    sift(logits, 0, count);
    least = logits[ids[0] as number] as number;
  }
  for (let size = count - 1; size > 0; size--) { swap(0, size); sift(logits, 0, size); }
  let kept = count;
  while (kept > 0 && logits[ids[kept - 1] as number] === -Infinity) kept--;
  return kept;
}

function sift(logits: Float32Array, from: number, size: number): void {
  for (let at = from; ;) {
    const left = 2 * at + 1;
    let least = left < size && isBelow(logits, left, at) ? left : at;
    if (left + 1 < size && isBelow(logits, left + 1, least)) least = left + 1;
    if (least === at) return;
    swap(at, least);
    at = least;
  }
}
function isBelow(logits: Float32Array, a: number, b: number): boolean {
  const [first, second] = [ids[a] as number, ids[b] as number];
  const difference = (logits[first] as number) - (logits[second] as number);
  return difference < 0 || (difference === 0 && first > second);
}
function swap(a: number, b: number): void {
  const id = ids[a] as number;
  ids[a] = ids[b] as number;
  ids[b] = id;
}

// ---------------------------------------------------------------- without top-k
/** Lists all whose logits are at most `-below` behind the largest; how many. */
function likely(logits: Float32Array, below: number): number {
  makeRoom(logits.length);
  const top = peak(logits);
  if (top === -Infinity) return 0;
  let count = 0;
  for (let id = 0; id < logits.length; id++) if ((logits[id] as number) >= top + below) ids[count++] = id;
  return count;
}
