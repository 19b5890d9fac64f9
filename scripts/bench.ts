/** `npm run bench -- decode|chat|train`: speed beside peers in one run, as ratios, with what bounds it. */
import { parseArgs } from 'node:util';
import { SetupError } from '../src/errors.ts';
import { header, runTool } from './document.ts';
import { decode } from './bench/decode.ts';
import type { Goal, Row } from './bench/row.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean' }, quick: { type: 'boolean', default: false }, only: { type: 'string' }, device: { type: 'string', default: 'cpu' }, threads: { type: 'string', default: '2' } } });
const devices = ['auto', 'cpu', 'webgpu', 'cuda'] as const;

const spellRow = ({ engine, model, batch, personas, tok_s, ttft_ms, rss_mb, of_limit }: Row): string => `${model} × ${batch}  ${engine}${personas ? ` (${personas} personas)` : ''}: ${tok_s.median.toFixed(1)} tokens/s (${tok_s.min.toFixed(1)}–${tok_s.max.toFixed(1)}), first after ${ttft_ms.p50.toFixed(0)} ms, ${rss_mb.toFixed(0)} MB, ${(100 * of_limit).toFixed(0)} % of the limit`;
const spellGoal = ({ name, value, target, pass, why }: Goal): string => `${pass === null ? 'not taken' : pass ? 'reached' : 'MISSED'}  ${name}: ${value === null ? why ?? '' : value.toFixed(2)} (goal ${target})`;

await runTool(async () => {
  const [what = 'decode'] = positionals;
  const device = devices.find((one) => one === values.device);
  if (!device) throw new SetupError(`expected --device ${devices.join('|')}, got ${values.device}`);
  const options = { quick: values.quick, only: values.only, device, threads: Number(values.threads) };
  if (what === 'decode') { const { peaks, rows, goals } = await decode(options); return { ...header('bench'), ok: goals.every(({ pass }) => pass !== false), peaks, rows, goals }; }
  if (what === 'chat') { const { chat } = await import('./bench/chat.ts'); const { rows, goals } = await chat(options); return { ...header('bench'), ok: goals.every(({ pass }) => pass !== false), peaks: null, rows, goals }; }
  throw new SetupError(what === 'train' ? 'bench train comes with Learn' : `expected decode or chat, got ${what}`);
}, ({ rows, goals }) => [...(rows as Row[]).filter((row) => 'tok_s' in row).map(spellRow), ...(goals as Goal[]).map(spellGoal)].join('\n'), 0);
