/** How the process ends: asked to, by a mistake of the setup, or by a bug. In each case once, in words, with an exit status, undoing what was started in reverse. */
import { constants } from 'node:os';
import { SetupError } from '../errors.ts';
import type { Redact } from '../log.ts';

export interface Endings {
  /** From now on, what is printed passes through this. */
  redact(redact: Redact): void;
  /** What to do at the end; the last one comes first. */
  undo(step: () => Promise<unknown>): void;
  stop(reason: string, status: number): void;
  crash(cause: unknown): void;
}

const asItIs: Redact = (text) => text;
const patience = 20_000; // milliseconds that stopping may take

/** Installs what catches everything that nobody else does: signals, exceptions, rejections. A second signal ends at once. */
export function installEndings(): Endings {
  const undoing: (() => Promise<unknown>)[] = [];
  let redact = asItIs;
  let final: number | undefined; // the exit status, once the end has begun
  const print = (text: string): void => { if (text !== '') process.stderr.write(`${redact(text)}\n`); };

  async function end(status: number): Promise<void> {
    if (final !== undefined) { final ||= status; return; }
    final = status;
    setTimeout(() => { print(`could not stop within ${patience / 1000} seconds`); process.exit(final || 1); }, patience).unref();
    for (const step of undoing.toReversed()) await step().catch((cause: unknown) => print(spell(cause)));
    process.exit(final);
  }
  const endings: Endings = {
    redact: (next) => { redact = next; },
    undo: (step) => { undoing.push(step); },
    stop: (reason, status) => { print(reason); void end(status); },
    crash: (cause) => { print(spell(cause)); void end(cause instanceof SetupError ? cause.status : 1); },
  };
  process.on('uncaughtException', endings.crash);
  process.on('unhandledRejection', endings.crash);
  process.stderr.on('error', () => undefined); // nobody reads it any more
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => { if (final === undefined) void end(0); else process.exit(128 + constants.signals[signal]); });
  }
  return endings;
}

const spell = (cause: unknown): string => (cause instanceof SetupError ? cause.message : cause instanceof Error ? cause.stack ?? cause.message : String(cause));
