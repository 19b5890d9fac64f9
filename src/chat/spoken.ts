/** Whether a reply is a persona's words, for everybody, or a word to the one who pressed. Knows no platform. */
import type { Part, Reply } from '../command.ts';

/** Looks at the first part and gives all of them back. */
export async function isSpoken(reply: Reply): Promise<{ isPersona: boolean; parts: Reply }> {
  if (typeof reply === 'string') return { isPersona: false, parts: reply };
  const iterator = reply[Symbol.asyncIterator]();
  const first = await iterator.next();
  async function* parts(): AsyncGenerator<Part> {
    try {
      if (first.done !== true) yield first.value;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { isPersona: first.done !== true && 'speaker' in first.value, parts: parts() };
}
