/** Imports point one way: every room imports itself and what stands to its right, and nothing else. */
import { describe, expect, it } from 'vitest';
import { sourceFiles, type Import } from './source.ts';

const rooms = ['index', 'start', 'health', 'jobs', 'chat', 'bot', 'command', 'training', 'persona', 'engine', 'model', 'graph', 'storage', 'config', 'locale', 'metrics', 'log', 'errors'];
const files = sourceFiles('src');
const roomOf = (path: string): string => path.replace(/^src\//, '').split('/')[0]?.replace(/\.ts$/, '') ?? '';
const inside = files.flatMap((file) => file.imports).filter(({ to }) => to.startsWith('src/') && !to.includes('/generated/'));
const spell = ({ from, to }: Import): string => `${from} must not import ${to}`;

/** Every file that a running `entry` loads: value imports, followed to the end, dynamic ones too. */
function loadedFrom(entry: string): Set<string> {
  const seen = new Set<string>([entry]);
  for (const path of seen) for (const { to, isType } of files.find((file) => file.path === path)?.imports ?? []) if (!isType) seen.add(to);
  return seen;
}

describe('the house', () => {
  it('has only the rooms of the plan', () => {
    expect([...new Set(files.map(({ path }) => roomOf(path)))].filter((room) => !rooms.includes(room))).toEqual([]);
  });
  it('imports from left to right only', () => {
    const wrong = inside.filter(({ from, to }) => rooms.indexOf(roomOf(from)) > rooms.indexOf(roomOf(to)));
    expect(wrong.map(spell)).toEqual([]);
  });
  it.each([['graph', ['graph', 'errors']]] as const)('%s knows only %j', (room, allowed: readonly string[]) => {
    expect(inside.filter(({ from, to }) => roomOf(from) === room && !allowed.includes(roomOf(to))).map(spell)).toEqual([]);
  });
  it('keeps storage away from the models, and personas away from the engine', () => {
    const wrong = inside.filter(({ from, to }) => ['model', 'engine'].includes(roomOf(from)) && roomOf(to) === 'storage');
    expect(wrong.map(spell)).toEqual([]);
    expect(inside.filter(({ from, to }) => roomOf(from) === 'engine' && roomOf(to) === 'persona').map(spell)).toEqual([]);
  });
  it('loads commands and personas by discovery, never by import', () => {
    const wrong = files.flatMap((file) => file.imports).filter(({ to }) => /^(commands|personas|scripts|tests)\//.test(to));
    expect(wrong.map(spell)).toEqual([]);
  });
  it('lets one file alone import onnxruntime-node, and one alone transformers', () => {
    const users = (name: string): string[] => files.filter((file) => file.imports.some(({ to, isType }) => to === name && !isType)).map(({ path }) => path);
    expect(users('onnxruntime-node')).toEqual(['src/engine/session.ts']);
    expect(users('@huggingface/transformers')).toEqual(['src/engine/standalone.ts']);
  });
  it('never loads onnxruntime into the bot process', () => {
    const loaded = [...loadedFrom('src/index.ts')];
    expect(loaded.length).toBeGreaterThan(30);
    expect(loaded.filter((path) => /onnxruntime|@huggingface\/transformers|src\/engine\/session/.test(path))).toEqual([]);
  });
  it('reads the environment in one place', () => {
    const readers = files.filter(({ text }) => /process\.env\b/.test(text)).map(({ path }) => path);
    expect(readers.filter((path) => !['src/index.ts', 'src/config.ts', 'src/engine/session.ts', 'src/engine/child.ts'].includes(path))).toEqual([]);
  });
});
