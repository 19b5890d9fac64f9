/** One text in the making: what its row should hold, what it has written, whether it is over. Knows neither the batch around it nor who asked. */
import type { Adapter, Decoder, Row } from './decoder.ts';
import type { Finish, Request } from './protocol.ts';
import { choose } from './sample.ts';
import { createSpoken, type Spoken } from './text.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Tokens of a prompt fed in one step, so that rows already writing wait no longer than that. */
const promptPerStep = 128;

export interface Prompt { readonly ids: readonly number[]; readonly fixed: number; readonly end: readonly number[] }

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

  /** What to feed its row next. */
  feed(): { row: Row; tokens: number[] } {
    if (this.#context.length > this.#decoder.window) this.#slide();
    this.#row ??= this.#decoder.open(this.#adapter);
    return { row: this.#row, tokens: this.#context.slice(this.#row.length, this.#row.length + promptPerStep) };
  }

  /** Takes a step's logits: nothing while the prompt is not all in, else the next token; returns the words that became certain. */
  take(logits: Float32Array): string {
    if (this.finish !== undefined || !this.#row || this.#row.length < this.#context.length) return '';
    const { sampling } = this.request;
    const id = choose(logits, { sampling, seed: this.seed, history: { ids: this.#history, distinct: this.#distinct }, written: this.ids.length, end: this.#prompt.end, banned: this.#tokenizer.controls });
    if (this.#prompt.end.includes(id)) return this.#end('stop');
    this.ids.push(id);
    this.#context.push(id);
    this.#history.push(id);
    this.#distinct.add(id);
    const told = this.#tell(this.#spoken.push(this.#pieces.push(id)));
    if (this.#spoken.isStopped) return told + this.#end('stop');
    return this.ids.length >= sampling.maxNew ? told + this.#end('length') : told;
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
