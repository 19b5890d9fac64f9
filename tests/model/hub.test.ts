/** Models from a hub: whole, resumed, checked, explained when refused, and usable offline afterwards. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { isStandalone } from '../../src/engine/standalone.ts';
import { fetchModel, resolveModel } from '../../src/model/hub.ts';
import { startHub, type FakeHub, type HubOptions, type HubRequest } from '../fakes/hub.ts';
import { scratch } from '../folders.ts';

const name = 'flax-community/gpt-2-spanish';
let hub: FakeHub | undefined;
afterEach(async () => { await hub?.stop(); hub = undefined; });

async function start(options: Partial<HubOptions> = {}) {
  hub = await startHub({ models: { [name]: resolve('models/base') }, ...options });
  const models = await scratch();
  return { hub, models, options: { endpoint: hub.url, models, patience: 5 } };
}
const same = (folder: string, file: string): boolean => readFileSync(join(folder, file)).equals(readFileSync(join('models/base', file)));

/** Where each answer of the store began. What was under way when a connection broke may be lost, so it is not always where the last one ended. */
const startsOf = (requests: readonly HubRequest[]): number[] => requests.filter(({ host }) => host === 'store').map(({ range }) => Number(/\d+/.exec(range ?? '0')?.[0]));

describe('a hub model', () => {
  it('is downloaded with its tokenizer and weights, with progress, and never asked for again', async () => {
    const { hub: server, options } = await start();
    const told: number[] = [];
    const folder = await fetchModel(name, { ...options, onProgress: ({ received }) => told.push(received) });
    expect(['config.json', 'tokenizer.json', 'model.safetensors'].every((file) => same(folder, file))).toBe(true);
    expect(told.at(-1)).toBeGreaterThan(0);
    const count = server.requests.length;
    expect(await resolveModel(name, options)).toBe(folder);
    await server.stop();
    expect(await resolveModel(name, options)).toBe(folder); // offline
    expect(server.requests.length).toBe(count);
    hub = undefined;
  });
  it('that breaks off goes on where it stopped', async () => {
    const { hub: server, options } = await start();
    server.drops.push(1_000_000, 2_000_000);
    const folder = await fetchModel(name, options);
    expect(same(folder, 'model.safetensors')).toBe(true);
    const [first = 0, second = 0, third = 0] = startsOf(server.requests);
    expect([first, second > 0 && second <= 1_000_000, third > second && third <= second + 2_000_000]).toEqual([0, true, true]);
  });
  it('that was broken off yesterday goes on today', async () => {
    const { hub: server, options } = await start();
    server.drops.push(500_000, 0, 0, 0, 0, 0);
    await expect(fetchModel(name, options)).rejects.toThrow(/6 attempts.*what has come is kept/);
    const folder = await fetchModel(name, options);
    expect(same(folder, 'model.safetensors')).toBe(true);
    expect(startsOf(server.requests).at(-1)).toBeGreaterThan(0);
  });
  it('that changed meanwhile is begun anew', async () => {
    const { hub: server, options } = await start();
    server.drops.push(500_000, 0, 0, 0, 0, 0);
    await expect(fetchModel(name, options)).rejects.toThrow();
    server.replaced.set('model.safetensors', Buffer.from('another file altogether'));
    const folder = await fetchModel(name, options);
    expect(readFileSync(join(folder, 'model.safetensors'), 'utf8')).toBe('another file altogether');
  });
  it('that was damaged on its way is fetched again', async () => {
    const { hub: server, options } = await start();
    server.damaged.add('model.safetensors');
    expect(same(await fetchModel(name, options), 'model.safetensors')).toBe(true);
    expect(server.requests.filter(({ host }) => host === 'store')).toHaveLength(2);
  });
  it('goes on for as long as something comes, however often it breaks off', async () => {
    const { hub: server, options } = await start();
    server.drops.push(...Array.from({ length: 12 }, () => 1_000_000));
    expect(same(await fetchModel(name, options), 'model.safetensors')).toBe(true);
  });
  it('that had come whole when the program was ended is not fetched twice', async () => {
    const { hub: server, models, options } = await start();
    const file = join(await fetchModel(name, options), 'model.safetensors');
    const etag = createHash('sha256').update(readFileSync(file)).digest('hex');
    rmSync(join(models, 'flax-community--gpt-2-spanish', '.complete'));
    renameSync(file, `${file}.part`);
    writeFileSync(`${file}.part.etag`, etag);
    const before = server.requests.length;
    expect(same(await fetchModel(name, options), 'model.safetensors')).toBe(true);
    expect(server.requests.slice(before).filter(({ host }) => host === 'store').map(({ status }) => status)).toEqual([416]);
  });
  it('that two personas name at once is downloaded once', async () => {
    const { hub: server, options } = await start();
    const [one, other] = await Promise.all([fetchModel(name, options), fetchModel(name, options)]);
    expect(one).toBe(other);
    expect(server.requests.filter(({ host }) => host === 'store')).toHaveLength(1);
  });
  it('is of one commit: pushed to meanwhile, what differs is fetched again and what does not is kept', async () => {
    const { hub: server, options } = await start();
    server.drops.push(500_000, 0, 0, 0, 0, 0);
    await expect(fetchModel(name, options)).rejects.toThrow(/what has come is kept/);
    server.moves.push('c1');
    server.replaced.set('config.json', Buffer.from('{"model_type":"gpt2","new":true}'));
    const before = server.requests.length;
    const folder = await fetchModel(name, options);
    expect(readFileSync(join(folder, 'config.json'), 'utf8')).toContain('"new":true');
    expect(same(folder, 'model.safetensors')).toBe(true);
    expect(startsOf(server.requests.slice(before)).map((from) => from > 0)).toEqual([true]);
    expect(server.requests.slice(before).find(({ path }) => path.endsWith('tokenizer.json'))?.status).toBe(416);
    expect(readdirSync(folder).filter((file) => file.includes('.part'))).toEqual([]);
  });
  it('is asked for anew when the address of its store has expired', async () => {
    const { hub: server, options } = await start();
    server.storeRefusals.push(403);
    expect(same(await fetchModel(name, options), 'model.safetensors')).toBe(true);
  });
  it('is tried again when the hub is tired', async () => {
    const { hub: server, options } = await start();
    server.refusals.push(503, 429);
    expect(same(await fetchModel(name, options), 'config.json')).toBe(true);
  });
});

describe('of the weights', () => {
  /** A model of small files; what a weight file says does not matter here. */
  async function hubOf(...weights: string[]) {
    const folder = await scratch();
    for (const file of ['config.json', 'tokenizer.json', ...weights]) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), file.endsWith('.index.json') ? JSON.stringify({ weight_map: { a: file.replace('.index.json', '').replace('.', '-1.'), b: file.replace('.index.json', '').replace('.', '-2.') } }) : `{"of":"${file}"}`);
    }
    return start({ models: { [name]: folder } });
  }
  const shards = (stem: string, ending: string): string[] => [`${stem}.${ending}.index.json`, `${stem}-1.${ending}`, `${stem}-2.${ending}`];
  it.each([
    ['safetensors before a pickle', ['model.safetensors', 'pytorch_model.bin', 'onnx/model.onnx'], ['model.safetensors']],
    ['all shards that the index names', [...shards('model', 'safetensors'), 'pytorch_model.bin'], shards('model', 'safetensors')],
    ['a pickle where there is nothing better', ['pytorch_model.bin'], ['pytorch_model.bin']],
    ['a pickle in shards', shards('pytorch_model', 'bin'), shards('pytorch_model', 'bin')],
    ['an ONNX export with all that lies beside it', ['onnx/model.onnx', 'onnx/model.onnx_data', 'onnx/model.onnx_data_1', 'onnx/model_q4.onnx'], ['onnx/model.onnx', 'onnx/model.onnx_data', 'onnx/model.onnx_data_1']],
  ])('%s is fetched, and nothing else', async (_, there, fetched) => {
    const { options } = await hubOf(...there);
    const folder = await fetchModel(name, options);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
    expect(files.filter((file) => !file.startsWith('.')).sort()).toEqual(['config.json', 'tokenizer.json', ...fetched].sort());
  });
  it('an ONNX export is known for a stand-alone voice', async () => {
    const { options } = await hubOf('onnx/model.onnx');
    expect(isStandalone(await fetchModel(name, options))).toBe(true);
  });
  it('a shard that the hub lacks is named', async () => {
    const { options } = await hubOf('model.safetensors.index.json', 'model-1.safetensors');
    await expect(fetchModel(name, options)).rejects.toThrow(/lacks the shard model-2\.safetensors/);
  });
});

describe('a token', () => {
  it('goes to the hub, and not to the store that it redirects to', async () => {
    const { hub: server, options } = await start({ token: 'hf_secret' });
    await fetchModel(name, { ...options, token: 'hf_secret' });
    expect(new Set(server.requests.filter(({ host }) => host === 'hub').map(({ authorization }) => authorization))).toEqual(new Set(['Bearer hf_secret']));
    expect(new Set(server.requests.filter(({ host }) => host === 'store').map(({ authorization }) => authorization))).toEqual(new Set([undefined]));
  });
});

describe('a refusal says what to do', () => {
  it('for a model that is private or missing', async () => { const { options } = await start({ token: 'x' }); await expect(fetchModel(name, options)).rejects.toThrow(/valid token.*HF_TOKEN/); });
  it('for a gated one', async () => { const { options } = await start({ gated: true }); await expect(fetchModel(name, options)).rejects.toThrow(/agreement.*accept it/); });
  it('for a folder without a config', async () => { const { options } = await start({ models: { [name]: resolve('tests/golden/tokens') } }); await expect(fetchModel(name, options)).rejects.toThrow(/no config\.json.*check its name/); });
  it('for one without weights, keeping no half of it for whole', async () => {
    const { options, models } = await start({ models: { [name]: resolve('tests/golden/lstm') } });
    await expect(fetchModel(name, options)).rejects.toThrow();
    expect(existsSync(join(models, 'flax-community--gpt-2-spanish', '.complete'))).toBe(false);
  });
  it('for a folder that cannot be written to, at once', async () => {
    const { models, options } = await start();
    mkdirSync(join(models, 'flax-community--gpt-2-spanish', 'config.json.part'), { recursive: true }); // a file cannot be written over it
    await expect(fetchModel(name, options)).rejects.toThrow(/could not be kept.*EISDIR/);
  });
  it('for what is neither a folder nor a name', async () => { const { options } = await start(); await expect(resolveModel('../../etc', options)).rejects.toThrow(/expected a model folder or a hub name/); });
});
