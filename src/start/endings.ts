/** How the process ends: asked to, by a mistake of the setup, or by a bug. In each case once, in words, with an exit status. */
import { SetupError } from '../errors.ts';

export interface Endings {
  /** From now on, what is printed passes through this. */
  redact(redact: (text: string) => string): void;
  stop(reason: string, status: number): void;
  crash(cause: unknown): void;
  onStop: (() => Promise<void>) | undefined;
}

const patience = 15_000; // milliseconds that stopping may take

/** Installs what catches everything that nobody else does. */
export function onCrash(initial: (text: string) => string): Endings {
  let redact = initial;
  let isEnding = false;
  const print = (text: string): void => { if (text !== '') process.stderr.write(`${redact(text)}\n`); };
  const end = (status: number): void => {
    if (isEnding) process.exit(status);
    isEnding = true;
    setTimeout(() => process.exit(status), patience).unref();
    const stopping = endings.onStop?.() ?? Promise.resolve();
    stopping.catch((cause: unknown) => print(spell(cause))).finally(() => process.exit(status));
  };
  const endings: Endings = {
    onStop: undefined,
    redact: (next) => { redact = next; },
    stop: (reason, status) => { print(reason); end(status); },
    crash: (cause) => { print(spell(cause)); end(cause instanceof SetupError ? cause.status : 1); },
  };
  process.on('uncaughtException', endings.crash);
  process.on('unhandledRejection', endings.crash);
  return endings;
}

const spell = (cause: unknown): string => (cause instanceof SetupError ? cause.message : cause instanceof Error ? cause.stack ?? cause.message : String(cause));

/** Asked to stop: once is enough, twice is at once. */
export function onStop(endings: Endings, stop: () => Promise<void>): void {
  endings.onStop = stop;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => endings.stop('', 0));
}
