/** A bot that says what a test tells it to: the platforms' other side. */
import { createLog } from '../../src/log.ts';
import { createMetrics } from '../../src/metrics.ts';
import { loadCommands } from '../../src/command/load.ts';
import type { Bot, Incoming, Part, Reply } from '../../src/command.ts';

export type Script = (incoming: Incoming, signal: AbortSignal) => Reply | undefined | Promise<Reply | undefined>;

/** Has the real commands, answers by the script, and claims each delivery once as the real one does. */
export async function scriptedBot(script: Script) {
  const asked: Incoming[] = [];
  const left: string[] = [];
  const moved: [string, string][] = [];
  const claimed = new Set<string>();
  const bot: Bot = {
    commands: await loadCommands(),
    async answer(incoming, { signal }) {
      if (claimed.has(incoming.delivery)) return undefined;
      claimed.add(incoming.delivery);
      asked.push(incoming);
      return script(incoming, signal);
    },
    complete: ({ typed }) => [{ name: `${typed}…`, value: 'martin_fierro' }],
    moved: async (from, to) => { moved.push([from, to]); },
    left: async (chat) => { left.push(chat); },
  };
  return { bot, asked, left, moved };
}

/** A persona's words, one after another. */
export async function* spoken(words: readonly string[], { pause = 5, signal, buttons = [] }: { pause?: number; signal?: AbortSignal; buttons?: readonly { id: string; label: string }[] } = {}): AsyncGenerator<Part> {
  yield { speaker: { id: 'martin_fierro', name: 'Martín Fierro' } };
  for (const word of words) {
    if (signal?.aborted) break;
    yield { append: word };
    await wait(pause);
  }
  yield { label: 'imitación generada por una máquina' };
  yield { answer: 'a1b2c3d4' };
  yield { buttons };
}

export const silentLog = createLog('silent', (text) => text);
export const metrics = createMetrics();
export const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until something is so. @throws with what it waited for. */
export async function until<T>(what: string, find: () => T | undefined | false, milliseconds = 6000): Promise<T> {
  for (const end = Date.now() + milliseconds; Date.now() < end; await wait(15)) {
    const found = find();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error(`waited in vain: ${what}`);
}
