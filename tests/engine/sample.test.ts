/** Each way of choosing a token against its definition: exact sets, exact logits, and frequencies over many seeds. */
import { describe, expect, it } from 'vitest';
import { draw, uniform } from '../../src/engine/noise.ts';
import type { Sampling } from '../../src/engine/protocol.ts';
import { argmax, choose, type Choice } from '../../src/engine/sample.ts';
import { select } from '../../src/engine/select.ts';

const plain: Sampling = { temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, noRepeatNgram: 0, minNew: 0, maxNew: 10, stop: [], candidates: 1 };
const probabilities = [0.05, 0.4, 0.15, 0.3, 0.1];
const logits = (): Float32Array => Float32Array.from(probabilities, Math.log);
const choice = (sampling: Partial<Sampling>, changes: Partial<Omit<Choice, 'sampling' | 'history'>> = {}, history: number[] = []): Choice => ({
  sampling: { ...plain, ...sampling }, seed: 1, history: { ids: history, distinct: new Set(history) }, written: 0, end: [], banned: [], ...changes,
});
const kept = (values: Float32Array, sampling: Partial<Sampling>): number[] => { const { ids, count } = select(values, { ...plain, ...sampling }); return [...ids.subarray(0, count)].sort((a, b) => a - b); };

/** Counts of the chosen ids over `trials` seeds. */
function counts(sampling: Partial<Sampling>, trials = 20_000): number[] {
  const found = probabilities.map(() => 0);
  for (let seed = 0; seed < trials; seed++) found[choose(logits(), choice(sampling, { seed, written: seed % 7 }))]!++;
  return found;
}
/** Pearson's χ² over its degrees of freedom; with 4 of them, above 4.6 one time in a thousand. */
function chiSquare(found: readonly number[], expected: readonly number[]): number {
  const all = found.reduce((a, b) => a + b, 0);
  const parts = found.flatMap((count, id) => ((expected[id] ?? 0) > 0 ? (count - all * (expected[id] ?? 0)) ** 2 / (all * (expected[id] ?? 0)) : count > 0 ? Infinity : []));
  return parts.reduce((a, b) => a + b, 0) / Math.max(1, parts.length - 1);
}
const normal = (weights: readonly number[]): number[] => weights.map((weight) => weight / weights.reduce((a, b) => a + b, 0));

describe('frequencies', () => {
  it('are the softmax of the logits', () => expect(chiSquare(counts({}), probabilities)).toBeLessThan(4.6));
  it('are sharpened by a low temperature: p^(1/T)', () => expect(chiSquare(counts({ temperature: 0.5 }), normal(probabilities.map((p) => p ** 2)))).toBeLessThan(4.6));
  it('are flattened by a high one', () => expect(chiSquare(counts({ temperature: 2 }), normal(probabilities.map((p) => p ** 0.5)))).toBeLessThan(4.6));
  it('of top-k are those of the k likeliest alone', () => expect(chiSquare(counts({ topK: 2 }), normal([0, 0.4, 0, 0.3, 0]))).toBeLessThan(4.6));
  it('of top-p are those of the nucleus alone', () => expect(chiSquare(counts({ topP: 0.8 }), normal([0, 0.4, 0.15, 0.3, 0]))).toBeLessThan(4.6));
  it('of min-p are those above the share alone', () => expect(chiSquare(counts({ minP: 0.3 }), normal([0, 0.4, 0.15, 0.3, 0]))).toBeLessThan(4.6));
  it('notice a wrong distribution', () => expect(chiSquare(counts({ temperature: 0.8 }), probabilities)).toBeGreaterThan(4.6));
});

describe('what may be chosen', () => {
  it.each([
    [{ topK: 1 }, [1]], [{ topK: 3 }, [1, 2, 3]], [{ topK: 5 }, [0, 1, 2, 3, 4]], [{ topK: 50 }, [0, 1, 2, 3, 4]],
    [{ topP: 0.3 }, [1]], [{ topP: 0.5 }, [1, 3]], [{ topP: 0.69 }, [1, 3]], [{ topP: 0.72 }, [1, 2, 3]], [{ topP: 0 }, [1]],
    [{ minP: 0.2 }, [1, 2, 3, 4]], [{ minP: 0.26 }, [1, 2, 3]], [{ minP: 1 }, [1]],
    [{ topK: 3, topP: 0.8 }, [1, 3]], // 0.4 and 0.3 are 82 % of what top-k leaves
    [{ temperature: 0.5, topP: 0.8 }, [1, 3]], // the temperature comes first: 0.16 and 0.09 of 0.285
    [{ topK: 4, topP: 0.99, minP: 0.3 }, [1, 2, 3]],
  ] as const)('by %o is %o', (sampling, expected) => expect(kept(logits(), sampling)).toEqual(expected));
  it('of equals at the edge of top-k are the first', () => expect(kept(Float32Array.of(1, 2, 1, 2, 1), { topK: 3 })).toEqual([0, 1, 3]));
  it('is never what is forbidden', () => expect(kept(Float32Array.of(1, -Infinity, 2, -Infinity), { topK: 3 })).toEqual([0, 2]));
  it.each([{ topK: 40 }, { topP: 0.9 }, { topP: 0.5, temperature: 1.7 }, { topK: 200, topP: 0.8 }, { minP: 0.05 }, { topK: 100, minP: 0.1, topP: 0.7 }])('of five thousand by %o is what sorting all of them leaves', (sampling) => {
    for (let seed = 0; seed < 20; seed++) {
      const values = Float32Array.from({ length: 5000 }, (_, id) => 12 * uniform(seed, 1, id) ** 4 - 6);
      expect(kept(values, sampling)).toEqual(bySorting(values, { ...plain, ...sampling }));
    }
  });
});

/** The definitions, slowly: softmax, sort, cut. */
function bySorting(values: Float32Array, { temperature, topK, topP, minP }: Sampling): number[] {
  const sorted = Array.from(values, (value, id) => ({ id, weight: Math.exp(value / temperature) })).sort((a, b) => b.weight - a.weight || a.id - b.id).slice(0, topK > 0 ? topK : undefined);
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0);
  let before = 0;
  const nucleus = topP < 1 ? sorted.filter(({ weight }) => { const isIn = before < topP * total; before += weight; return isIn; }) : sorted;
  return nucleus.filter(({ weight }) => weight >= minP * (sorted[0]?.weight ?? 0)).map(({ id }) => id).sort((a, b) => a - b);
}

describe('the likeliest', () => {
  it('is always taken at temperature 0, and by top-k 1', () => expect([choose(logits(), choice({ temperature: 0 })), choose(logits(), choice({ topK: 1 }))]).toEqual([1, 1]));
  it('is the first of equals', () => expect(argmax(Float32Array.of(0, 3, 1, 3, 3, 2, 1))).toBe(1));
  it('is found wherever it stands', () => { for (let at = 0; at < 9; at++) expect(argmax(Float32Array.from({ length: 9 }, (_, id) => (id === at ? 1 : -id)))).toBe(at); });
});

describe('penalties', () => {
  const after = (sampling: Partial<Sampling>, history: number[], values = [2, -2, 1, 0.5, -0.5], changes = {}): number[] => { const given = Float32Array.from(values); choose(given, choice({ temperature: 0, ...sampling }, changes, history)); return [...given]; };
  it('divide positive logits of what was seen and multiply negative ones, once however often', () => expect(after({ repetitionPenalty: 2 }, [0, 1, 0, 4])).toEqual([1, -4, 1, 0.5, -1]));
  it('leave everything alone at 1', () => expect(after({}, [0, 1])).toEqual([2, -2, 1, 0.5, -0.5]));
  it.each([
    [1, [0, 3], [0, 3]], // any token again
    [2, [0, 1, 2, 0], [1]], // 0 was followed by 1
    [3, [0, 1, 2, 0, 1], [2]],
    [3, [0, 1, 2, 3, 1], []],
    [2, [1, 2, 1, 3, 1], [2, 3]],
    [4, [0, 1], []], // too short to repeat
  ])('forbid a run of %i a second time after %o: %o', (noRepeatNgram, history, expected) => expect(after({ noRepeatNgram }, history).flatMap((value, id) => (value === -Infinity ? id : []))).toEqual(expected));
  it('forbid the end until the least length is written', () => {
    expect(choose(logits(), choice({ temperature: 0, minNew: 3 }, { end: [1], written: 2 }))).toBe(3);
    expect(choose(logits(), choice({ temperature: 0, minNew: 3 }, { end: [1], written: 3 }))).toBe(1);
  });
  it('forbid control tokens, but not one that ends the text', () => {
    expect(choose(logits(), choice({ temperature: 0 }, { banned: [1, 3] }))).toBe(2);
    expect(choose(logits(), choice({ temperature: 0 }, { banned: [1, 3], end: [1] }))).toBe(1);
  });
  it('that forbid everything end the text', () => {
    expect(choose(logits(), choice({ temperature: 0, noRepeatNgram: 1 }, { end: [2] }, [0, 1, 2, 3, 4]))).toBe(2);
    expect(choose(logits(), choice({ noRepeatNgram: 1 }, { end: [2] }, [0, 1, 2, 3, 4]))).toBe(2);
  });
  it('say when a model yields no numbers', () => expect(() => choose(Float32Array.of(NaN, NaN), choice({}))).toThrow('NaN'));
});

describe('noise', () => {
  const bins = (value: (index: number) => number): number => { const found = Array.from({ length: 16 }, () => 0); for (let index = 0; index < 16_000; index++) found[Math.floor(16 * value(index))]!++; return chiSquare(found, found.map(() => 1 / 16)); };
  it.each([
    ['seeds', (index: number) => uniform(index, 3, 5)], ['positions', (index: number) => uniform(7, index, 5)], ['tokens', (index: number) => uniform(7, 3, index)],
    ['seeds far apart', (index: number) => uniform(index * 65_536, 0, 0)], ['seed and position together', (index: number) => uniform(index, index, 11)],
  ])('is spread evenly over %s', (_, value) => expect(bins(value)).toBeLessThan(2.5)); // 15 degrees of freedom: one time in a thousand
  it('of neighbours has nothing to do with one another', () => {
    for (const pair of [(i: number) => [uniform(i, 3, 5), uniform(i + 1, 3, 5)], (i: number) => [uniform(7, i, 5), uniform(7, i + 1, 5)], (i: number) => [uniform(7, 3, i), uniform(7, 3, i + 1)]]) {
      let sum = 0;
      for (let index = 0; index < 10_000; index++) { const [a = 0, b = 0] = pair(index); sum += 12 * (a - 0.5) * (b - 0.5); }
      expect(Math.abs(sum / 10_000)).toBeLessThan(0.035); // 3.5 deviations of a correlation of 0
    }
  });
  it('is what it always was: recorded texts can be made again', () => expect([uniform(0, 0, 0), uniform(1, 2, 3), uniform(4_294_967_295, 299, 50_256)]).toEqual([0.7419738717144355, 0.23852882685605437, 0.20913069986272603]));
  it('gives the winner that looking at everyone gives', () => {
    for (let seed = 0; seed < 300; seed++) {
      const scores = Float64Array.from({ length: 400 }, (_, id) => 30 * uniform(seed, 99, id) - 25);
      const ids = Int32Array.from(scores, (_, at) => at * 3);
      const gumbel = Array.from(scores, (score, at) => score - Math.log(-Math.log(uniform(seed, 4, at * 3))));
      expect(draw({ ids, scores, count: 400 }, seed, 4)).toBe(3 * gumbel.indexOf(Math.max(...gumbel)));
    }
  });
  it('belongs to the token, not to its place in a list: a wider choice changes nothing unless it wins', () => {
    const values = Float32Array.from({ length: 300 }, (_, id) => 5 * uniform(1, 1, id));
    for (let seed = 0; seed < 300; seed++) {
      const [narrow, wide] = [30, 300].map((topK) => choose(values.slice(), choice({ topK }, { seed }))) as [number, number];
      if (kept(values, { topK: 30 }).includes(wide)) expect(narrow).toBe(wide);
    }
  });
});
