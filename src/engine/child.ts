/** The engine process as the bot holds it: forked, watched, restarted with back-off when it dies. Knows no requests. */
import { fork, type ChildProcess } from 'node:child_process';
import type { EngineOptions, FromEngine, ToEngine } from './messages.ts';

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
const withoutSecrets = { DISCORD_TOKEN: '', TELEGRAM_TOKEN: '', HF_TOKEN: '', DATABASE_URL: '' };

export class Child {
  restarts = 0;
  #entry: URL;
  #options: EngineOptions;
  #hooks: ChildHooks;
  #child: ChildProcess;
  #watch: NodeJS.Timeout;
  #restart: NodeJS.Timeout | undefined;
  #deaths = 0;
  #heard = 0;
  #last = '';
  #isLeft = false;

  constructor(entry: URL, options: EngineOptions, hooks: ChildHooks, patience = hangPatience) {
    this.#entry = entry;
    this.#options = options;
    this.#hooks = hooks;
    this.#child = this.#start();
    // It tells its pulse between two steps; one that hangs is killed, which is a death like any other.
    this.#watch = setInterval(() => { if (performance.now() - this.#heard > patience) this.#child.kill('SIGKILL'); }, patience / 4).unref();
  }

  get pid(): number | undefined { return this.#child.pid; }
  send(message: ToEngine): void { if (this.#child.connected) this.#child.send(message); }

  /** It cannot work here: it is not started again. */
  giveUp(): void {
    this.#isLeft = true;
    clearTimeout(this.#restart);
    clearInterval(this.#watch);
  }

  /** Ends it between two steps; waits. */
  async stop(): Promise<void> {
    this.giveUp();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.send({ type: 'stop' });
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), stopPatience);
    await gone;
    clearTimeout(limit);
  }

  #start(): ChildProcess {
    const born = this.#heard = performance.now();
    this.#last = '';
    const child = fork(this.#entry, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [], env: { ...process.env, ...withoutSecrets } });
    child.on('message', (message) => { this.#heard = performance.now(); this.#hooks.message(message as FromEngine); });
    child.once('exit', () => { if (!this.#isLeft) this.#died(performance.now() - born); });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => { this.#last = (this.#last + text).slice(-stderrKept); });
    child.on('error', () => undefined); // a failed send: exit tells the rest
    child.send({ type: 'options', options: this.#options } satisfies ToEngine);
    return child;
  }

  #died(lived: number): void {
    this.#deaths = lived > healthy ? 1 : this.#deaths + 1;
    const delay = Math.min(longestDelay, firstDelay * 2 ** (this.#deaths - 1));
    this.restarts++;
    this.#restart = setTimeout(() => { this.#child = this.#start(); }, delay);
    this.#hooks.died(delay, this.#last);
  }
}
