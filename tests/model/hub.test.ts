/** Models from a hub: whole, resumed, checked, explained when refused, and usable offline afterwards. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { fetchModel, resolveModel } from '../../src/model/hub.ts';
import { startHub, type FakeHub, type HubOptions } from '../fakes/hub.ts';
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
    const from = server.requests.filter(({ host }) => host === 'store').map(({ range }) => Number(/\d+/.exec(range ?? '0')?.[0]));
    expect(from).toHaveLength(3);
    expect(from[0]).toBe(0);
    expect(from[1]).toSatisfy((at: number) => at > 0 && at <= 1_000_000); // what a dying connection still delivers is the system's business
    expect(from[2]).toSatisfy((at: number) => at > (from[1] ?? 0) && at <= 3_000_000);
  });
  it('that was broken off yesterday goes on today', async () => {
    const { hub: server, options } = await start();
    server.drops.push(500_000, 0, 0, 0, 0, 0);
    await expect(fetchModel(name, options)).rejects.toThrow(/6 attempts.*what has come is kept/);
    const folder = await fetchModel(name, options);
    expect(same(folder, 'model.safetensors')).toBe(true);
    expect(server.requests.at(-1)?.range).toMatch(/^bytes=[1-9]\d*-$/);
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
  it('is tried again when the hub is tired', async () => {
    const { hub: server, options } = await start();
    server.refusals.push(503, 429);
    expect(same(await fetchModel(name, options), 'config.json')).toBe(true);
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
  it('for what is neither a folder nor a name', async () => { const { options } = await start(); await expect(resolveModel('../../etc', options)).rejects.toThrow(/expected a model folder or a hub name/); });
});
