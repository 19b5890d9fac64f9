/** Requests that join while bases open, and the memory that bases share. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { createBases, type Bases } from '../../src/engine/bases.ts';
import { Batch, type Tell } from '../../src/engine/batch.ts';
import { replay } from '../../src/engine/replay.ts';
import { Work } from '../../src/engine/work.ts';
import { SetupError } from '../../src/errors.ts';
import { fakeDecoder, listener, request, tokenizer } from '../fakes/decoder.ts';

const next = (tokens: readonly number[]): number => ((tokens.at(-1) ?? 0) + 1) % 13;
const on = (base: string, name: string, changes = {}) => ({ ...request(name, 'a', changes), voice: { base } });

/** Two bases; `/slow` opens when told to. */
function twoBases(opened: Promise<void>) {
  return (tell: Tell): Bases => {
    const made = ['/quick', '/slow'].map((folder) => ({ folder, batch: new Batch(fakeDecoder(next), tokenizer, tell), parameters: 1, window: Infinity, release: async () => undefined }));
    return {
      all: () => made,
      use: async (folder, work) => {
        if (folder === '/slow') await opened;
        const base = made.find((one) => one.folder === folder);
        if (!base) throw new SetupError(`no ${folder}`);
        await work(base);
      },
    };
  };
}
function start() {
  const heard = listener();
  let open = (): void => undefined;
  const work = new Work(twoBases(new Promise((resolve_) => { open = resolve_; })), (events) => events.forEach(([id, event]) => heard.tell(id, event)));
  const ended = async (id: string): Promise<void> => { while (heard.last(id)?.type !== 'end') await pause(1); };
  return { heard, open, work, ended };
}

describe('while a base opens', () => {
  it('others go on speaking', async () => {
    const { heard, open, work, ended } = start();
    work.add(on('/slow', 'patient', { maxNew: 2 }));
    work.add(on('/quick', 'quick', { maxNew: 5 }));
    await ended('quick');
    expect([heard.text('quick'), heard.of('patient')]).toEqual(['bcdef', []]);
    open();
    await ended('patient');
    expect(heard.text('patient')).toBe('bc');
  });
  it('what is called off never begins', async () => {
    const { heard, open, work, ended } = start();
    work.add(on('/slow', 'called off'));
    work.add(on('/quick', 'quick'));
    work.cancel('called off');
    await ended('quick');
    open();
    await ended('called off');
    expect(heard.of('called off')).toEqual([{ type: 'end', finish: 'cancel', tokens: 0, milliseconds: 0, dropped: 0 }]);
  });
});

describe('the work', () => {
  it('tells all that a step comes to in one go', async () => {
    const batches: number[] = [];
    const work = new Work(twoBases(Promise.resolve()), (events) => { batches.push(events.length); });
    for (const name of ['a', 'b', 'c']) work.add(on('/quick', name, { maxNew: 4 }));
    while (batches.length < 5) await pause(1);
    expect(batches).toEqual([3, 3, 3, 3, 6]); // three began, spoke, spoke, spoke, spoke and ended
  });
  it('stops between two steps', async () => {
    const { heard, work } = start();
    work.add(on('/quick', 'endless', { maxNew: 1e6 }));
    while (heard.of('endless').length < 3) await pause(1);
    await work.stop();
    const told = heard.of('endless').length;
    await pause(20);
    expect(heard.of('endless')).toHaveLength(told);
  });
});

const options = { device: 'cpu', cache: 'models/cache', threads: 1 } as const;
const shipped = resolve('models/base');

/** A two-layer model of another size, with the shipped base's words. */
async function anotherBase(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ventrilocuo-base-'));
  folders.push(folder);
  for (const file of ['config.json', 'model.safetensors']) await copyFile(join('tests/golden/gpt2', file), join(folder, file));
  await copyFile(join(shipped, 'tokenizer.json'), join(folder, 'tokenizer.json'));
  return folder;
}
const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

describe('memory', () => {
  it('that a base would not fit in refuses it before it is opened, with what it needs', async () => {
    const bases = createBases({ ...options, memory: 1e7 }, () => undefined);
    await expect(bases.use(shipped, async () => undefined)).rejects.toThrow(/models\/base needs about 0\.\d+ GB, ENGINE_MEMORY allows 0\.010 GB/);
    expect(bases.all()).toEqual([]);
  });
  it('that two bases would not fit in makes the idle one leave, and keeps one at work', async () => {
    const other = await anotherBase();
    const bases = createBases({ ...options, memory: 28e6 }, () => undefined); // 27.9 MB and 0.2 MB
    const open = (): string[] => bases.all().map(({ folder }) => folder);
    await bases.use(shipped, async () => { await expect(bases.use(other, async () => undefined)).rejects.toThrow('ask again when they are done'); });
    expect(open()).toEqual([shipped]);
    await bases.use(other, async () => undefined);
    expect(open()).toEqual([other]);
  });
  it('that suffices for both keeps both, the least recently used to leave first', async () => {
    const other = await anotherBase();
    const bases = createBases({ ...options, memory: 1e8 }, () => undefined);
    for (const folder of [shipped, other, shipped]) await bases.use(folder, async () => undefined);
    expect(bases.all().map(({ folder }) => folder)).toEqual([other, shipped]);
  });
  it('is not asked of a folder that is not there', async () => {
    await expect(createBases({ ...options, memory: 1e9 }, () => undefined).use('/nowhere', async () => undefined)).rejects.toThrow('expected a model folder at /nowhere, found none');
  });
});

describe('a replay', () => {
  it('gives the words that the same seed gave, and others for another', async () => {
    const words = async (seed: number): Promise<string> => {
      let text = '';
      for await (const event of replay({ id: 'once more', voice: { base: shipped }, prompt: [{ text: 'En un lugar de la Mancha' }], seed, sampling: { ...request('', '').sampling, temperature: 0.8, topK: 50, maxNew: 16 } }, { ...options, memory: 1e9 })) if (event.type === 'words') text += event.text;
      return text;
    };
    const [first, again, other] = [await words(1), await words(1), await words(2)];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect(first.length).toBeGreaterThan(10);
  });
});
