/** A decoder and a tokenizer small enough to reason about: logits that depend only on a row's own tokens, a letter an id. */
import type { Decoder, Feed, Row } from '../../src/engine/decoder.ts';
import type { Event, Request, Sampling } from '../../src/engine/protocol.ts';
import type { Tokenizer } from '../../src/engine/tokenizer.ts';

/** Ids are places in this alphabet; the last is the end. */
export const alphabet = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', ' ', '.', '\n', '|'];
export const end = alphabet.length - 1;

export const greedy: Sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, noRepeatNgram: 0, minNew: 0, maxNew: 8, stop: [], candidates: 1 };
export const request = (id: string, text: string, changes: Partial<Sampling> = {}, seed = 1): Request => ({ id, voice: { base: '/base' }, prompt: [{ text }], sampling: { ...greedy, ...changes }, seed });

export const tokenizer: Tokenizer = {
  encode: (text) => [...text].map((letter) => alphabet.indexOf(letter)),
  encodeSegments: (segments, room) => {
    const parts = segments.map((segment) => ('control' in segment ? [end] : [...segment.text].map((letter) => alphabet.indexOf(letter))));
    return { ids: parts.flat().slice(-room), dropped: 0, fixed: segments.findIndex((segment) => 'text' in segment) };
  },
  controlId: () => end,
  controls: [end],
  decode: (ids) => ids.map((id) => alphabet[id] ?? '').join(''),
  stream: () => ({ push: (id) => alphabet[id] ?? '', flush: () => '' }),
};

export interface FakeDecoder extends Decoder {
  /** Each step: what each row was fed, by the row's number in the order of opening. */
  readonly steps: readonly ReadonlyMap<number, readonly number[]>[];
  readonly openRows: ReadonlySet<number>;
}

/** `next` says from all tokens of a row which one is far the likeliest. */
export function fakeDecoder(next: (tokens: readonly number[]) => number, { window = Infinity, sharpness = 10, bytesPerToken = 1 } = {}): FakeDecoder {
  const held = new Map<Row, { tokens: number[]; number: number }>();
  const steps: Map<number, readonly number[]>[] = [];
  let opened = 0;
  const feedOne = ({ row, tokens }: Feed): Float32Array => {
    const one = held.get(row);
    if (!one) throw new Error('the row is closed');
    if (one.tokens.length + tokens.length > window) throw new Error('the window is exceeded');
    one.tokens.push(...tokens);
    steps.at(-1)?.set(one.number, tokens);
    const likely = next(one.tokens);
    return Float32Array.from(alphabet, (_, id) => (id === likely ? sharpness : noise(one.tokens, id)));
  };
  return {
    window, vocabulary: alphabet.length, parameters: 1, bytesPerToken, end: [end], steps,
    get openRows() { return new Set([...held.values()].map(({ number }) => number)); },
    adapter: (folder) => Promise.reject(new Error(`no adapter ${folder}`)),
    open() {
      const tokens: number[] = [];
      const row = { get length() { return tokens.length; } };
      held.set(row, { tokens, number: opened++ });
      return row;
    },
    close: (row) => void held.delete(row),
    step: async (feeds) => { steps.push(new Map()); return feeds.map(feedOne); },
    release: async () => undefined,
  };
}

/** In 0 … 3, from the row's tokens alone. */
const noise = (tokens: readonly number[], id: number): number => (Math.imul(tokens.reduce((sum, token) => Math.imul(sum, 31) + token, id + 7), 0x9e3779b1) >>> 16) % 300 / 100;

/** The events of each request, in order. */
export function listener() {
  const events = new Map<string, Event[]>();
  return {
    tell: (id: string, event: Event): void => { events.set(id, [...events.get(id) ?? [], event]); },
    of: (id: string): Event[] => events.get(id) ?? [],
    text: (id: string): string => (events.get(id) ?? []).map((event) => (event.type === 'words' ? event.text : '')).join(''),
    last: (id: string): Event | undefined => events.get(id)?.at(-1),
  };
}
