/** The nearest of known names to one that is not known. Pure. */

/** Optimal string alignment distance: insertions, deletions, replacements and swaps of neighbours. */
export function distance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => Array.from({ length: b.length + 1 }, (_unused, j) => (i === 0 ? j : j === 0 ? i : 0)));
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Infinity;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Infinity;
      (rows[i] as number[])[j] = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1), swap);
    }
  }
  return at(a.length, b.length);
}

/** Letters as people type them in a hurry: no accents, no capitals, no separators. */
export const plain = (name: string): string => name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/[\s_-]+/g, '');

/** Undefined where nothing is near: of a name, or of one of its words, at most a third of the letters may differ. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const typed = plain(name);
  const away = (one: string): number => Math.min(...[one, ...one.split(/[\s_-]+/)].map((word) => distance(typed, plain(word))));
  const ranked = known.map((one) => ({ one, away: away(one) })).sort((a, b) => a.away - b.away)[0];
  return ranked && ranked.away <= Math.max(1, typed.length / 3) ? ranked.one : undefined;
}
