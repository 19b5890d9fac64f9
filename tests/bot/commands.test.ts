/** The commands as both platforms take them, and as people of both languages read them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadCommands } from '../../src/command/load.ts';
import { scratch } from '../folders.ts';

const commands = await loadCommands();
const names = commands.flatMap(({ name, english, aliases, options }) => [name, english, ...aliases, ...Object.entries(options).flatMap(([key, { english: other }]) => [key, other])]);
const texts = commands.flatMap(({ description, options }) => [description, ...Object.values(options).map((option) => option.description)]);

it('are the twelve of the first half', () => expect(commands.map(({ name }) => name)).toEqual(['ayuda', 'cancion', 'estado', 'habla', 'otra', 'para', 'persona', 'personas', 'privacidad', 'reinicia', 'sigue', 'verso']));
it('have names that Discord and Telegram take', () => { for (const name of names) expect(name).toMatch(/^[a-z0-9_]{1,32}$/); });
it('describe everything in both languages, in 100 characters', () => { for (const { es, en } of texts) for (const text of [es, en]) expect([...text].length).toSatisfy((length: number) => length >= 1 && length <= 100); });
it('answer to no name twice', () => { const spoken = commands.flatMap(({ name, english, aliases }) => [...new Set([name, english, ...aliases])]); expect(new Set(spoken).size).toBe(spoken.length); });
it('put required options first, as Discord wants', () => { for (const { options } of commands) { const required = Object.values(options).map(({ fallback }) => fallback === undefined); expect([...required].sort((a, b) => Number(b) - Number(a))).toEqual(required); } });

describe('a file that does not load stops the program with its path', () => {
  const load = async (source: string): Promise<unknown> => {
    const folder = join(await scratch(), 'commands');
    await mkdir(folder);
    await writeFile(join(folder, 'roto.js'), source);
    return loadCommands(pathToFileURL(`${folder}/`));
  };
  it('for broken code', async () => expect(load('export default {{')).rejects.toThrow(/roto\.js does not load/));
  it('for another export', async () => expect(load('export const x = 1')).rejects.toThrow(/roto\.js should export default defineCommand/));
  it('for a description too long', async () => expect(load(`export default { named: (name) => ({ name, english: 'broken', aliases: [], options: {}, description: { es: '${'x'.repeat(101)}', en: 'x' } }) }`)).rejects.toThrow(/roto\.js: a description takes 1 to 100/));
});
