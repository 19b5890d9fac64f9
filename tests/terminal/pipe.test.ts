/** The terminal as a pipe, over a scripted bot. */
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { createTerminal } from '../../src/chat/terminal.ts';
import type { Part } from '../../src/command.ts';
import { scriptedBot, until, type Script } from '../fakes/bot.ts';

const separator = '\u001e';

async function pipe(lines: string, script: Script, json = false) {
  const { bot, asked } = await scriptedBot(script);
  const output = new PassThrough();
  let how = '';
  const input = Readable.from([lines]);
  const terminal = createTerminal({ bot, input, output, isInteractive: false, json, language: 'en', welcome: ['welcome'], ended: () => { how = 'ended'; }, left: () => { how = 'left'; } });
  await terminal.listen();
  await until('the end of the input', () => how !== '');
  output.end();
  return { asked, how, stdout: await text(output), terminal };
}
async function* song(): AsyncGenerator<Part> {
  yield { speaker: { id: 'dario', name: 'Rubén Darío' } };
  yield { replace: '⏳ 1' };
  yield { replace: '' };
  yield { append: 'a line\nanother' };
  yield { told: { persona: 'dario', version: '0b662c43', seed: 7, tokens: 5, finish: 'stop' } };
  yield { label: 'imitation' };
  yield { answer: 'a1b2c3d4' };
}
async function* failure(): AsyncGenerator<Part> {
  yield { append: 'I do not know /x' };
  yield { failed: 'person' };
}

describe('a pipe', () => {
  it('hands lines to the bot as commands and plain words, from an operator', async () => {
    const { asked } = await pipe('/song artist:dario theme:the sea\n  hello  \n\n/ayuda\n', () => 'ok');
    expect(asked).toMatchObject([
      { kind: 'command', name: 'song', line: 'artist:dario theme:the sea', platform: 'terminal', person: { role: 'operator', language: 'en' } },
      { kind: 'mention', text: 'hello' },
      { kind: 'command', name: 'ayuda', line: '' },
    ]);
    expect(new Set(asked.map(({ delivery }) => delivery)).size).toBe(3);
  });
  it('writes answers in order, the slow first one too, each ended by a line with U+001E', async () => {
    const { stdout, how } = await pipe('slow\nfast', (incoming) => (incoming.kind === 'mention' && incoming.text === 'slow' ? new Promise((resolve) => setTimeout(() => resolve('slow'), 50)) : song()));
    expect(stdout).toBe(`slow\n${separator}\na line\nanother\n\n— imitation\n${separator}\n`);
    expect(how).toBe('ended');
  });
  it('lets no answer hold a separator of its own', async () => expect((await pipe('x', () => `a\n${separator}\nb`)).stdout.split(separator)).toHaveLength(2));
  it('writes one object a line with --json: what was told, null where nothing was', async () => {
    const { stdout } = await pipe('one\n/x\n\n/personas\n', (incoming) => (incoming.kind === 'mention' ? song() : incoming.kind === 'command' && incoming.name === 'x' ? failure() : 'gallery'), true);
    const nothing = { persona: null, version: null, seed: null, tokens: null, finish: null };
    expect(stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as unknown)).toEqual([
      { line: 1, kind: 'text', persona: 'dario', version: '0b662c43', seed: 7, text: 'a line\nanother', tokens: 5, finish: 'stop', label: 'imitation', answer: 'a1b2c3d4' },
      { line: 2, kind: 'error', text: 'I do not know /x', ...nothing },
      { line: 4, kind: 'text', text: 'gallery', ...nothing },
    ]);
  });
  it('stops while it waits for a line, and in the middle of an answer', async () => {
    const { bot } = await scriptedBot(async (_, signal) => { await new Promise((resolve) => signal.addEventListener('abort', resolve)); return 'as far as it came'; });
    for (const lines of ['', 'hello\n']) {
      const [input, output] = [new PassThrough(), new PassThrough()];
      const terminal = createTerminal({ bot, input, output, isInteractive: false, json: false, language: 'en', welcome: [], ended: () => undefined, left: () => undefined });
      await terminal.listen();
      input.write(lines);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await terminal.stop(0);
      output.end();
      expect(await text(output)).toBe(lines === '' ? '' : `as far as it came\n${separator}\n`);
    }
  });
});
