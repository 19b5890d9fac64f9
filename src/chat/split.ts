/** Cuts a long text into messages that a platform accepts, without breaking words, code fences or graphemes. Pure; knows no platform. */

const graphemes = new Intl.Segmenter('es', { granularity: 'grapheme' });

/** Where a cut reads best, best first; each takes the latest place in the second half of what fits. */
const breaks = [/\n{2,}/g, /\n/g, /(?<=[.!?…]["»”’)\]]*)\s+/gu, /\s+/g];

/**
 * Pieces of at most `limit` UTF-16 units (what Telegram counts, and never less than what Discord does). White space at a cut is dropped;
 * a code fence open at a cut is closed there and opened again. A longer text keeps the pieces of its beginning, so a stream can be shown piece by piece.
 */
export function splitText(text: string, limit: number): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > limit) {
    const [piece, remainder] = cutOnce(rest, limit);
    pieces.push(piece);
    rest = remainder;
  }
  return rest.trim() === '' ? pieces : [...pieces, rest];
}

function cutOnce(text: string, limit: number): [piece: string, rest: string] {
  const closing = '\n```';
  const at = cutAt(text, limit - (hasOpenFence(text.slice(0, limit)) ? closing.length : 0));
  const head = text.slice(0, at).trimEnd();
  const fence = openFence(head);
  if (fence === undefined) return [head, text.slice(at).trimStart()];
  const reopened = fence.length < limit / 2 ? fence : '```';
  return [head + closing, `${reopened}\n${text.slice(at).replace(/^\n+/, '')}`];
}

function cutAt(text: string, room: number): number {
  const window = text.slice(0, room + 1);
  for (const pattern of breaks) {
    const place = [...window.matchAll(pattern)].map((match) => match.index).findLast((index) => index > 0 && index <= room);
    if (place !== undefined && place >= room / 2) return place;
  }
  return graphemeBoundary(text, room);
}

/** The last grapheme boundary at or before `room`; inside a grapheme longer than that, the last whole code point. */
function graphemeBoundary(text: string, room: number): number {
  let boundary = 0;
  for (const { index } of graphemes.segment(text.slice(0, room + 64))) {
    if (index > room) break;
    boundary = index;
  }
  if (boundary > 0) return boundary;
  const isHighSurrogate = /[\uD800-\uDBFF]/.test(text.charAt(room - 1));
  return Math.max(1, isHighSurrogate ? room - 1 : room);
}

const hasOpenFence = (text: string): boolean => openFence(text) !== undefined;

/** The mark that opened a fence still open at the end of `text`, with its language, e.g. "```ts". Platforms toggle at each mark, wherever it stands. */
function openFence(text: string): string | undefined {
  let open: string | undefined;
  for (const [mark] of text.matchAll(/```(?:\w*(?=\n))?/g)) open = open === undefined ? mark : undefined;
  return open;
}
