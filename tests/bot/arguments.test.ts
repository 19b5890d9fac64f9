/** What people type after a command. */
import { describe, expect, it } from 'vitest';
import { parseLine, valuesOf } from '../../src/bot/arguments.ts';
import { nearest } from '../../src/bot/nearest.ts';
import { loadCommands } from '../../src/command/load.ts';

const commands = await loadCommands();
const command = (name: string) => { const found = commands.find((one) => one.name === name); if (!found) throw new Error(name); return found; };
const song = command('cancion');

describe('a line', () => {
  it.each([
    ['artista:martin_fierro tema:la pampa', { artista: 'martin_fierro', tema: 'la pampa' }],
    ['martin_fierro la pampa de noche', { artista: 'martin_fierro', tema: 'la pampa de noche' }],
    ['artist:martin_fierro theme:"the plain" verses:3', { artista: 'martin_fierro', tema: 'the plain', estrofas: '3' }],
    ['tema:la pampa artista:martin_fierro', { artista: 'martin_fierro', tema: 'la pampa' }],
    ['artista:«Martín Fierro» tema:“mi caballo”', { artista: 'Martín Fierro', tema: 'mi caballo' }],
    ['martin_fierro nos vemos a las 10:30', { artista: 'martin_fierro', tema: 'nos vemos a las 10:30' }],
    ['martin_fierro http://ejemplo.org', { artista: 'martin_fierro', tema: 'http://ejemplo.org' }],
    ['ARTISTA:dario Témá:luna', { artista: 'dario', tema: 'luna' }],
    ['', {}],
  ])('%s', (line, expected) => expect(parseLine(line, song)).toEqual(expected));
  it('with a key that there is not says which there are', () => expect(() => parseLine('artista:dario color:azul', song)).toThrow(/no option “color”.*artist, theme, verses/));
  it('never loses a word, whatever it is made of', () => {
    const words = ['la', 'ñandú', '"a b"', 'x:', ':y', '«z', '::', '10:30', 'ü', '—', '🦤'];
    for (let seed = 1; seed < 400; seed++) {
      const line = Array.from({ length: 1 + (seed % 7) }, (_, index) => words[(seed * (index + 3)) % words.length]).join(' ');
      const all = Object.values(parseLine(line, command('habla'))).join(' ');
      for (const letter of line.replace(/[\s"«»“”:]/g, '')) expect(all, line).toContain(letter);
    }
  });
});

describe('values', () => {
  const read = (given: Record<string, string>) => valuesOf(given, song, (typed) => typed);
  it('take their types and what is left out', () => expect(read({ artista: 'dario', estrofas: '4' })).toEqual({ artista: 'dario', tema: '', estrofas: 4 }));
  it('that are missing are asked for with an example', () => expect(() => read({})).toThrow('/cancion needs “artist”: who sings. For example: /cancion artist:…'));
  it.each(['0', '7', 'dos', '2.5'])('out of their range say what was expected: %s', (typed) => expect(() => read({ artista: 'dario', estrofas: typed })).toThrow(`should be a whole number from 1 to 6; got “${typed}”`));
});

describe('the nearest name', () => {
  it.each([['cansion', 'cancion'], ['fiero', 'martin_fierro'], ['Quijóte', 'quijote'], ['persnoas', 'personas']])('to %s is %s', (typed, known) => expect(nearest(typed, ['cancion', 'habla', 'martin_fierro', 'quijote', 'personas'])).toBe(known));
  it('is none where nothing is near', () => expect(nearest('xyzzy', ['cancion', 'habla'])).toBeUndefined());
});
