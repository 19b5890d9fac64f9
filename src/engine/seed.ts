/** Seeds of several candidates from one. */

/** The first candidate keeps the request's seed, so that one candidate alone is the first of many. 32-bit unsigned. */
export const mixSeed = (seed: number, index: number): number => (seed + Math.imul(index, 0x9e3779b1)) >>> 0;
