/**
 * The engine as the bot sees it: a queue in this process that outlives the engine's, which runs in another. Never loads onnxruntime. Fair by an opaque key; knows
 * no chat.
 */
import { UserError } from '../errors.ts';
import { createChild } from './child.ts';
import type { EngineOptions, FromEngine, Pulse } from './messages.ts';
import type { Engine, EngineStatus, Event, Request } from './protocol.ts';
import { createQueue, type Waiting } from './queue.ts';
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

export function createEngine(options: ClientOptions): Engine & { readonly pid: () => number | undefined } {
  const queue = createQueue<Ticket>(options.queueLimit);
  const running = new Map<string, Ticket>();
  const rate = createRate();
  let state: EngineStatus['state'] = 'starting';
  let device = { device: '', reason: '' };
  let pulse: Pulse = { tokens: 0, memory: 0, bases: [] };
  let refusal: string | undefined;
  let stillborn = 0;

  const rowsTaken = (): number => [...running.values()].reduce((sum, ticket) => sum + rowsOf(ticket), 0);
  const fits = (ticket: Ticket): boolean => running.size === 0 || rowsTaken() + rowsOf(ticket) <= options.rows;
  function dispatch(): void {
    for (let ticket = queue.peek(); state === 'ready' && ticket && fits(ticket); ticket = queue.peek()) {
      queue.next();
      running.set(ticket.request.id, ticket);
      ticket.attempts++;
      child.send({ type: 'request', request: ticket.request });
    }
    for (const [index, ticket] of queue.inOrder().entries()) {
      if (ticket.place !== index + 1) ticket.stream.push({ type: 'place', place: (ticket.place = index + 1) });
    }
  }
  function finish(ticket: Ticket, event: Event): void {
    running.delete(ticket.request.id);
    ticket.stream.push(event);
    ticket.stream.end();
    dispatch();
  }
  function receive(id: string, event: Event): void {
    const ticket = running.get(id);
    if (!ticket) return;
    if (event.type === 'end' || event.type === 'failed') return finish(ticket, event);
    ticket.hasStarted ||= event.type === 'started';
    ticket.hasSpoken ||= event.type === 'words';
    ticket.stream.push(event);
  }
  function message(received: FromEngine): void {
    if (received.type === 'ready') { [state, device, stillborn] = ['ready', received, 0]; dispatch(); }
    if (received.type === 'refused') refuse(received.message);
    if (received.type === 'pulse') { rate.add(received.pulse.tokens); pulse = received.pulse; }
    if (received.type === 'events') for (const [id, event] of received.events) receive(id, event);
  }
  function refuse(reason: string): void {
    refusal = reason;
    state = 'stopped';
    child.giveUp();
    for (const ticket of running.values()) finish(ticket, { type: 'failed', kind: 'setup', message: reason });
    failWaiting({ type: 'failed', kind: 'setup', message: reason });
  }
  function failWaiting(event: Event): void {
    for (const ticket of queue.inOrder()) { queue.remove(ticket); finish(ticket, event); }
  }
  /** What had not begun to speak is tried again; the rest ends. */
  function died(delay: number, last: string): void {
    options.warn?.('the engine died and comes back', { delay, running: running.size, queued: queue.length, last });
    stillborn += state === 'ready' ? 0 : 1;
    state = 'restarting';
    rate.reset();
    const lost = [...running.values()];
    running.clear();
    for (const ticket of lost.filter((one) => !isLost(one)).toReversed()) { Object.assign(ticket, { hasStarted: false, place: 0 }); queue.putBack(ticket); }
    for (const ticket of lost.filter(isLost)) finish(ticket, { type: 'failed', kind: 'engine', message: 'the engine died' });
    if (stillborn >= stillbornLimit) failWaiting({ type: 'failed', kind: 'engine', message: `the engine does not start: ${last.trim()}` });
    dispatch();
  }
  function cancel(ticket: Ticket): void {
    const isWaiting = queue.remove(ticket);
    if (running.has(ticket.request.id)) child.send({ type: 'cancel', id: ticket.request.id });
    // Its base may still be opening: nobody waits for that to hear that it was called off.
    if (isWaiting || (running.has(ticket.request.id) && !ticket.hasStarted)) finish(ticket, cancelled);
  }
  const child = createChild(options.entry ?? builtEntry, { device: options.device, memory: options.memory, threads: options.threads, cache: options.cache }, { message, died }, options.patience);

  return {
    pid: () => child.pid,
    generate(request, { key, signal }) {
      if (refusal !== undefined) throw new UserError({ es: `El modelo no puede funcionar aquí: ${refusal}`, en: `The model cannot run here: ${refusal}` });
      const ticket: Ticket = { key, request, hasStarted: false, hasSpoken: false, attempts: 0, place: 0, stream: createStream<Event>(() => cancel(ticket)) };
      if (!queue.push(ticket)) throw fullError(queue.length, rate.perSecond());
      signal?.addEventListener('abort', () => cancel(ticket), { once: true });
      if (signal?.aborted) cancel(ticket); else dispatch();
      return ticket.stream;
    },
    status: async () => ({
      state, device: device.device, deviceReason: device.reason, running: running.size, queued: queue.length, capacity: options.queueLimit, tokensPerSecond: rate.perSecond(),
      bases: pulse.bases, memory: pulse.memory, restarts: child.restarts,
    }),
    async stop() {
      state = 'stopped';
      const all = [...running.values(), ...queue.inOrder()];
      await child.stop();
      for (const ticket of all) { queue.remove(ticket); finish(ticket, cancelled); }
    },
  };
}

/** What the engine's death takes along for good. */
const isLost = ({ hasSpoken, attempts }: Ticket): boolean => hasSpoken || attempts >= attemptLimit;
const rowsOf = ({ request }: Ticket): number => Math.max(1, request.sampling.candidates);

const usualAnswer = 100; // tokens
const usualSpeed = 100; // tokens a second, before any were counted
/** Asked again after about a quarter of the queue has had its turn. */
function fullError(waiting: number, tokensPerSecond: number): UserError {
  const seconds = Math.ceil(Math.min(600, Math.max(5, (usualAnswer * waiting / 4) / (tokensPerSecond || usualSpeed))));
  return new UserError({ es: `Ahora mismo hay ${waiting} peticiones esperando y no caben más. Prueba de nuevo en unos ${seconds} segundos.`, en: `There are ${waiting} requests waiting and no room for more. Try again in about ${seconds} seconds.` });
}
