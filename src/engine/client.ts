/**
 * The engine as the bot sees it: a queue in this process that outlives the engine's, which runs in another. Never loads onnxruntime. Fair by an opaque key; knows
 * no chat.
 */
import { UserError } from '../errors.ts';
import { Child } from './child.ts';
import type { EngineOptions, FromEngine, Pulse } from './messages.ts';
import type { Engine, EngineStatus, Event, Request } from './protocol.ts';
import { Queue, type Waiting } from './queue.ts';
import { createRate } from './rate.ts';
import { createStream, type Stream } from './stream.ts';

export interface ClientOptions extends EngineOptions {
  readonly rows: number; // texts written at the same time
  readonly queueLimit: number;
  readonly entry?: URL; // the engine process's module; for tests
  readonly patience?: number; // milliseconds without a word after which the engine counts as hanging
  readonly warn?: (message: string, facts?: object) => void;
}
interface Ticket extends Waiting {
  readonly request: Request;
  readonly stream: Stream<Event>;
  hasStarted: boolean;
  hasSpoken: boolean;
  attempts: number;
  place: number;
}

/** dist/src/engine/process.js; TypeScript under test runs what was built. */
const builtEntry = new URL(import.meta.url.endsWith('.ts') ? '../../dist/src/engine/process.js' : './process.js', import.meta.url);
const attemptLimit = 3;
const stillbornLimit = 3; // deaths in a row before it was ready, after which nobody is kept waiting for it
const cancelled: Event = { type: 'end', finish: 'cancel', tokens: 0, milliseconds: 0, dropped: 0 };

export const createEngine = (options: ClientOptions): Client => new Client(options);

class Client implements Engine {
  #options: ClientOptions;
  #queue: Queue<Ticket>;
  #running = new Map<string, Ticket>();
  #child: Child;
  #state: EngineStatus['state'] = 'starting';
  #device = { device: '', reason: '' };
  #pulse: Pulse = { tokens: 0, memory: 0, bases: [] };
  #rate = createRate();
  #refusal: string | undefined;
  #stillborn = 0;

  constructor(options: ClientOptions) {
    const { device, memory, threads, cache, entry = builtEntry, patience } = options;
    this.#options = options;
    this.#queue = new Queue(options.queueLimit);
    this.#child = new Child(entry, { device, memory, threads, cache }, { message: (message) => this.#receive(message), died: (delay, last) => this.#died(delay, last) }, patience);
  }

  pid(): number | undefined { return this.#child.pid; }

  generate(request: Request, { key, signal }: { key: string; signal?: AbortSignal }): AsyncIterable<Event> {
    if (this.#refusal !== undefined) throw refusedError(this.#refusal);
    const ticket: Ticket = { key, request, hasStarted: false, hasSpoken: false, attempts: 0, place: 0, stream: createStream<Event>(() => this.#cancel(ticket)) };
    if (!this.#queue.push(ticket)) throw fullError(this.#queue.length, this.#rate.perSecond());
    signal?.addEventListener('abort', () => this.#cancel(ticket), { once: true });
    if (signal?.aborted) this.#cancel(ticket); else this.#dispatch();
    return ticket.stream;
  }

  async status(): Promise<EngineStatus> {
    return {
      state: this.#state, device: this.#device.device, deviceReason: this.#device.reason, running: this.#running.size, queued: this.#queue.length, capacity: this.#options.queueLimit,
      tokensPerSecond: this.#rate.perSecond(), bases: this.#pulse.bases, memory: this.#pulse.memory, restarts: this.#child.restarts,
    };
  }

  async stop(): Promise<void> {
    this.#state = 'stopped';
    await this.#child.stop();
    this.#endAll(cancelled);
  }

  // ---------------------------------------------------------------- the queue
  #dispatch(): void {
    for (let ticket = this.#queue.peek(); this.#state === 'ready' && ticket && this.#fits(ticket); ticket = this.#queue.peek()) {
      this.#queue.next();
      this.#running.set(ticket.request.id, ticket);
      ticket.attempts++;
      this.#child.send({ type: 'request', request: ticket.request });
    }
    for (const [index, ticket] of this.#queue.inOrder().entries()) {
      if (ticket.place !== index + 1) ticket.stream.push({ type: 'place', place: (ticket.place = index + 1) });
    }
  }
  #fits(ticket: Ticket): boolean {
    const taken = [...this.#running.values()].reduce((sum, one) => sum + rowsOf(one), 0);
    return taken === 0 || taken + rowsOf(ticket) <= this.#options.rows;
  }
  #finish(ticket: Ticket, event: Event): void {
    this.#running.delete(ticket.request.id);
    ticket.stream.push(event);
    ticket.stream.end();
    this.#dispatch();
  }
  #cancel(ticket: Ticket): void {
    const isWaiting = this.#queue.remove(ticket);
    const isRunning = this.#running.get(ticket.request.id) === ticket;
    if (isRunning) this.#child.send({ type: 'cancel', id: ticket.request.id });
    // Its base may still be opening: nobody waits for that to hear that it was called off.
    if (isWaiting || (isRunning && !ticket.hasStarted)) this.#finish(ticket, cancelled);
  }
  #endAll(event: Event): void {
    const waiting = this.#queue.inOrder();
    for (const ticket of waiting) this.#queue.remove(ticket);
    for (const ticket of [...this.#running.values(), ...waiting]) this.#finish(ticket, event);
  }

  // ---------------------------------------------------------------- the process
  #receive(message: FromEngine): void {
    if (message.type === 'ready') { this.#state = 'ready'; this.#device = message; this.#stillborn = 0; this.#dispatch(); }
    if (message.type === 'refused') this.#refused(message.message);
    if (message.type === 'pulse') { this.#rate.add(message.pulse.tokens); this.#pulse = message.pulse; }
    if (message.type === 'events') for (const [id, event] of message.events) this.#hear(id, event);
  }
  #hear(id: string, event: Event): void {
    const ticket = this.#running.get(id);
    if (!ticket) return;
    if (event.type === 'end' || event.type === 'failed') return this.#finish(ticket, event);
    ticket.hasStarted ||= event.type === 'started';
    ticket.hasSpoken ||= event.type === 'words';
    ticket.stream.push(event);
  }
  #refused(message: string): void {
    this.#refusal = message;
    this.#state = 'stopped';
    this.#child.giveUp();
    this.#endAll({ type: 'failed', kind: 'setup', message });
  }
  /** What had not begun to speak is tried again; the rest ends. */
  #died(delay: number, last: string): void {
    this.#options.warn?.('the engine died and comes back', { delay, running: this.#running.size, queued: this.#queue.length, last });
    this.#stillborn += this.#state === 'ready' ? 0 : 1;
    this.#state = 'restarting';
    this.#rate.reset();
    const all = [...this.#running.values()];
    this.#running.clear();
    for (const ticket of all.filter((one) => !isLost(one)).toReversed()) { Object.assign(ticket, { hasStarted: false, place: 0 }); this.#queue.putBack(ticket); }
    for (const ticket of all.filter(isLost)) this.#finish(ticket, { type: 'failed', kind: 'engine', message: 'the engine died' });
    if (this.#stillborn >= stillbornLimit) this.#endAll({ type: 'failed', kind: 'engine', message: `the engine does not start: ${last.trim()}` });
    this.#dispatch();
  }
}

/** What the engine's death takes along for good. */
const isLost = ({ hasSpoken, attempts }: Ticket): boolean => hasSpoken || attempts >= attemptLimit;
const rowsOf = ({ request }: Ticket): number => Math.max(1, request.sampling.candidates);

const refusedError = (reason: string): UserError => new UserError({ es: `El modelo no puede funcionar aquí: ${reason}`, en: `The model cannot run here: ${reason}` });

const usualAnswer = 100; // tokens
const usualSpeed = 100; // tokens a second, before any were counted
/** Asked again after about a quarter of the queue has had its turn. */
function fullError(waiting: number, tokensPerSecond: number): UserError {
  const seconds = Math.ceil(Math.min(600, Math.max(5, (usualAnswer * waiting / 4) / (tokensPerSecond || usualSpeed))));
  return new UserError({ es: `Ahora mismo hay ${waiting} peticiones esperando y no caben más. Prueba de nuevo en unos ${seconds} segundos.`, en: `There are ${waiting} requests waiting and no room for more. Try again in about ${seconds} seconds.` });
}
