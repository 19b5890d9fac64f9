/** A process of its own that decodes on a device and tells what onnxruntime's own profile says of it: which provider ran which operator. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { greedy } from '../../scripts/oracle/golden.ts';
import { openDecoder } from '../../src/engine/decode.ts';
import type { Device } from '../../src/engine/decoder.ts';

export interface Job { readonly folder: string; readonly device: Device; readonly scratch: string; readonly adapter?: string; readonly prompt: readonly number[]; readonly count: number }
export interface Told { readonly ids: number[]; readonly ran: readonly { readonly op: string; readonly provider: string }[] }

async function run({ folder, device, scratch, adapter, prompt, count }: Job): Promise<Told> {
  const decoder = await openDecoder(folder, { device, cache: join(scratch, 'cache'), threads: 2, profile: join(scratch, 'profile') });
  const ids = await greedy(decoder, prompt, count, adapter === undefined ? undefined : await decoder.adapter(adapter));
  await decoder.release();
  return { ids, ran: readdirSync(scratch).filter((name) => name.startsWith('profile')).flatMap((name) => readProfile(join(scratch, name))) };
}

interface Traced { readonly cat: string; readonly name: string; readonly args?: { readonly op_name?: string; readonly provider?: string } }
const readProfile = (file: string) => (JSON.parse(readFileSync(file, 'utf8')) as Traced[]).filter(({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time')).map(({ args }) => ({ op: args?.op_name ?? '', provider: args?.provider ?? '' }));

process.on('message', (job: Job) => void run(job).then((told) => process.send?.(told, () => process.exit(0)), (cause: unknown) => { process.stderr.write(`${String(cause)}\n`); process.exit(1); }));
