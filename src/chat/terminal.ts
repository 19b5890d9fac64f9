/** The terminal as a platform: lines in, answers out; a conversation on a TTY, a pipe for machines otherwise. Whoever sits there is an operator. */
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Bot, Incoming, Language } from '../command.ts';
import type { Platform } from './platform.ts';
import { answerPiped } from './terminal/pipe.ts';
import { converse } from './terminal/converse.ts';

export interface TerminalOptions {
  readonly bot: Bot;
  readonly input: Readable;
  readonly output: Writable;
  readonly isInteractive: boolean; // a TTY
  readonly json: boolean;
  readonly language: Language;
  readonly welcome: readonly string[];
  /** The input has ended, or the person left. */
  readonly ended: () => void;
}

let deliveries = 0;

/** `/name rest` is a command; any other line talks to the current persona. */
export function incomingOf(line: string, language: Language): Incoming {
  const arrival = { platform: 'terminal' as const, delivery: `${process.pid}-${Date.now()}-${++deliveries}`, chat: { id: 'terminal:here', group: false, language }, person: { id: 'terminal:operator', name: 'operator', language, role: 'operator' as const } };
  const [, name, rest = ''] = /^\/(\S+)\s*([^]*)$/.exec(line) ?? [];
  return name === undefined ? { ...arrival, kind: 'mention', text: line } : { ...arrival, kind: 'command', name, options: {}, line: rest };
}

export function createTerminal(options: TerminalOptions): Platform {
  const abort = new AbortController();
  let working: Promise<void> = Promise.resolve();
  return {
    name: 'terminal',
    state: () => 'open',
    async listen() {
      working = (options.isInteractive ? converse(options, abort.signal) : answerPiped(createInterface({ input: options.input, crlfDelay: Infinity }), options, abort.signal)).finally(options.ended);
    },
    async stop() { abort.abort(); options.input.destroy(); await working.catch(() => undefined); },
  };
}
