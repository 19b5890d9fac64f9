/** The engine process: words over IPC from client.ts to the work and back. Knows no chat, no persona, no queue. */
import { setPriority } from 'node:os';
import { createBases } from './bases.ts';
import { chooseDevice } from './devices.ts';
import type { EngineOptions, FromEngine, ToEngine } from './messages.ts';
import { Work } from './work.ts';

const pulsePeriod = 1000; // milliseconds
const niceness = 5; // behind the bot, which wakes at once all the same; 10 would starve it beside anything else that computes
let work: Promise<Work> | undefined;
let isStarted = false;

const send = (message: FromEngine, sent = (): void => undefined): void => { if (process.connected) process.send?.(message, sent); };

async function start(options: EngineOptions): Promise<Work> {
  const { device, reason } = await chooseDevice(options.device).catch(refuse);
  const started = new Work((tell) => createBases({ ...options, device }, tell), (events) => send({ type: 'events', events }));
  isStarted = true;
  send({ type: 'ready', device, reason });
  return started;
}

/** Nothing goes on from here. */
function refuse(cause: unknown): Promise<never> {
  send({ type: 'refused', message: cause instanceof Error ? cause.message : String(cause) }, () => process.exit(3));
  return new Promise(() => undefined);
}

/** Ending in the middle of a run aborts, so the step is finished first. */
async function stop(): Promise<never> {
  if (isStarted) await (await work)?.stop();
  process.exit(0);
}

process.on('message', (message: ToEngine) => {
  if (message.type === 'options') work ??= start(message.options);
  if (message.type === 'request') void work?.then((one) => one.add(message.request));
  if (message.type === 'cancel') void work?.then((one) => one.cancel(message.id));
  if (message.type === 'stop') void stop();
});
setInterval(() => void work?.then((one) => send({ type: 'pulse', pulse: { ...one.state(), memory: process.memoryUsage.rss() } })), pulsePeriod).unref();
process.on('disconnect', () => void stop()); // the bot died
process.on('SIGINT', () => undefined); // the terminal's Ctrl-C reaches the whole group; the bot decides
try { setPriority(niceness); } catch { /* some containers forbid it; the bot is then merely less prompt */ }
