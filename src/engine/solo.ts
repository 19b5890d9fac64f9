/** Texts by a stand-alone export, one after another: a Batch's manners without its batching. Knows no process. */
import type { Decoder, Row } from './decoder.ts';
import type { Event, Request } from './protocol.ts';
import type { Standalone } from './standalone.ts';
import type { Tokenizer } from './tokenizer.ts';
import { Writer } from './writer.ts';

export class Solo {
  tokens = 0;
  #standalone: Standalone;
  #tokenizer: Tokenizer;
  #tell: (id: string, event: Event) => void;
  #waiting: Request[] = [];
  #current: Writer | undefined;

  constructor(standalone: Standalone, tokenizer: Tokenizer, tell: (id: string, event: Event) => void) {
    this.#standalone = standalone;
    this.#tokenizer = tokenizer;
    this.#tell = tell;
  }

  get rows(): number { return this.#waiting.length + (this.#current ? 1 : 0); }
  async add(request: Request): Promise<void> { this.#waiting.push(request); }

  cancel(id: string): void {
    if (this.#current?.request.id === id) this.#current.cancel();
    const at = this.#waiting.findIndex((request) => request.id === id);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    this.#tell(id, { type: 'end', finish: 'cancel', tokens: 0, milliseconds: 0, dropped: 0 });
  }

  /** Begins the next text unless one is being written; does not wait for it, so that other bases step meanwhile. */
  async step(): Promise<void> {
    if (this.#current) return;
    const request = this.#waiting.shift();
    if (request) void this.#write(request).catch((cause: unknown) => this.fail(String(cause instanceof Error ? cause.message : cause)));
  }

  async #write(request: Request): Promise<void> {
    const since = performance.now();
    const { ids, dropped, fixed } = this.#tokenizer.encodeSegments(request.prompt, this.#standalone.window - Math.min(request.sampling.maxNew, this.#standalone.window >> 1));
    const prompt = { ids: ids.length > 0 ? ids : [this.#standalone.end[0] ?? 0], fixed, end: [...this.#standalone.end, ...(request.endTokens ?? []).map((token) => this.#tokenizer.controlId(token))] };
    const writer = new Writer(whole(this.#standalone), this.#tokenizer, request, prompt, request.seed, undefined);
    this.#current = writer;
    this.#tell(request.id, { type: 'started', promptTokens: prompt.ids.length });
    writer.feed();
    await this.#standalone.generate(prompt.ids, (logits) => this.#next(writer, logits));
    this.#current = undefined;
    this.#tell(request.id, { type: 'end', finish: writer.finish ?? 'length', tokens: writer.ids.length, milliseconds: performance.now() - since, dropped });
  }

  #next(writer: Writer, logits: Float32Array): number | undefined {
    const words = writer.take(logits);
    if (words !== '') this.#tell(writer.request.id, { type: 'words', text: words, tokens: writer.ids.length });
    this.tokens++;
    return writer.finish === undefined ? writer.ids.at(-1) : undefined;
  }

  fail(message: string): void {
    const ids = [...this.#waiting.map(({ id }) => id), ...(this.#current ? [this.#current.request.id] : [])];
    this.#waiting = [];
    this.#current = undefined;
    for (const id of ids) this.#tell(id, { type: 'failed', kind: 'engine', message });
  }
}

/** A decoder whose rows hold everything already: the export keeps its own cache. */
function whole({ window, vocabulary, end }: Standalone): Decoder {
  const row: Row = { length: Infinity };
  const none = (): never => { throw new Error('a stand-alone export has no rows of ours'); };
  return { window, vocabulary, end, parameters: 0, adapter: none, open: () => row, close: () => undefined, step: none, release: none };
}
