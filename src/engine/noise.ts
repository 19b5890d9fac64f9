/** Chance that depends only on seed, position and token, so that a text is the same alone or in any batch. Pure; knows no model. */

/** Ids that may be chosen, with their scores (logit / temperature). The arrays are longer than `count` and are used again by the next selection. */
export interface Kept { readonly ids: Int32Array; readonly scores: Float64Array; readonly count: number }

/** In (0, 1), by a counter-based hash: murmur3's finalizer (Appleby), once for each of its three keys. */
export const uniform = (seed: number, position: number, id: number): number => share(mix(keyOf(seed, position) ^ id));

const keyOf = (seed: number, position: number): number => mix(mix(seed ^ 0x9e3779b9) ^ position);
const share = (hash: number): number => (hash + 0.5) / 2 ** 32;
function mix(value: number): number {
  let hash = (value + 0x6d2b79f5) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Gumbel-max: the largest of score + noise is a draw from the softmax of the scores (Gumbel 1954; Maddison et al., arXiv 1411.0030). */
export function draw({ ids, scores, count }: Kept, seed: number, position: number): number {
  const key = keyOf(seed, position);
  let [best, highest] = [ids[0] ?? 0, -Infinity];
  for (let at = 0; at < count; at++) {
    const id = ids[at] as number;
    const chance = share(mix(key ^ id));
    const score = scores[at] as number;
    if (cannotWin(score - highest, chance)) continue;
    const value = score - Math.log(-Math.log(chance));
    if (value > highest) [highest, best] = [value, id];
  }
  return best;
}

/**
 * Spares most of a vocabulary its logarithms. With u the chance and x = score − highest, a token wins if −log u < eˣ; and −log u ≥ 1 − u, while
 * eˣ ≤ (1 − x/8)⁻⁸ for x < 0.
 */
function cannotWin(behind: number, chance: number): boolean {
  if (!(behind < 0)) return false;
  const second = (1 - behind / 8) ** 2;
  const fourth = second * second;
  return (1 - chance) * fourth * fourth >= 1;
}
