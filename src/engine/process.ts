/** The engine process: bases, batches and the loop that steps them. Spoken to over IPC by client.ts; knows no chat, no persona, no queue. */
import { constants, setPriority } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { SetupError } from '../errors.ts';
import { createBases } from './bases.ts';
import { chooseDevice } from './devices.ts';
import type { EngineOptions, FromEngine, ToEngine } from './messages.ts';
import type { Event, Request } from './protocol.ts';
import { Solo } from './solo.ts';

let events: [string, Event][] = [];
let bases: ReturnType<typeof createBases> | undefined;
let isStopping = false;
let isRunning = false;
const arrived: Request[] = [];
const cancelled = new Set<string>();

const send = (message: FromEngine): void => { if (process.connected) process.send?.(message); };
const tell = (id: string, event: Event): void => { events.push([id, event]); };
function flush(): void {
  if (events.length > 0) send({ type: 'events', events });
  events = [];
}

async function start(options: EngineOptions): Promise<void> {
  const { device, reason } = await chooseDevice(options.device).catch((cause: unknown) => refuse(cause));
  bases = createBases({ ...options, device }, tell);
  send({ type: 'ready', device, reason });
  setInterval(pulse, 1000).unref();
  void loop();
}

function refuse(cause: unknown): never {
  send({ type: 'refused', message: cause instanceof Error ? cause.message : String(cause) });
  process.exit(3);
}

function pulse(): void {
  const all = bases?.all() ?? [];
  send({ type: 'pulse', pulse: { tokens: all.reduce((sum, { batch }) => sum + batch.tokens, 0), memory: process.memoryUsage.rss(), bases: all.map(({ folder, parameters, window }) => ({ folder, parameters, window })) } });
}

/** One pass: newcomers join, those who left leave, everything at work steps once. Between passes the messages come in. */
async function loop(): Promise<void> {
  if (isRunning || !bases) return;
  isRunning = true;
  while (!isStopping && (arrived.length > 0 || bases.all().some(({ batch }) => batch.rows > 0))) {
    for (const request of arrived.splice(0)) await join(request);
    for (const id of cancelled) for (const { batch } of bases.all()) batch.cancel(id);
    cancelled.clear();
    for (const { batch } of bases.all()) await batch.step().catch((cause: unknown) => batch.fail(String(cause instanceof Error ? cause.message : cause)));
    flush();
    await turn();
  }
  isRunning = false;
  flush();
  if (isStopping) process.exit(0);
}

async function join(request: Request): Promise<void> {
  if (cancelled.delete(request.id)) { tell(request.id, { type: 'end', finish: 'cancel', tokens: 0, milliseconds: 0, dropped: 0 }); return; }
  try {
    const base = await bases?.get(request.voice.base);
    await base?.batch.add(request);
  } catch (cause) {
    const isSetup = cause instanceof SetupError;
    tell(request.id, { type: 'failed', kind: isSetup ? 'setup' : 'engine', message: isSetup ? cause.message : String(cause instanceof Error ? cause.stack : cause) });
  }
}

/** Between two steps; a stand-alone export, which steps by itself, at once. */
function cancel(id: string): void {
  cancelled.add(id);
  for (const { batch } of bases?.all() ?? []) if (batch instanceof Solo) batch.cancel(id);
}

process.on('message', (message: ToEngine) => {
  if (message.type === 'options') void start(message.options);
  if (message.type === 'request') arrived.push(message.request);
  if (message.type === 'cancel') cancel(message.id);
  if (message.type === 'stop') isStopping = true;
  if (isStopping && !isRunning) process.exit(0);
  void loop();
});
// Ending in the middle of a run aborts, so a parent's death is noticed between two steps.
process.on('disconnect', () => { isStopping = true; if (!isRunning) process.exit(0); });
process.on('SIGINT', () => undefined); // the terminal's Ctrl-C reaches the whole group; the bot decides
try { setPriority(constants.priority.PRIORITY_BELOW_NORMAL); } catch { /* some containers forbid it; talking is then merely less prompt */ }
