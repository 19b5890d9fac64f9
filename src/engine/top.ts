/**
 * Chooses from the largest logits alone where that cannot differ from choosing from all: what the settings lower (penalties, bans) may fall behind tokens that
 * are not listed, what they leave alone cannot. Pure; knows no text.
 */
import type { Top } from './decoder.ts';
import { draw } from './noise.ts';
import { argmax, penalized, repeats, type Choice } from './sample.ts';
import { select } from './select.ts';

/** The id that `choose` would choose; undefined where the list cannot tell. */
export function chooseTop({ values, ids }: Top, { sampling, seed, history, written, end, banned }: Choice): number | undefined {
  const isGreedy = sampling.temperature === 0 || sampling.topK === 1;
  const needed = isGreedy ? 1 : sampling.topK;
  const barred = new Set([...repeats(history.ids, sampling.noRepeatNgram), ...banned.filter((id) => !end.includes(id)), ...(written < sampling.minNew ? end : [])]);
  const isLowered = (id: number): boolean => barred.has(id) || (sampling.repetitionPenalty !== 1 && history.distinct.has(id));
  const listed = Array.from(ids, (id, at) => ({ id, value: values[at] as number })).sort((a, b) => a.id - b.id); // of equals the smaller id comes first, as among all
  if (needed === 0 || listed.filter(({ id }) => !isLowered(id)).length < needed) return undefined;
  const lowered = ({ id, value }: { id: number; value: number }): number => (barred.has(id) ? -Infinity : isLowered(id) ? penalized(value, sampling.repetitionPenalty) : value);
  const logits = Float32Array.from(listed, lowered);
  if (isGreedy) return listed[argmax(logits)]?.id;
  const kept = select(logits, sampling);
  for (let at = 0; at < kept.count; at++) kept.ids[at] = listed[kept.ids[at] as number]?.id ?? 0;
  return draw(kept, seed, written);
}
