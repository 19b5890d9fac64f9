/** The peer: @huggingface/transformers generating with the same weights, in a process of its own. Greedy; run as a forked child that is sent one job. */
import { AutoModelForCausalLM, env, Tensor } from '@huggingface/transformers';
import { basename, dirname } from 'node:path';
import { peakMemory, type Job, type Timing } from './job.ts';

const tensor = (rows: readonly (readonly number[])[]): Tensor => new Tensor('int64', BigInt64Array.from(rows.flat(), BigInt), [rows.length, rows[0]?.length ?? 0]);
const ones = (rows: readonly (readonly number[])[]): Tensor => new Tensor('int64', new BigInt64Array(rows.flat().length).fill(1n), [rows.length, rows[0]?.length ?? 0]);

async function run(job: Job): Promise<Timing> {
  env.allowRemoteModels = false;
  env.localModelPath = dirname(job.folder);
  const model = await AutoModelForCausalLM.from_pretrained(basename(job.folder), { dtype: 'fp32', device: 'cpu', session_options: { intraOpNumThreads: job.threads, interOpNumThreads: 1 } });
  const generate = (rows: readonly (readonly number[])[], count: number): Promise<unknown> => model.generate({ inputs: tensor(rows), attention_mask: ones(rows), max_new_tokens: count, min_new_tokens: count, do_sample: false });
  const once = (): Promise<unknown> => (job.mode === 'calls' ? Promise.all(job.prompts.map((row) => generate([row], job.new))) : generate(job.prompts, job.new));
  await generate(job.prompts.slice(0, 1), 2);
  const seconds: number[] = [];
  const first: number[] = [];
  for (let round = 0; round < job.rounds; round++) {
    const start = performance.now();
    await (job.mode === 'calls' ? Promise.all(job.prompts.map((row) => generate([row], 1).then(() => first.push(performance.now() - start)))) : generate(job.prompts, 1).then(() => first.push(performance.now() - start)));
    const begin = performance.now();
    await once();
    seconds.push((performance.now() - begin) / 1000);
  }
  return { tokensPerSecond: seconds.map((time) => (job.prompts.length * job.new) / time), firstToken: first, peakMemory: peakMemory('self'), device: 'cpu' };
}

process.on('message', (job: Job) => void run(job).then((timing) => process.send?.(timing, () => process.exit(0))));
