/**
 * A persona's whole ONNX export (transformers.js layout: onnx/model.onnx with past_key_values), run by @huggingface/transformers, one request at a time, with our
 * sampler as its logits processor. Knows no adapters: such an export has none.
 */
import { AutoModelForCausalLM, env, LogitsProcessor, LogitsProcessorList, StoppingCriteria, StoppingCriteriaList, Tensor } from '@huggingface/transformers';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SetupError } from '../errors.ts';

export interface Standalone {
  readonly window: number;
  readonly vocabulary: number;
  readonly end: readonly number[];
  /** Asks `next` for each token after the prompt until it answers undefined. */
  generate(prompt: readonly number[], next: (logits: Float32Array) => number | undefined): Promise<void>;
  release(): Promise<void>;
}

/** Whether a folder is such an export, and not a base whose weights we read ourselves. */
export const isStandalone = (folder: string): boolean => existsSync(join(folder, 'onnx', 'model.onnx')) && !['model.safetensors', 'model.safetensors.index.json', 'pytorch_model.bin', 'pytorch_model.bin.index.json'].some((name) => existsSync(join(folder, name)));

/** Settings for generation that a folder may bring (config.json, generation_config.json), undone: our sampler sees the model's own logits and alone decides. */
const undone: Readonly<Record<string, unknown>> = {
  do_sample: false, num_beams: 1, repetition_penalty: 1, no_repeat_ngram_size: 0, min_length: 0, min_new_tokens: 0, guidance_scale: 1, bad_words_ids: null,
  suppress_tokens: null, begin_suppress_tokens: null, forced_bos_token_id: null, forced_eos_token_id: null, eos_token_id: -1, return_dict_in_generate: false,
};

/** @throws SetupError when the export does not load. */
export async function openStandalone(folder: string, { threads }: { threads: number }): Promise<Standalone> {
  const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as { n_positions?: number; max_position_embeddings?: number; vocab_size: number; eos_token_id?: number | number[] };
  const model = await load(folder, threads);
  const window = config.n_positions ?? config.max_position_embeddings ?? 1024;
  return {
    window, vocabulary: config.vocab_size, end: [config.eos_token_id ?? []].flat(),
    async generate(prompt, next) {
      const turn = createTurn(next);
      const processors = new LogitsProcessorList();
      processors.push(turn.processor);
      const criteria = new StoppingCriteriaList();
      criteria.push(turn.criterion);
      const inputs = new Tensor('int64', BigInt64Array.from(prompt, BigInt), [1, prompt.length]);
      const attention = new Tensor('int64', new BigInt64Array(prompt.length).fill(1n), [1, prompt.length]);
      await model.generate({ ...undone, inputs, attention_mask: attention, max_new_tokens: window - prompt.length, logits_processor: processors, stopping_criteria: criteria } as Parameters<typeof model.generate>[0]);
    },
    release: async () => { await model.dispose(); },
  };
}

/** By its absolute path, which the library takes as it is; a bare folder's name it would take for one on the hub, and refuse where it holds `--`. */
async function load(folder: string, threads: number) {
  env.allowRemoteModels = false;
  try {
    return await AutoModelForCausalLM.from_pretrained(resolve(folder), { dtype: 'fp32', device: 'cpu', session_options: { intraOpNumThreads: threads, interOpNumThreads: 1 } });
  } catch (cause) {
    throw new SetupError(`${join(folder, 'onnx', 'model.onnx')} does not load (${cause instanceof Error ? cause.message : String(cause)}): export it again in the layout of transformers.js`);
  }
}

/** Our choice becomes the only possible one: its logit 0, all others −∞; greedy generation then takes it. An end stops it before another step. */
function createTurn(next: (logits: Float32Array) => number | undefined) {
  let isOver = false;
  class Ours extends LogitsProcessor {
    override _call(_ids: bigint[][], logits: Tensor): Tensor {
      const data = logits.data as Float32Array;
      const id = next(data.slice(-(logits.dims.at(-1) ?? data.length)));
      isOver = id === undefined;
      data.fill(-Infinity);
      data[id ?? 0] = 0;
      return logits;
    }
  }
  class Over extends StoppingCriteria {
    override _call(ids: number[][]): boolean[] { return ids.map(() => isOver); }
  }
  return { processor: new Ours(), criterion: new Over() };
}
