/** Passing over the logits of a whole vocabulary quickly: four at a time, since each comparison would else wait for the one before. Pure. */

/** The largest. */
export function peak(logits: Float32Array): number {
  let [a, b, c, d] = [-Infinity, -Infinity, -Infinity, -Infinity];
  const whole = logits.length - 3;
  let id = 0;
  for (; id < whole; id += 4) {
    if ((logits[id] as number) > a) a = logits[id] as number;
    if ((logits[id + 1] as number) > b) b = logits[id + 1] as number;
    if ((logits[id + 2] as number) > c) c = logits[id + 2] as number;
    if ((logits[id + 3] as number) > d) d = logits[id + 3] as number;
  }
  for (; id < logits.length; id++) if ((logits[id] as number) > a) a = logits[id] as number;
  return Math.max(a, b, c, d);
}

/** The next id at or behind `from` whose logit is above `floor`, or the length. */
export function nextAbove(logits: Float32Array, from: number, floor: number): number {
  let id = from;
  const whole = logits.length - 3;
  while (id < whole && (logits[id] as number) <= floor && (logits[id + 1] as number) <= floor && (logits[id + 2] as number) <= floor && (logits[id + 3] as number) <= floor) id += 4;
  while (id < logits.length && (logits[id] as number) <= floor) id++;
  return id;
}
