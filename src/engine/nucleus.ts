/** Top-p (Holtzman et al., arXiv 1904.09751): how many of the most likely it takes to reach a share of all probability. Knows scores, not where they come from. */

export function bestOf(scores: Float64Array, count: number): number {
  let top = -Infinity;
  for (let at = 0; at < count; at++) if ((scores[at] as number) > top) top = scores[at] as number;
  return top;
}

/** How many of a descending list reach the share `topP`; the one that crosses it is in. */
export function nucleusOfSorted(scores: Float64Array, count: number, topP: number): number {
  const top = scores[0] ?? 0;
  let [total, sum, kept] = [0, 0, 0];
  for (let at = 0; at < count; at++) total += Math.exp((scores[at] as number) - top);
  while (kept < count && (kept === 0 || sum < topP * total)) sum += Math.exp((scores[kept++] as number) - top);
  return kept;
}

const binsPerNat = 16;
const bins = 512; // what is 32 nats behind the best weighs nothing
const binMass = Float64Array.from({ length: bins }, (_, bin) => Math.exp(-bin / binsPerNat));
const binOf = (score: number, top: number): number => Math.min(bins - 1, ((top - score) * binsPerNat) | 0);

/** exp(score − top) as its bin's times a polynomial over the sixteenth of a nat that remains: within 1e-8, at a third of the price. */
function massOf(bin: number, score: number, top: number): number {
  const rest = score - top + bin / binsPerNat;
  return (binMass[bin] as number) * (1 + rest * (1 + rest * (1 / 2 + rest * (1 / 6 + rest / 24))));
}

/** The same for a list without order, which need not be sorted for it: moves the nucleus to the front. */
export function nucleusOf(ids: Int32Array, scores: Float64Array, count: number, topP: number): number {
  const top = bestOf(scores, count);
  const { edge, before, wanted } = edgeOf(scores, count, top, topP);
  const borderline: { id: number; score: number }[] = [];
  let [kept, sum] = [0, before];
  const keep = (id: number, score: number): void => { ids[kept] = id; scores[kept++] = score; };
  for (let at = 0; at < count; at++) {
    const [id, score] = [ids[at] as number, scores[at] as number];
    const bin = binOf(score, top);
    if (bin < edge) keep(id, score);
    if (bin === edge) borderline.push({ id, score });
  }
  for (const { id, score } of borderline.toSorted((a, b) => b.score - a.score || a.id - b.id)) {
    if (kept > 0 && sum >= wanted) break;
    keep(id, score);
    sum += massOf(edge, score, top);
  }
  return kept;
}

/** The bin of scores in which the share is reached, and the mass before it. */
function edgeOf(scores: Float64Array, count: number, top: number, topP: number): { edge: number; before: number; wanted: number } {
  const masses = new Float64Array(bins);
  for (let at = 0; at < count; at++) {
    const bin = binOf(scores[at] as number, top);
    masses[bin] = (masses[bin] as number) + massOf(bin, scores[at] as number, top);
  }
  const wanted = topP * masses.reduce((sum, mass) => sum + mass, 0);
  let [edge, before] = [0, 0];
  while (edge < bins - 1 && before + (masses[edge] as number) < wanted) before += masses[edge++] as number;
  return { edge, before, wanted };
}
