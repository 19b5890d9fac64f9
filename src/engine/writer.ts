/** One text in the making: what its row should hold, what it has written, whether it is over. Knows neither the batch around it nor who asked. */
import type { Adapter, Decoder, Feed, Row, Top } from './decoder.ts';
import type { Finish, Request } from './protocol.ts';
import { choose, type Choice } from './sample.ts';
import { createSpoken, type Spoken } from './text.ts';
import type { Tokenizer } from './tokenizer.ts';
import { chooseTop } from './top.ts';

/** Tokens of a row's prompt fed in one step; always the same, so that a text does not depend on who else is there. */
const chunk = 128;
/** Tokens of a prompt where the window has no end (ALiBi). */
const longestPrompt = 2048;
const shortestPrompt = 16;

export interface Prompt {
  readonly ids: readonly number[];
  readonly fixed: number; // how many at the beginning stay when the window slides
  readonly end: readonly number[]; // ids that end the text
}

/** A request's prompt in tokens, cut so that an answer fits behind it; half of the window at most is left to the answer. `dropped`: parts left out. */
export function promptOf({ prompt, endTokens = [], sampling }: Request, { window, end }: Pick<Decoder, 'window' | 'end'>, tokenizer: Tokenizer): { prompt: Prompt; dropped: number } {
  const room = Number.isFinite(window) ? Math.max(shortestPrompt, Math.floor(window - Math.min(sampling.maxNew, window / 2))) : longestPrompt;
  const { ids, dropped, fixed } = tokenizer.encodeSegments(prompt, room);
  const ends = [...new Set([...end, ...endTokens.map((token) => tokenizer.controlId(token))])];
  return { prompt: { ids: ids.length > 0 ? ids : [end[0] ?? 0], fixed, end: ends }, dropped };
}

export class Writer {
  readonly request: Request;
  readonly seed: number;
  readonly ids: number[] = []; // what it wrote
  text = '';
  finish: Finish | undefined;
  #decoder: Decoder;
  #tokenizer: Tokenizer;
  #row: Row | undefined;
  #adapter: Adapter | undefined;
  #prompt: Prompt;
  #context: number[]; // what the row holds or will
  #history: number[]; // prompt and what it wrote, however far the window has slid
  #distinct: Set<number>;
  #pieces: ReturnType<Tokenizer['stream']>;
  #spoken: Spoken;

  constructor(decoder: Decoder, tokenizer: Tokenizer, request: Request, prompt: Prompt, seed: number, adapter: Adapter | undefined) {
    this.request = request;
    this.seed = seed;
    this.#decoder = decoder;
    this.#tokenizer = tokenizer;
    this.#adapter = adapter;
    this.#prompt = prompt;
    this.#context = [...prompt.ids];
    this.#history = [...prompt.ids];
    this.#distinct = new Set(prompt.ids);
    this.#pieces = tokenizer.stream();
    this.#spoken = createSpoken(request.sampling.stop);
  }

  get promptTokens(): number { return this.#prompt.ids.length; }

  /** How many tokens it would feed next: 1 while it writes, more while it reads. */
  get due(): number {
    if (this.#context.length > this.#decoder.window) this.#slide();
    return Math.min(chunk, this.#context.length - (this.#row?.length ?? 0));
  }

  /** What to feed its row next. */
  feed(): Feed {
    const count = this.due;
    this.#row ??= this.#decoder.open(this.#adapter);
    return { row: this.#row, tokens: this.#context.slice(this.#row.length, this.#row.length + count) };
  }

  /** Takes a step's logits: nothing while the prompt is not all in, else the next token; returns the words that became certain. */
  take(logits: Float32Array): string {
    return this.#isReading() ? '' : this.#write(choose(logits, this.#choice()));
  }
  /** The same from the largest logits; undefined where they cannot tell. */
  takeTop(top: Top): string | undefined {
    if (this.#isReading()) return '';
    const id = chooseTop(top, this.#choice());
    return id === undefined ? undefined : this.#write(id);
  }
  #isReading(): boolean { return this.finish !== undefined || !this.#row || this.#row.length < this.#context.length; }
  #choice(): Choice {
    return { sampling: this.request.sampling, seed: this.seed, history: { ids: this.#history, distinct: this.#distinct }, written: this.ids.length, end: this.#prompt.end, banned: this.#tokenizer.controls };
  }
  #write(id: number): string {
    if (this.#prompt.end.includes(id)) return this.#end('stop');
    this.ids.push(id);
    this.#context.push(id);
    this.#history.push(id);
    this.#distinct.add(id);
    const told = this.#tell(this.#spoken.push(this.#pieces.push(id)));
    if (this.#spoken.isStopped) return told + this.#end('stop');
    return this.ids.length >= this.request.sampling.maxNew ? told + this.#end('length') : told;
  }

  cancel(): void { if (this.finish === undefined) this.#end('cancel'); }

  /** Frees its row. */
  close(): void {
    if (this.#row) this.#decoder.close(this.#row);
    this.#row = undefined;
  }

  #end(finish: Finish): string {
    this.finish = finish;
    return this.#tell(this.#spoken.push(this.#pieces.flush()) + this.#spoken.flush());
  }
  #tell(words: string): string { this.text += words; return words; }

  /** The window is full: the row starts anew with the prompt's fixed beginning and the later half of the rest, from the beginning of a sentence. */
  #slide(): void {
    const fixed = this.#context.slice(0, this.#prompt.fixed);
    const rest = this.#context.slice(-Math.floor((this.#decoder.window - fixed.length) / 2));
    const sentence = rest.findIndex((id) => /[.!?…\n]\s*$/.test(this.#tokenizer.decode([id])));
    this.#context = [...fixed, ...(sentence >= 0 && sentence < rest.length / 2 ? rest.slice(sentence + 1) : rest)];
    this.close();
  }
}
