/** The terminal as a platform: lines in, answers out; a conversation on a TTY, a pipe for machines otherwise. Whoever sits there is an operator. */
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Bot, Incoming, Language } from '../command.ts';
import type { Platform } from './platform.ts';
import { converse } from './terminal/converse.ts';
import { answerPiped } from './terminal/pipe.ts';

export interface TerminalOptions {
  readonly bot: Bot;
  readonly input: Readable;
  readonly output: Writable;
  readonly isInteractive: boolean; // a TTY
  readonly json: boolean;
  readonly language: Language;
  readonly welcome: readonly string[];
  /** The input has ended, or nobody reads the output any more. */
  readonly ended: () => void;
  /** The person wants to leave. */
  readonly left: () => void;
}

/** `/name rest` is a command; any other line talks to the current persona. */
export function incomingOf(line: string, language: Language, delivery: string): Incoming {
  const arrival = { platform: 'terminal' as const, delivery, chat: { id: 'terminal:here', group: false, language }, person: { id: 'terminal:operator', name: 'operator', language, role: 'operator' as const } };
  const [, name, rest = ''] = /^\/(\S+)\s*([^]*)$/.exec(line) ?? [];
  return name === undefined ? { ...arrival, kind: 'mention', text: line } : { ...arrival, kind: 'command', name, options: {}, line: rest };
}

export function createTerminal(options: TerminalOptions): Platform {
  const { input, output, isInteractive } = options;
  const abort = new AbortController();
  const run = `${process.pid}-${Date.now()}`; // no line of this run was delivered in another
  let lines = 0;
  let state: 'closed' | 'open' = 'closed';
  let working: Promise<'ended' | 'left'> = Promise.resolve('ended');
  const incoming = (line: string): Incoming => incomingOf(line, options.language, `${run}-${++lines}`);

  async function work(): Promise<'ended' | 'left'> {
    if (isInteractive) return converse({ ...options, incoming }, abort.signal);
    await answerPiped(createInterface({ input, crlfDelay: Infinity }), { ...options, incoming }, abort.signal);
    return 'ended';
  }
  return {
    name: 'terminal',
    state: () => state,
    async listen() {
      state = 'open';
      output.on('error', () => { abort.abort(); options.left(); }); // EPIPE: nobody reads
      working = work().finally(() => { state = 'closed'; });
      void working.then((how) => options[how](), () => options.left());
    },
    /** Whoever sits there has seen what was said so far: nothing is waited for. */
    async stop() {
      abort.abort();
      await working.catch(() => undefined);
      input.destroy();
    },
  };
}
