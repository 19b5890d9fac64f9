/** What a row has said so far, as text: whole characters, ended before a stop string, nothing shown that may still become one. Knows no tokens' meaning. */

export interface Spoken { push(piece: string): string; flush(): string; readonly isStopped: boolean }

export function createSpoken(stop: readonly string[]): Spoken {
  let held = '';
  let isStopped = false;
  return {
    get isStopped() { return isStopped; },
    push(piece: string): string {
      if (isStopped) return '';
      held += piece;
      const at = Math.min(...stop.map((text) => { const found = held.indexOf(text); return found < 0 ? Infinity : found; }));
      isStopped = at < Infinity;
      const end = isStopped ? at : held.length - mayStart(held, stop);
      const told = held.slice(0, end);
      held = isStopped ? '' : held.slice(end);
      return told;
    },
    flush(): string { const rest = held; held = ''; return isStopped ? '' : rest; },
  };
}

/** How many characters at the end of a text may be the beginning of a stop string. */
function mayStart(text: string, stop: readonly string[]): number {
  const longest = Math.max(0, ...stop.map((one) => one.length - 1));
  for (let length = Math.min(longest, text.length); length > 0; length--) if (stop.some((one) => one.startsWith(text.slice(-length)))) return length;
  return 0;
}
