/** Tokens a second over the last minute, from a count that only grows. Knows no engine. */

const span = 60_000; // milliseconds

export function createRate(now: () => number = () => performance.now()) {
  let marks: { readonly at: number; readonly count: number }[] = [];
  return {
    add(count: number): void {
      const at = now();
      const last = marks.at(-1);
      if (last && count < last.count) marks = []; // another process counts from 0
      marks.push({ at, count });
      while (marks.length > 2 && (marks[0]?.at ?? at) < at - span) marks.shift();
    },
    /** Over the seconds in which something was written: idle time does not make an engine slow. */
    perSecond(): number {
      const busy = marks.slice(1).map((mark, index) => ({ tokens: mark.count - (marks[index]?.count ?? 0), time: mark.at - (marks[index]?.at ?? 0) })).filter(({ tokens }) => tokens > 0);
      const time = busy.reduce((sum, one) => sum + one.time, 0);
      return time === 0 ? 0 : (1000 * busy.reduce((sum, one) => sum + one.tokens, 0)) / time;
    },
    reset(): void { marks = []; },
  };
}
