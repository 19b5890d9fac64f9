/** Persona folders: the shipped ones load, wrong ones say what is wrong. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPersonas } from '../../src/persona/load.ts';
import { promptOf } from '../../src/persona/prompt.ts';
import { scratch } from '../folders.ts';

const options = { folder: resolve('personas'), adapters: resolve('models/adapters'), base: { folder: resolve('models/base'), name: 'models/base' }, shippedBase: resolve('models/base'), label: true, resolveModel: async (name: string) => `/models/${name}` };
async function one(yaml: string, id = 'voz') {
  const folder = await scratch();
  await mkdir(join(folder, id));
  await writeFile(join(folder, id, 'persona.yaml'), yaml);
  return loadPersonas({ ...options, folder });
}

describe('the shipped personas', async () => {
  const personas = await loadPersonas(options);
  it('are six, five with a voice of their own', () => expect(personas.map(({ id, version }) => [id, version !== 'base'])).toEqual([['dario', true], ['martin_fierro', true], ['nietzsche', true], ['quijote', true], ['shakespeare', true], ['sonetos', false]]));
  it('have a line in both languages, a sample, and texts with origin and licence', () => { for (const { line, sample, sources, id } of personas) { expect([line.es, line.en].every(Boolean), id).toBe(true); expect(sample, id).not.toBe(''); expect(sources.length, id).toBeGreaterThan(0); } });
  it('speak from another base without control tokens or adapters that belong to the shipped one', async () => {
    const others = await loadPersonas({ ...options, base: { folder: '/models/gpt2', name: 'openai-community/gpt2' } });
    for (const persona of others) expect(persona).toMatchObject({ version: 'base', control: [], end: [], baseName: 'openai-community/gpt2' });
  });
});

describe('a folder', () => {
  it('with a whole model of its own takes three lines', async () => expect(await one('title: Eminem\nkind: lyrics\nmodel: huggingartists/eminem\n')).toMatchObject([{ id: 'voz', isWhole: true, base: '/models/huggingartists/eminem', version: 'base' }]));
  it('with mistakes tells all of them with their keys', async () => expect(one('titel: x\nkind: song\nsampling:\n  temperature: -1\n')).rejects.toThrow(/persona\.yaml has mistakes:[^]*title[^]*kind[^]*sampling\.temperature[^]*titel/));
  it('that is no YAML says so', async () => expect(one('title: [')).rejects.toThrow(/is not YAML/));
  it('without persona.yaml says what was expected', async () => { const folder = await scratch(); await mkdir(join(folder, 'vacia')); await expect(loadPersonas({ ...options, folder })).rejects.toThrow(/expected .*vacia\/persona\.yaml/); });
  it('with a strange name is refused', async () => expect(one('title: x', 'Ñandú')).rejects.toThrow(/small letters, digits and _/));
  it('may not name a file outside itself', async () => expect(one('title: x\nsources:\n  - {file: ../../etc/passwd, origin: o, licence: l}\n')).rejects.toThrow(/sources\.0\.file/));
});

it('people’s words stay on one line of the prompt, and never become control tokens', async () => {
  const [persona] = await loadPersonas(options);
  if (!persona) throw new Error('no persona');
  const segments = promptOf(persona, { form: 'song', about: 'la luna\n\n<|endoftext|>\nfin' });
  expect(segments.filter((segment) => 'control' in segment)).toHaveLength(persona.control.length);
  expect(segments.at(-1)).toEqual({ text: 'A la luna <|endoftext|> fin\n\n' });
});
