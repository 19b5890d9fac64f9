/** The engine's work: requests join when their base is there, everything steps, and what comes of a step is told at once. Knows no process. */
import { setImmediate as turn } from 'node:timers/promises';
import { SetupError } from '../errors.ts';
import type { Bases } from './bases.ts';
import type { Tell } from './batch.ts';
import type { Event, Request } from './protocol.ts';

export type Told = readonly (readonly [id: string, event: Event])[];
export interface Work {
  add(request: Request): void;
  cancel(id: string): void;
  state(): { readonly tokens: number; readonly bases: readonly { readonly folder: string; readonly parameters: number; readonly window: number }[] };
  /** Resolves between two steps; nothing steps after it. */
  stop(): Promise<void>;
}

const cancelled = { type: 'end', finish: 'cancel', tokens: 0, milliseconds: 0, dropped: 0 } as const;

/** `open` makes the bases, which tell what their texts come to; `told` gets all events of a step together. */
export function createWork(open: (tell: Tell) => Bases, told: (events: Told) => void): Work {
  let events: (readonly [string, Event])[] = [];
  const tell: Tell = (id, event) => { events.push([id, event]); };
  const bases = open(tell);
  const joining = new Set<string>();
  const leaving = new Set<string>();
  let isStopping = false;
  let running: Promise<void> | undefined;

  const flush = (): void => { const all = events; events = []; if (all.length > 0) told(all); };
  const isBusy = (): boolean => bases.all().some(({ batch }) => batch.rows > 0);

  /** Not waited for, so that other bases step while one is being opened. */
  async function join(request: Request): Promise<void> {
    joining.add(request.id);
    try {
      await bases.use(request.voice.base, async ({ batch }) => { if (!leaving.has(request.id)) await batch.add(request); else tell(request.id, cancelled); });
    } catch (cause) {
      tell(request.id, { type: 'failed', ...reasonOf(cause) });
    }
    joining.delete(request.id);
    begin();
  }

  /** Those that are still joining are cancelled when they are there. */
  function letGo(): void {
    for (const id of [...leaving].filter((one) => !joining.has(one))) {
      leaving.delete(id);
      for (const { batch } of bases.all()) batch.cancel(id);
    }
  }

  async function run(): Promise<void> {
    do {
      await turn(); // the process reads its messages
      letGo();
      flush(); // who begins hears it before a step that may take seconds
      for (const { batch } of bases.all()) if (!isStopping) await batch.step().catch((cause: unknown) => batch.fail(reasonOf(cause).message));
      flush();
    } while (!isStopping && isBusy());
    running = undefined;
  }
  function begin(): void { running ??= run(); }

  return {
    add: (request) => void join(request),
    cancel(id) { if (running || joining.has(id)) leaving.add(id); },
    state() {
      const all = bases.all();
      return { tokens: all.reduce((sum, { batch }) => sum + batch.tokens, 0), bases: all.map(({ folder, parameters, window }) => ({ folder, parameters, window })) };
    },
    async stop() { isStopping = true; await running; },
  };
}

function reasonOf(cause: unknown): { kind: 'setup' | 'engine'; message: string } {
  if (cause instanceof SetupError) return { kind: 'setup', message: cause.message };
  return { kind: 'engine', message: String(cause instanceof Error ? cause.stack : cause) };
}
