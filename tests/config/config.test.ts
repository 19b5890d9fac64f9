/** The configuration: what is asked for, what comes of it, and how mistakes are told. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readConfig, secretsOf, terminalLanguage } from '../../src/config.ts';
import { SetupError } from '../../src/errors.ts';
import { example } from '../../scripts/env.ts';

const mistakesOf = (environment: NodeJS.ProcessEnv): string => {
  try { readConfig(environment); } catch (cause) { if (cause instanceof SetupError) return cause.message; throw cause; }
  return '';
};

describe('the configuration', () => {
  it('needs nothing to be set', () => expect(readConfig({})).toMatchObject({ PERSONA: 'martin_fierro', LANGUAGE: 'es', ENGINE_ROWS: 32, LABEL: true, OPERATORS: [] }));
  it('takes an empty or blank value for none', () => expect(readConfig({ DISCORD_TOKEN: '', ENGINE_ROWS: '  ' })).toEqual(readConfig({})));
  it('reads numbers, lists, sizes and yes or no', () => {
    const config = readConfig({ ENGINE_ROWS: '4', OPERATORS: 'discord:1, telegram:22', ENGINE_MEMORY: '1.5GB', LABEL: 'no', CONTEXT_MINUTES: '0.5' });
    expect(config).toMatchObject({ ENGINE_ROWS: 4, OPERATORS: ['discord:1', 'telegram:22'], ENGINE_MEMORY: 1.5e9, LABEL: false, CONTEXT_MINUTES: 0.5 });
    expect(readConfig({ ENGINE_MEMORY: '2 GiB' }).ENGINE_MEMORY).toBe(2 * 1024 ** 3);
  });
  it('tells every mistake at once, each by its name and with what was expected', () => {
    const message = mistakesOf({ DEVICE: 'gpu', HEALTH_PORT: '99999', ENGINE_ROWS: '0', OPERATORS: 'me', DISCORD_API_URL: 'here', DATABASE_URL: 'mysql:x', QUEUE_LIMIT: '1e3', PERSONA: 'Martín Fierro' });
    expect(message.match(/^ {2}[A-Z_]+: expected .+$/gm)?.map((line) => line.trim().split(':')[0])).toEqual(['OPERATORS', 'PERSONA', 'DEVICE', 'ENGINE_ROWS', 'QUEUE_LIMIT', 'DATABASE_URL', 'HEALTH_PORT', 'DISCORD_API_URL']);
    expect(message).toContain('DEVICE: expected one of "auto"|"cuda"|"webgpu"|"cpu"');
  });
  it('never repeats a value, which may be a token in the wrong place', () => {
    const pasted = 'MTA4canary.canary.canary';
    const message = mistakesOf({ OPERATORS: pasted, TELEGRAM_TOKEN: pasted, DEVICE: pasted, HEALTH_PORT: pasted, LABEL: pasted, DATABASE_URL: pasted });
    expect(message).toContain('TELEGRAM_TOKEN: expected digits');
    expect(message).not.toContain('canary');
  });
  it('understands gettext’s list in LANGUAGE, which desktops set for themselves', () => {
    expect(['es', 'en', 'es_AR:es', 'en_US:en', 'fr_FR:es', 'ca:es_ES:en'].map((LANGUAGE) => readConfig({ LANGUAGE }).LANGUAGE)).toEqual(['es', 'en', 'es', 'en', 'es', 'es']);
    expect(mistakesOf({ LANGUAGE: 'spanish' })).toContain('LANGUAGE: expected es or en');
  });
});

describe('the language of the terminal', () => {
  it('is that of the locale, and the setting’s where the locale is neither Spanish nor English', () => {
    expect(terminalLanguage({ LANG: 'en_GB.UTF-8' }, 'es')).toBe('en');
    expect(terminalLanguage({ LANG: 'en_GB.UTF-8', LC_ALL: 'es_ES.UTF-8' }, 'en')).toBe('es');
    expect(terminalLanguage({ LANG: 'C.UTF-8' }, 'es')).toBe('es');
    expect(terminalLanguage({ LANG: 'estonian' }, 'en')).toBe('en');
    expect(terminalLanguage({}, 'en')).toBe('en');
  });
});

describe('secrets', () => {
  it('are the tokens, and an address with a password together with that password', () => {
    const config = readConfig({ HF_TOKEN: 'hf_abcdef', DATABASE_URL: 'postgresql://bot:p%40ss%2Fword@db/bot' });
    expect(secretsOf(config)).toEqual(['hf_abcdef', 'postgresql://bot:p%40ss%2Fword@db/bot', 'p%40ss%2Fword', 'p@ss/word']);
  });
  it('are not the path of a database file', () => expect(secretsOf(readConfig({}))).toEqual([]));
});

describe('.env.example', () => {
  it('says what src/config.ts says (npm run -s env > .env.example)', () => expect(readFileSync('.env.example', 'utf8')).toBe(example()));
});
