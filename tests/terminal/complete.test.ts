/** What Tab offers, against the real commands. */
import { beforeAll, describe, expect, it } from 'vitest';
import { completions } from '../../src/chat/terminal/complete.ts';
import { loadCommands } from '../../src/command/load.ts';
import type { Bot } from '../../src/command.ts';

let bot: Pick<Bot, 'commands' | 'complete'>;
beforeAll(async () => {
  const personas = ['dario', 'martin_fierro', 'quijote'];
  bot = { commands: await loadCommands(), complete: ({ option, typed }) => (['artista', 'artist'].includes(option) ? personas.filter((id) => id.startsWith(typed)).map((id) => ({ name: id, value: id })) : []) };
});
const offered = (line: string, language: 'es' | 'en' = 'es'): [string[], string] => completions(line, bot, language);

describe('Tab', () => {
  it('offers nothing for plain words', () => expect(offered('hola qué')).toEqual([[], 'hola qué']));
  it('offers commands in the language of the terminal', () => {
    expect(offered('/per')).toEqual([['/persona ', '/personas '], '/per']);
    expect(offered('/so', 'en')).toEqual([['/song '], '/so']);
    expect(offered('/so', 'es')).toEqual([[], '/so']);
  });
  it('offers options and, first, personas', () => {
    expect(offered('/cancion ')[0]).toEqual(expect.arrayContaining(['artista:', 'tema:', 'dario', 'quijote']));
    expect(offered('/cancion d')).toEqual([['dario'], 'd']);
    expect(offered('/cancion artista:m')).toEqual([['martin_fierro'], 'm']);
    expect(offered('/song artist:m', 'en')).toEqual([['martin_fierro'], 'm']);
  });
  it('offers no option twice', () => expect(offered('/cancion artista:dario ')[0]).not.toContain('artista:'));
  it('offers nothing for a command that does not exist', () => expect(offered('/nada x')).toEqual([[], 'x']));
});
