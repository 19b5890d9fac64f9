/** Texts by a stand-alone export, one after another: a Batch's manners without its batching. Knows no process. */
import type { Decoder, Row } from './decoder.ts';
import type { Event, Request } from './protocol.ts';
import type { Standalone } from './standalone.ts';
import type { Tokenizer } from './tokenizer.ts';
import { promptOf, Writer } from './writer.ts';

export class Solo {
  tokens = 0; // written since the beginning
  #standalone: Standalone;
  #tokenizer: Tokenizer;
  #tell: (id: string, event: Event) => void;
  #waiting: Request[] = [];
  #current: { readonly request: Request; writer?: Writer } | undefined;
  #stepped = (): void => undefined;

  constructor(standalone: Standalone, tokenizer: Tokenizer, tell: (id: string, event: Event) => void) {
    this.#standalone = standalone;
    this.#tokenizer = tokenizer;
    this.#tell = tell;
  }

  get rows(): number { return this.#waiting.length + (this.#current ? 1 : 0); }
  async add(request: Request): Promise<void> { this.#waiting.push(request); }

  cancel(id: string): void {
    if (this.#current?.request.id === id) this.#current.writer?.cancel();
    const at = this.#waiting.findIndex((request) => request.id === id);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    this.#tell(id, { type: 'end', finish: 'cancel', tokens: 0, milliseconds: 0, dropped: 0 });
  }

  /** Waits for the next token, or the end, of the text at work, after beginning one where none is. */
  async step(): Promise<void> {
    const request = this.#current ? undefined : this.#waiting.shift();
    const stepped = new Promise<void>((resolve) => { this.#stepped = resolve; });
    if (request) void this.#write(request);
    if (this.#current) await stepped;
  }

  async #write(request: Request): Promise<void> {
    const since = performance.now();
    const current: { readonly request: Request; writer?: Writer } = this.#current = { request };
    try {
      const { prompt, dropped } = promptOf(request, this.#standalone, this.#tokenizer);
      const writer = current.writer = new Writer(whole(this.#standalone), this.#tokenizer, request, prompt, request.seed, undefined);
      this.#tell(request.id, { type: 'started', promptTokens: writer.promptTokens });
      writer.feed();
      await this.#standalone.generate(prompt.ids, (logits) => this.#next(writer, logits));
      this.#tell(request.id, { type: 'end', finish: writer.finish ?? 'length', tokens: writer.ids.length, milliseconds: performance.now() - since, dropped });
    } catch (cause) {
      this.#tell(request.id, { type: 'failed', kind: 'engine', message: String(cause instanceof Error ? cause.message : cause) });
    }
    this.#current = undefined;
    this.#stepped();
  }

  #next(writer: Writer, logits: Float32Array): number | undefined {
    const before = writer.ids.length;
    const words = writer.take(logits);
    if (words !== '') this.#tell(writer.request.id, { type: 'words', text: words, tokens: writer.ids.length });
    this.tokens += writer.ids.length - before;
    this.#stepped();
    return writer.finish === undefined ? writer.ids.at(-1) : undefined;
  }

  /** Ends all that wait with the same sentence. */
  fail(message: string): void {
    for (const { id } of this.#waiting.splice(0)) this.#tell(id, { type: 'failed', kind: 'engine', message });
  }
}

/** A decoder whose one row holds everything already: the export keeps its own cache. */
function whole({ window, vocabulary, end }: Standalone): Decoder {
  const row: Row = { length: Infinity };
  const none = (): never => { throw new Error('a stand-alone export has no rows of ours'); };
  return { window, vocabulary, end, parameters: 0, bytesPerToken: 0, adapter: none, open: () => row, close: () => undefined, step: none, release: none };
}
