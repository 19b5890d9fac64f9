/** The habits a reader relies on: each file says what it is, none is long, none hides in a drawer called utils. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sourceFiles } from './source.ts';

const files = sourceFiles('src', 'commands', 'scripts');
const paths = (wrong: typeof files): string[] => wrong.map(({ path, lines }) => `${path} (${lines} lines)`);

describe('every file', () => {
  it('opens with a sentence saying what it is', () => expect(paths(files.filter(({ text }) => !/^(#!.*\n)?\/\*\*[^]*?\*\//.test(text)))).toEqual([]));
  it('has at most 250 lines', () => expect(paths(files.filter(({ lines }) => lines > 250))).toEqual([]));
  it('has a name of its own', () => expect(paths(files.filter(({ path }) => /(^|\/)(utils?|helpers?|common|types|misc|lib)(\.ts|\/)/.test(path)))).toEqual([]));
  it('escapes no type', () => expect(paths(files.filter(({ text }) => /\bas any\b|: any\b|@ts-(ignore|expect-error|nocheck)|as unknown as/.test(text)))).toEqual([]));
});

describe('the tree', () => {
  it('has a median file under 100 lines', () => {
    const lengths = files.map(({ lines }) => lines).sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(100);
  });
  it('names every dependency in the README, with its reason', () => {
    const readme = readFileSync('README.md', 'utf8');
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> };
    expect(Object.keys(dependencies).filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });
  it('tells the same in both READMEs: the same headings, the same commands', () => {
    const commands = (file: string): string[] => [...readFileSync(file, 'utf8').matchAll(/^(?:npm|node|git|docker) .*$/gm)].map(([line]) => line.replace(/\s+#.*/, ''));
    expect(commands('README.es.md')).toEqual(commands('README.md'));
  });
});
