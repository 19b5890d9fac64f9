/** An engine process without a model: the real work and messages over decoders that say the alphabet, slowly enough to be interrupted. Run as a forked child. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Bases } from '../../src/engine/bases.ts';
import { Batch, type Tell } from '../../src/engine/batch.ts';
import type { FromEngine, ToEngine } from '../../src/engine/messages.ts';
import { Work } from '../../src/engine/work.ts';
import { SetupError } from '../../src/errors.ts';
import { fakeDecoder, tokenizer } from './decoder.ts';

const stepTime = 2; // milliseconds
const send = (message: FromEngine): void => { process.send?.(message); };

/** The base `/missing` is a mistake of the setup; any other exists. */
function fakeBases(tell: Tell): Bases {
  const decoder = fakeDecoder((tokens) => ((tokens.at(-1) ?? 0) + 1) % 13, { sharpness: 3 });
  const batch = new Batch({ ...decoder, step: async (feeds) => { await pause(stepTime); return decoder.step(feeds); } }, tokenizer, tell);
  const base = { folder: '/base', batch, parameters: 1, window: Infinity, release: async () => undefined };
  return {
    all: () => [base],
    async use(folder, work) { if (folder === '/missing') throw new SetupError('expected a model folder at /missing, found none'); await work(base); },
  };
}

const work = new Work(fakeBases, (events) => send({ type: 'events', events }));
process.on('message', (message: ToEngine) => {
  if (message.type === 'options' && message.options.device === 'webgpu') throw new Error('a library is missing');
  if (message.type === 'options' && message.options.device === 'cuda') { send({ type: 'refused', message: 'DEVICE=cuda does not work here' }); setTimeout(() => process.exit(3), 20); }
  if (message.type === 'options' && message.options.device !== 'cuda') send({ type: 'ready', device: 'cpu', reason: 'it is a fake' });
  if (message.type === 'request') work.add(message.request);
  if (message.type === 'cancel') work.cancel(message.id);
  if (message.type === 'stop') void work.stop().then(() => process.exit(0));
});
setInterval(() => send({ type: 'pulse', pulse: { ...work.state(), memory: 1 } }), 20);
process.on('disconnect', () => process.exit(0));
