/** Continuous batching (Orca, OSDI 2022) over one base: texts join at any step and leave at any step, and all that are there step together. Knows no process. */
import { best } from './best.ts';
import type { Adapter, Decoder } from './decoder.ts';
import type { Event, Request } from './protocol.ts';
import { mixSeed } from './seed.ts';
import type { Tokenizer } from './tokenizer.ts';
import { Writer, type Prompt } from './writer.ts';

interface Job {
  readonly request: Request;
  readonly writers: readonly Writer[];
  readonly dropped: number;
  readonly since: number;
}
export type Tell = (id: string, event: Event) => void;

export class Batch {
  readonly decoder: Decoder;
  #tokenizer: Tokenizer;
  #tell: Tell;
  #jobs: Job[] = [];
  tokens = 0; // written since the beginning

  constructor(decoder: Decoder, tokenizer: Tokenizer, tell: Tell) {
    this.decoder = decoder;
    this.#tokenizer = tokenizer;
    this.#tell = tell;
  }

  get rows(): number { return this.#jobs.reduce((sum, { writers }) => sum + writers.length, 0); }

  /** Joins at the next step. @throws SetupError for an adapter or a control token that this base has not. */
  async add(request: Request): Promise<void> {
    const { voice, sampling, seed } = request;
    const adapter: Adapter | undefined = voice.adapter === undefined ? undefined : await this.decoder.adapter(voice.adapter);
    const { prompt, dropped } = this.#promptOf(request);
    const writers = Array.from({ length: Math.max(1, sampling.candidates) }, (_, index) => new Writer(this.decoder, this.#tokenizer, request, prompt, mixSeed(seed, index), adapter));
    this.#jobs.push({ request, writers, dropped, since: performance.now() });
    this.#tell(request.id, { type: 'started', promptTokens: prompt.ids.length });
  }

  #promptOf({ prompt, endTokens = [], sampling }: Request): { prompt: Prompt; dropped: number } {
    const room = Number.isFinite(this.decoder.window) ? Math.max(16, Math.floor(this.decoder.window - Math.min(sampling.maxNew, this.decoder.window / 2))) : 2048;
    const { ids, dropped, fixed } = this.#tokenizer.encodeSegments(prompt, room);
    const end = [...new Set([...this.decoder.end, ...endTokens.map((token) => this.#tokenizer.controlId(token))])];
    return { prompt: { ids: ids.length > 0 ? ids : [this.decoder.end[0] ?? 0], fixed, end }, dropped };
  }

  /** Its rows are free at once, between two steps. */
  cancel(id: string): void {
    const job = this.#jobs.find(({ request }) => request.id === id);
    if (!job) return;
    job.writers.forEach((writer) => writer.cancel());
    this.#settle();
  }

  /** One forward of everything that is being written. */
  async step(): Promise<void> {
    const active = this.#jobs.flatMap((job) => job.writers.filter(({ finish }) => finish === undefined).map((writer) => ({ job, writer })));
    if (active.length === 0) return;
    const logits = await this.decoder.step(active.map(({ writer }) => writer.feed()));
    for (const [index, { job, writer }] of active.entries()) {
      const before = writer.ids.length;
      const words = writer.take(logits[index] ?? new Float32Array(0));
      this.tokens += writer.ids.length - before;
      if (words !== '' && job.writers.length === 1) this.#tell(job.request.id, { type: 'words', text: words, tokens: writer.ids.length });
    }
    this.#settle();
  }

  /** What has ended leaves: rows are freed, of several candidates the best is told. */
  #settle(): void {
    for (const job of this.#jobs) for (const writer of job.writers) if (writer.finish !== undefined) writer.close();
    const over = this.#jobs.filter(({ writers }) => writers.every(({ finish }) => finish !== undefined));
    this.#jobs = this.#jobs.filter((job) => !over.includes(job));
    for (const job of over) this.#end(job);
  }

  #end({ request, writers, dropped, since }: Job): void {
    const choice = best(writers.map(({ ids, finish }) => ({ ids, isFinished: finish === 'stop' })));
    const writer = writers[choice];
    if (!writer) return;
    if (writers.length > 1 && writer.text !== '') this.#tell(request.id, { type: 'words', text: writer.text, tokens: writer.ids.length });
    this.#tell(request.id, { type: 'end', finish: writer.finish ?? 'stop', tokens: writer.ids.length, milliseconds: performance.now() - since, dropped });
  }

  /** Ends everything with the same sentence: the base cannot go on. */
  fail(message: string): void {
    for (const { request, writers } of this.#jobs) {
      for (const writer of writers) writer.close();
      this.#tell(request.id, { type: 'failed', kind: 'engine', message });
    }
    this.#jobs = [];
  }
}
