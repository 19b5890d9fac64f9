/** The engine process as the bot holds it: forked, watched, restarted with back-off when it dies. Knows no requests. */
import { fork, type ChildProcess } from 'node:child_process';
import type { EngineOptions, FromEngine, ToEngine } from './messages.ts';

export interface Child {
  send(message: ToEngine): void;
  /** It cannot work here: it is not started again. */
  giveUp(): void;
  /** Ends it between two steps; waits. */
  stop(): Promise<void>;
  readonly pid: number | undefined;
  readonly restarts: number;
}
export interface ChildHooks {
  message(message: FromEngine): void;
  /** It died: whatever it was doing is lost. It comes back after `delay` milliseconds. `last`: the end of what it wrote to stderr. */
  died(delay: number, last: string): void;
}

const firstDelay = 200; // milliseconds; doubled at each death in a row
const longestDelay = 30_000;
const healthy = 60_000; // milliseconds alive after which deaths are counted anew
const stderrKept = 2000; // characters: device probes are talkative, so it is shown only when it dies
const hangPatience = 180_000; // milliseconds without a word: a step of a large model, or reading its weights, may take a minute
const stopPatience = 10_000; // milliseconds: a step of a large model takes seconds

export function createChild(entry: URL, options: EngineOptions, hooks: ChildHooks, patience = hangPatience): Child {
  let child: ChildProcess;
  let deaths = 0;
  let restarts = 0;
  let isStopping = false;
  let timer: NodeJS.Timeout | undefined;
  let last = '';
  let heard = 0;

  function start(): void {
    const born = heard = performance.now();
    last = '';
    child = fork(entry, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [], env: { ...process.env, DISCORD_TOKEN: '', TELEGRAM_TOKEN: '', HF_TOKEN: '', DATABASE_URL: '' } });
    child.on('message', (message) => { heard = performance.now(); hooks.message(message as FromEngine); });
    child.once('exit', () => { if (!isStopping) restart(performance.now() - born); });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => { last = (last + text).slice(-stderrKept); });
    child.on('error', () => undefined); // a failed send: exit tells the rest
    child.send({ type: 'options', options } satisfies ToEngine);
  }
  function restart(lived: number): void {
    deaths = lived > healthy ? 1 : deaths + 1;
    const delay = Math.min(longestDelay, firstDelay * 2 ** (deaths - 1));
    restarts++;
    timer = setTimeout(start, delay);
    hooks.died(delay, last);
  }
  /** It tells its pulse between two steps; one that hangs is killed, which is a death like any other. */
  const watch = setInterval(() => { if (performance.now() - heard > patience) child.kill('SIGKILL'); }, patience / 4).unref();
  start();
  return {
    giveUp() { isStopping = true; clearInterval(watch); },
    send: (message) => { if (child.connected) child.send(message); },
    get pid() { return child.pid; },
    get restarts() { return restarts; },
    async stop() {
      isStopping = true;
      clearTimeout(timer);
      clearInterval(watch);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      if (child.connected) child.send({ type: 'stop' } satisfies ToEngine);
      const limit = setTimeout(() => child.kill('SIGKILL'), stopPatience);
      await gone;
      clearTimeout(limit);
    },
  };
}
