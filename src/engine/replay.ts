/** Writes a request once more in this process, without queue or bot: the same voice, prompt, settings and seed give the same words. Knows no record. */
import { createBases, type BasesOptions } from './bases.ts';
import type { Event, Request } from './protocol.ts';
import { createStream } from './stream.ts';
import { Work } from './work.ts';

/** The events that the request had. Reading no further calls it off. */
export async function* replay(request: Request, options: BasesOptions): AsyncGenerator<Event> {
  const stream = createStream<Event>(() => work.cancel(request.id));
  const work = new Work((tell) => createBases(options, tell), (events) => {
    for (const [, event] of events) stream.push(event);
    if (events.some(([, { type }]) => type === 'end' || type === 'failed')) stream.end();
  });
  work.add(request);
  try { yield* stream; } finally { await work.stop(); }
}
