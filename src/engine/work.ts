/** The engine's work: requests join when their base is there, everything steps, and what comes of a step is told at once. Knows no process. */
import { setImmediate as turn } from 'node:timers/promises';
import { SetupError } from '../errors.ts';
import type { Bases } from './bases.ts';
import type { Tell } from './batch.ts';
import type { Pulse } from './messages.ts';
import type { Event, Request } from './protocol.ts';

export type Told = readonly (readonly [id: string, event: Event])[];

const cancelled = { type: 'end', finish: 'cancel', tokens: 0, milliseconds: 0, dropped: 0 } as const;

export class Work {
  #bases: Bases;
  #told: (events: Told) => void;
  #events: (readonly [string, Event])[] = [];
  #joining = new Set<string>();
  #leaving = new Set<string>();
  #running: Promise<void> | undefined;
  #isStopping = false;

  /** `open` makes the bases, which tell what their texts come to; `told` gets all events of a step together. */
  constructor(open: (tell: Tell) => Bases, told: (events: Told) => void) {
    this.#bases = open((id, event) => this.#tell(id, event));
    this.#told = told;
  }

  add(request: Request): void { void this.#join(request); }
  cancel(id: string): void { if (this.#running || this.#joining.has(id)) this.#leaving.add(id); }

  /** Resolves between two steps; nothing steps after it. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
  }

  state(): Pick<Pulse, 'tokens' | 'bases'> {
    const all = this.#bases.all();
    return { tokens: all.reduce((sum, { batch }) => sum + batch.tokens, 0), bases: all.map(({ folder, parameters, window }) => ({ folder, parameters, window })) };
  }

  /** Not waited for, so that other bases step while one is being opened. */
  async #join(request: Request): Promise<void> {
    this.#joining.add(request.id);
    try {
      await this.#bases.use(request.voice.base, async ({ batch }) => { if (this.#leaving.has(request.id)) this.#tell(request.id, cancelled); else await batch.add(request); });
    } catch (cause) {
      this.#tell(request.id, { type: 'failed', ...reasonOf(cause) });
    }
    this.#joining.delete(request.id);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    do {
      await turn(); // the process reads its messages
      this.#letGo();
      this.#flush(); // who begins hears it before a step that may take seconds
      for (const { batch } of this.#bases.all()) if (!this.#isStopping) await batch.step().catch((cause: unknown) => batch.fail(reasonOf(cause).message));
      this.#flush();
    } while (!this.#isStopping && this.#bases.all().some(({ batch }) => batch.rows > 0));
    this.#running = undefined;
  }

  /** Those that are still joining are let go when they are there. */
  #letGo(): void {
    for (const id of [...this.#leaving].filter((one) => !this.#joining.has(one))) {
      this.#leaving.delete(id);
      for (const { batch } of this.#bases.all()) batch.cancel(id);
    }
  }

  #tell(id: string, event: Event): void { this.#events.push([id, event]); }
  #flush(): void {
    const events = this.#events;
    this.#events = [];
    if (events.length > 0) this.#told(events);
  }
}

function reasonOf(cause: unknown): { kind: 'setup' | 'engine'; message: string } {
  if (cause instanceof SetupError) return { kind: 'setup', message: cause.message };
  return { kind: 'engine', message: String(cause instanceof Error ? cause.stack : cause) };
}
