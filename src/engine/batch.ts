/** Continuous batching (Orca, OSDI 2022) over one base: texts join at any step and leave at any step, and all that are there step together. Knows no process. */
import { best } from './best.ts';
import type { Decoder, Ranked } from './decoder.ts';
import type { Event, Request } from './protocol.ts';
import { mixSeed } from './seed.ts';
import type { Tokenizer } from './tokenizer.ts';
import { promptOf, Writer } from './writer.ts';

interface Job {
  readonly request: Request;
  readonly writers: readonly Writer[];
  readonly length: number; // the most tokens a row of it may hold
  readonly dropped: number;
  readonly since: number;
}
export type Tell = (id: string, event: Event) => void;
export interface BatchOptions {
  /** Bytes that keys and values of all rows may take; asked at each admission. A job alone is always admitted. */
  readonly room?: () => number;
}

/** Tokens of prompts fed in one step by all rows together: so few beside rows that are writing, whose next word waits for it; so many where none is. */
const promptsBeside = 128;
const promptsAlone = 1024;

/** From the top where that is enough. */
async function take(writer: Writer, ranked: Ranked | undefined): Promise<string> {
  const words = ranked?.top && writer.takeTop(ranked.top);
  return words ?? writer.take((await ranked?.whole()) ?? new Float32Array(0));
}

export class Batch {
  readonly decoder: Decoder;
  #tokenizer: Tokenizer;
  #tell: Tell;
  #room: () => number;
  #waiting: Job[] = [];
  #jobs: Job[] = [];
  tokens = 0; // written since the beginning

  constructor(decoder: Decoder, tokenizer: Tokenizer, tell: Tell, { room = () => Infinity }: BatchOptions = {}) {
    this.decoder = decoder;
    this.#tokenizer = tokenizer;
    this.#tell = tell;
    this.#room = room;
  }

  /** Rows at work or waiting for memory. */
  get rows(): number { return [...this.#jobs, ...this.#waiting].reduce((sum, { writers }) => sum + writers.length, 0); }

  /** Joins at the next step. @throws SetupError for an adapter or a control token that this base has not. */
  async add(request: Request): Promise<void> {
    const { voice, sampling, seed } = request;
    const adapter = voice.adapter === undefined ? undefined : await this.decoder.adapter(voice.adapter);
    const { prompt, dropped } = promptOf(request, this.decoder, this.#tokenizer);
    const writers = Array.from({ length: Math.max(1, sampling.candidates) }, (_, index) => new Writer(this.decoder, this.#tokenizer, request, prompt, mixSeed(seed, index), adapter));
    this.#waiting.push({ request, writers, dropped, length: Math.min(this.decoder.window, prompt.ids.length + sampling.maxNew), since: performance.now() });
    this.#admit();
  }

  /** First come, first served, while the caches fit. */
  #admit(): void {
    for (let job = this.#waiting[0]; job && (this.#jobs.length === 0 || this.#bytesWith(job) <= this.#room()); job = this.#waiting[0]) {
      this.#waiting.shift();
      this.#jobs.push(job);
      this.#tell(job.request.id, { type: 'started', promptTokens: job.writers[0]?.promptTokens ?? 0 });
    }
  }
  /** All rows get as many slots as the longest. */
  #bytesWith(job: Job): number {
    const jobs = [...this.#jobs, job];
    return jobs.reduce((sum, { writers }) => sum + writers.length, 0) * Math.max(...jobs.map(({ length }) => length)) * this.decoder.bytesPerToken;
  }

  /** Its rows are free at once, between two steps. */
  cancel(id: string): void {
    const job = [...this.#jobs, ...this.#waiting].find(({ request }) => request.id === id);
    job?.writers.forEach((writer) => writer.cancel());
    if (job) this.#settle();
  }

  /** One forward of everything that is being written. */
  async step(): Promise<void> {
    const due = this.#due();
    if (due.length === 0) return;
    const feeds = due.map(({ writer }) => writer.feed());
    const ranked = await (this.decoder.rank?.(feeds) ?? this.decoder.step(feeds).then((all) => all.map((logits): Ranked => ({ whole: async () => logits }))));
    for (const [index, { job, writer }] of due.entries()) {
      const before = writer.ids.length;
      const words = await take(writer, ranked[index]);
      this.tokens += writer.ids.length - before;
      if (words !== '' && job.writers.length === 1) this.#tell(job.request.id, { type: 'words', text: words, tokens: writer.ids.length });
    }
    this.#settle();
  }

  /** Every row that writes, and of the prompts still to be read as many as fit, in the order of their coming; the first of them always. */
  #due(): { job: Job; writer: Writer }[] {
    const active = this.#jobs.flatMap((job) => job.writers.filter(({ finish }) => finish === undefined).map((writer) => ({ job, writer })));
    const [writing, reading] = [active.filter(({ writer }) => writer.due === 1), active.filter(({ writer }) => writer.due > 1)];
    const limit = writing.length > 0 ? promptsBeside : promptsAlone;
    let read = 0;
    const fitting = reading.filter(({ writer }) => {
      const fits = read === 0 || read + writer.due <= limit;
      if (fits) read += writer.due;
      return fits;
    });
    return [...writing, ...fitting];
  }

  /** What has ended leaves: rows are freed, of several candidates the best is told. */
  #settle(): void {
    const isOver = ({ writers }: Job): boolean => writers.every(({ finish }) => finish !== undefined);
    const all = [...this.#jobs, ...this.#waiting];
    for (const { writers } of this.#jobs) for (const writer of writers) if (writer.finish !== undefined) writer.close();
    [this.#jobs, this.#waiting] = [this.#jobs.filter((job) => !isOver(job)), this.#waiting.filter((job) => !isOver(job))];
    for (const job of all.filter(isOver)) this.#end(job);
    this.#admit();
  }

  #end({ request, writers, dropped, since }: Job): void {
    const candidate = best(writers.map(({ ids, finish }) => ({ ids, isFinished: finish === 'stop' })));
    const writer = writers[candidate];
    if (!writer) return;
    if (writers.length > 1 && writer.text !== '') this.#tell(request.id, { type: 'words', text: writer.text, tokens: writer.ids.length });
    this.#tell(request.id, { type: 'end', finish: writer.finish ?? 'stop', tokens: writer.ids.length, milliseconds: performance.now() - since, dropped, candidate });
  }

  /** Ends everything with the same sentence: the base cannot go on. */
  fail(message: string): void {
    const all = [...this.#jobs, ...this.#waiting];
    [this.#jobs, this.#waiting] = [[], []];
    for (const { request, writers } of all) {
      for (const writer of writers) writer.close();
      this.#tell(request.id, { type: 'failed', kind: 'engine', message });
    }
  }
}
