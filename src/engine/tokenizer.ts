/**
 * Text to ids and back, by byte-level BPE as GPT-2 and BLOOM use it (@huggingface/tokenizers does the merging). People's text that spells a control token
 * stays text; only a Segment's `control` becomes one. Knows no model.
 */
import { Tokenizer as Encoder } from '@huggingface/tokenizers';
import { SetupError } from '../errors.ts';
import { byteOf } from './bytes.ts';
import { readDefinition, type Definition } from './definition.ts';
import type { Segment } from './protocol.ts';

export interface Tokenizer {
  /** `spelled`: a control token spelled in the text becomes its id, as the library does by default. */
  encode(text: string, options?: { spelled?: boolean }): number[];
  /** The prompt's ids within `room` tokens: what may be dropped goes first, then the beginning of the longest text. */
  encodeSegments(segments: readonly Segment[], room: number): { ids: number[]; dropped: number; fixed: number };
  /** @throws SetupError naming a token that this tokenizer has not. */
  controlId(name: string): number;
  /** Every control token's id: a text is made without them. */
  readonly controls: readonly number[];
  decode(ids: readonly number[]): string;
  /** Decodes token by token: whole characters only; `flush` gives what can no longer become one. */
  stream(): { push(id: number): string; flush(): string };
}

export async function openTokenizer(folder: string): Promise<Tokenizer> {
  const definition = await readDefinition(folder);
  const plain = new Encoder({ ...definition, added_tokens: definition.added_tokens.filter(({ special }) => !special) }, {});
  let spelling: Encoder | undefined;
  const added = new Map(definition.added_tokens.map((token) => [token.content, token]));
  const pieces = piecesOf(definition);
  const encode = (text: string, { spelled = false } = {}): number[] => {
    const encoder = spelled ? (spelling ??= new Encoder(definition, {})) : plain;
    return text === '' ? [] : encoder.encode(text, { add_special_tokens: false }).ids.filter(Number.isInteger); // a byte that no piece has is left out, as the library does
  };
  const controlId = (name: string): number => {
    const id = added.get(name)?.id ?? definition.model.vocab[name];
    if (id === undefined) throw new SetupError(`expected a control token of this base’s tokenizer, got ${name}; it has ${[...added.keys()].slice(0, 8).join(' ')} …`);
    return id;
  };
  const stream = () => {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    return { push: (id: number): string => decoder.decode(pieces[id] ?? new Uint8Array(0), { stream: true }), flush: (): string => decoder.decode() };
  };
  return {
    encode, controlId, stream, controls: definition.added_tokens.filter(({ special }) => special).map(({ id }) => id),
    decode: (ids) => { const one = stream(); return ids.map((id) => one.push(id)).join('') + one.flush(); },
    encodeSegments: (segments, room) => fit(segments.map((segment) => ('control' in segment ? { ids: [controlId(segment.control)], isFixed: true, drop: undefined } : { ids: encode(segment.text), isFixed: false, drop: segment.drop })), room),
  };
}

interface Encoded { readonly ids: number[]; readonly isFixed: boolean; readonly drop: number | undefined }

function fit(parts: Encoded[], room: number): { ids: number[]; dropped: number; fixed: number } {
  const length = (): number => parts.reduce((sum, { ids }) => sum + ids.length, 0);
  let dropped = 0;
  while (length() > room && parts.some(({ drop }) => drop !== undefined)) {
    const highest = Math.max(...parts.map(({ drop }) => drop ?? -Infinity));
    parts.splice(parts.findIndex(({ drop }) => drop === highest), 1);
    dropped++;
  }
  const longest = parts.filter(({ isFixed }) => !isFixed).sort((a, b) => b.ids.length - a.ids.length)[0];
  if (length() > room && longest) longest.ids.splice(0, length() - room);
  const firstText = parts.findIndex(({ isFixed }) => !isFixed);
  return { ids: parts.flatMap(({ ids }) => ids), dropped, fixed: firstText < 0 ? parts.length : firstText };
}

/** The bytes that each id stands for. */
function piecesOf({ model, added_tokens: added }: Definition): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (const [token, id] of Object.entries(model.vocab)) pieces[id] = Uint8Array.from(token, (character) => byteOf.get(character) ?? 0x3f);
  for (const { id, content } of added) pieces[id] = new TextEncoder().encode(content);
  return pieces;
}
