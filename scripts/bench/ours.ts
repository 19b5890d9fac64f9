/** Our engine, measured from where the bot stands: queue, process, batch, sampler and text included. */
import { createEngine } from '../../src/engine/client.ts';
import type { Event, Request } from '../../src/engine/protocol.ts';
import { peakMemory, type Timing } from './job.ts';

export interface OurJob {
  readonly folder: string;
  readonly batch: number;
  readonly prompt: number; // tokens, about: a word each
  readonly new: number;
  readonly rounds: number;
  readonly threads: number;
  readonly device: 'auto' | 'cpu' | 'webgpu' | 'cuda';
  readonly adapters: readonly string[]; // PEFT folders, dealt out over the rows
  readonly cache: string;
}

let requests = 0;
/** Greedy, and never ended by itself, as the peer is asked to be. */
function requestOf({ folder, adapters, prompt, new: count }: OurJob, row: number, length = count): Request {
  const adapter = adapters[row % Math.max(1, adapters.length)];
  const text = Array.from({ length: prompt }, (_, index) => ` ${['la', 'de', 'que', 'el', 'en', 'no', 'un', 'es'][(index + row) % 8] ?? ''}`).join('');
  return {
    id: `bench ${++requests}`, voice: { base: folder, ...(adapter ? { adapter } : {}) }, prompt: [{ text }], seed: row,
    sampling: { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, noRepeatNgram: 0, minNew: length, maxNew: length, stop: [], candidates: 1 },
  };
}

export async function measureOurs(job: OurJob): Promise<Timing> {
  const engine = createEngine({ device: job.device, memory: Infinity, threads: job.threads, cache: job.cache, rows: job.batch, queueLimit: 1000 });
  const firstToken: number[] = [];
  const one = async (row: number, length: number): Promise<number> => {
    const begin = performance.now();
    let tokens = 0;
    let isFirst = true;
    for await (const event of engine.generate(requestOf(job, row, length), { key: String(row) })) {
      if (event.type === 'words' && isFirst) { isFirst = false; firstToken.push(performance.now() - begin); }
      tokens = tokensOf(event, tokens);
    }
    return tokens;
  };
  const all = async (length: number): Promise<number> => (await Promise.all(Array.from({ length: job.batch }, (_, row) => one(row, length)))).reduce((sum, tokens) => sum + tokens, 0);
  await all(2); // loads the model
  firstToken.length = 0;
  const tokensPerSecond: number[] = [];
  for (let round = 0; round < job.rounds; round++) {
    const begin = performance.now();
    const tokens = await all(job.new);
    tokensPerSecond.push((1000 * tokens) / (performance.now() - begin));
  }
  const { device } = await engine.status();
  const memory = peakMemory(engine.pid());
  await engine.stop();
  return { tokensPerSecond, firstToken, peakMemory: memory, device };
}

function tokensOf(event: Event, before: number): number {
  if (event.type === 'failed') throw new Error(event.message);
  return event.type === 'end' ? event.tokens : before;
}
