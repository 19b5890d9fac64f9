/** Ends an answer before its time with an apology, leaving what was said. Knows no platform. */
import type { Part, Reply } from '../../command.ts';
import { partsOf } from '../deliver.ts';

/** The parts of a reply until it ends, or until `closing` fires: then the buttons go and the apology follows. */
export async function* interruptible(reply: Reply, closing: AbortSignal, apology: string): AsyncGenerator<Part> {
  const parts = partsOf(reply)[Symbol.asyncIterator]();
  const closed = new Promise<undefined>((resolve) => { closing.addEventListener('abort', () => resolve(undefined), { once: true }); });
  let hasText = false;
  try {
    for (;;) {
      const next = closing.aborted ? undefined : await Promise.race([parts.next(), closed]);
      if (next === undefined) return yield* farewell(hasText, apology);
      if (next.done) return;
      hasText = 'append' in next.value || ('replace' in next.value ? false : hasText);
      yield next.value;
    }
  } finally {
    parts.return?.().catch(() => undefined); // not awaited: whoever is interrupted may be stuck
  }
}

function* farewell(hasText: boolean, apology: string): Generator<Part> {
  yield { buttons: [] };
  yield hasText ? { append: `\n\n${apology}` } : { replace: apology };
}
