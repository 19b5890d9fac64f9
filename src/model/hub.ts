/**
 * Brings a model's folder from the hub (huggingface.co/docs/hub: /{repository}/resolve/{revision}/{file}) and keeps it: resumable, checked, usable offline
 * afterwards. Knows which files a model needs, not what is in them.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SetupError } from '../errors.ts';
import { download, reopen, settle, type DownloadOptions } from './download.ts';

export interface HubOptions extends DownloadOptions {
  readonly endpoint: string;
  readonly models: string; // folder that holds a folder a model
}

/** A folder that is there, or a hub name (`owner/name`), downloaded when it is first needed. */
export async function resolveModel(name: string, options: HubOptions): Promise<string> {
  if (existsSync(join(name, 'config.json'))) return resolve(name);
  if (/^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(name) && !name.startsWith('models/')) return fetchModel(name, options);
  throw new SetupError(`expected a model folder or a hub name such as flax-community/gpt-2-spanish, got ${name}: there is no ${join(name, 'config.json')}`);
}

const marker = '.complete';
const commitFile = '.commit';

/** Downloads under way in this process: several personas may name one model. */
const underway = new Map<string, Promise<string>>();

/** The folder of a hub model, whole. @throws SetupError saying what the hub answered and what to do. */
export function fetchModel(name: string, options: HubOptions): Promise<string> {
  const folder = resolve(options.models, name.replace('/', '--'));
  const fetching = underway.get(folder) ?? fetchOnce(name, folder, options).finally(() => underway.delete(folder));
  underway.set(folder, fetching);
  return fetching;
}

async function fetchOnce(name: string, folder: string, options: HubOptions): Promise<string> {
  if (existsSync(join(folder, marker))) return folder;
  try {
    return await fetchInto(folder, name, options);
  } catch (cause) {
    if (!(cause instanceof Changed)) throw cause;
    await reopen(folder);
    await rm(join(folder, commitFile), { force: true });
    return fetchInto(folder, name, options);
  }
}

async function fetchInto(folder: string, name: string, options: HubOptions): Promise<string> {
  await mkdir(folder, { recursive: true });
  const onCommit = await sameCommit(folder, name);
  const get = (file: string): Promise<boolean> => download(`${options.endpoint.replace(/\/+$/, '')}/${name}/resolve/main/${file}`, join(folder, file), { ...options, onCommit });
  if (!(await get('config.json'))) throw new SetupError(`the hub has no model ${name} (no config.json): check its name on ${options.endpoint}`);
  await getTokenizer(get, name);
  for (const file of ['generation_config.json', 'tokenizer_config.json', 'special_tokens_map.json', 'added_tokens.json']) await get(file);
  await getWeights(get, folder, name);
  await settle(folder);
  await writeFile(join(folder, marker), JSON.stringify({ name, endpoint: options.endpoint, at: new Date().toISOString() }));
  return folder;
}

class Changed extends SetupError {}

/** Holds all of a model's files to one commit of its repository, also over a download that takes several tries. */
async function sameCommit(folder: string, name: string): Promise<(commit: string) => void> {
  const file = join(folder, commitFile);
  let first = await readFile(file, 'utf8').catch(() => undefined);
  return (commit) => {
    if (first === undefined) writeFileSync(file, commit);
    first ??= commit;
    if (first !== commit) throw new Changed(`${name} was changed on the hub while it was downloaded: try again`, 3);
  };
}

type Get = (file: string) => Promise<boolean>;

async function getTokenizer(get: Get, name: string): Promise<void> {
  if (await get('tokenizer.json')) return;
  if ((await get('vocab.json')) && (await get('merges.txt'))) return;
  throw new SetupError(`${name} has neither tokenizer.json nor vocab.json and merges.txt: a GPT-2 or BLOOM model with its tokenizer is needed`);
}

/** The first that there is: what is read in place before what must be converted. */
async function getWeights(get: Get, folder: string, name: string): Promise<void> {
  if (await get('model.safetensors')) return;
  if (await getShards(get, folder, 'model.safetensors.index.json')) return;
  if (await get('pytorch_model.bin')) return;
  if (await getShards(get, folder, 'pytorch_model.bin.index.json')) return;
  if (await get('onnx/model.onnx')) return getExternalData(get);
  throw new SetupError(`${name} has no weights in a format that is read (model.safetensors, pytorch_model.bin, onnx/model.onnx)`);
}

/** What does not fit in an ONNX file lies beside it: model.onnx_data, model.onnx_data_1 … */
async function getExternalData(get: Get): Promise<void> {
  for (let part = 0; await get(`onnx/model.onnx_data${part === 0 ? '' : `_${part}`}`); part++);
}

async function getShards(get: Get, folder: string, index: string): Promise<boolean> {
  if (!(await get(index))) return false;
  const { weight_map: map } = JSON.parse(await readFile(join(folder, index), 'utf8')) as { weight_map: Record<string, string> };
  for (const shard of new Set(Object.values(map))) {
    if (!/^[\w-][\w.-]*$/.test(shard)) throw new SetupError(`${index} names ${shard}, which is not a file beside it`);
    if (!(await get(shard))) throw new SetupError(`the hub lacks the shard ${shard} that ${index} names`);
  }
  return true;
}
