/** A conversation on a TTY, key by key. */
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createTerminal } from '../../src/chat/terminal.ts';
import type { Part } from '../../src/command.ts';
import { scriptedBot, until, wait, type Script } from '../fakes/bot.ts';

const [ctrlC, ctrlD, tab, up, enter] = ['\u0003', '\u0004', '\t', '\u001b[A', '\r'];
const withoutEscapes = (text: string): string => text.split('\u001b').map((piece, index) => (index === 0 ? piece : piece.replace(/^\[[0-9;?]*[A-Za-z]/, ''))).join('');

async function sit(script: Script) {
  const { bot, asked } = await scriptedBot(script);
  const [input, output] = [new PassThrough(), new PassThrough()];
  let [raw, how] = ['', ''];
  output.setEncoding('utf8').on('data', (piece: string) => { raw += piece; });
  const terminal = createTerminal({ bot, input, output, isInteractive: true, json: false, language: 'es', welcome: ['uno', 'dos', 'tres'], ended: () => { how = 'ended'; }, left: () => { how = 'left'; } });
  await terminal.listen();
  const screen = (): string => withoutEscapes(raw);
  return {
    asked, terminal, screen, raw: () => raw, how: () => how,
    type: (keys: string): void => { input.write(keys); },
    sees: (words: string): Promise<unknown> => until(`«${words}» on the screen, which shows: ${screen()}`, () => screen().includes(words)),
  };
}
const words = (incoming: { kind: string; text?: string }): string => incoming.text ?? '';
async function* endless(signal: AbortSignal): AsyncGenerator<Part> {
  yield { speaker: { id: 'dario', name: 'Rubén Darío' } };
  yield { append: 'empiezo…' };
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  yield { append: 'y paro' };
  yield { label: 'imitación' };
}

describe('a conversation in the terminal', () => {
  it('begins with three lines and a prompt, and answers what is typed', async () => {
    const { type, sees, screen } = await sit((incoming) => `dijiste ${words(incoming as never)}`);
    await sees('uno\ndos\ntres');
    type(`hola${enter}`);
    await sees('dijiste hola');
    expect(screen().indexOf('› ')).toBeLessThan(screen().indexOf('dijiste hola'));
  });
  it('shows words as they come, under the persona’s name, and a notice only until they do', async () => {
    async function* slowly(): AsyncGenerator<Part> {
      yield { speaker: { id: 'dario', name: 'Rubén Darío' } };
      yield { replace: 'en cola: 3' };
      await wait(20);
      yield { replace: '' };
      yield { append: 'La princesa' };
      await wait(300);
      yield { append: ' está triste' };
    }
    const { type, sees, screen, raw } = await sit(() => slowly());
    type(`x${enter}`);
    await sees('Rubén Darío\n');
    await sees('en cola: 3');
    await sees('La princesa');
    expect(screen()).not.toContain('está triste');
    await sees(' está triste');
    expect(raw()).toContain('en cola: 3\r\u001b[2K');
  });
  it('stops an answer on Ctrl-C and goes on; leaves on Ctrl-C at the prompt', async () => {
    const { type, sees, how } = await sit((_, signal) => endless(signal));
    type(`x${enter}`);
    await sees('empiezo…');
    type(ctrlC);
    await sees('y paro');
    await sees('— imitación');
    expect(how()).toBe('');
    await wait(20);
    type(ctrlC);
    await until('leaving', () => how() === 'left');
  });
  it('leaves on a second Ctrl-C, even while an answer does not stop', async () => {
    let release = (): void => undefined;
    const { type, sees, how } = await sit(async function* stubborn() { yield { append: 'sigo' }; await new Promise<void>((resolve) => { release = resolve; }); });
    type(`x${enter}`);
    await sees('sigo');
    type(ctrlC);
    await wait(10);
    type(ctrlC);
    await wait(10);
    release();
    await until('leaving', () => how() === 'left');
  });
  it('ends on Ctrl-D, after the answer that is being given', async () => {
    const { type, sees, how, screen } = await sit(async () => { await wait(60); return 'tarde'; });
    type(`x${enter}`);
    type(ctrlD);
    await until('the end', () => how() === 'ended');
    await sees('tarde');
    expect(screen().trimEnd().endsWith('tarde')).toBe(true);
  });
  it('remembers what was typed, and completes commands, options and personas with Tab', async () => {
    const { type, sees, asked } = await sit((incoming) => `oí ${incoming.kind}`);
    type(`hola${enter}`);
    await sees('oí mention');
    type(`${up}${enter}`);
    await until('the same line again', () => asked.length === 2);
    type(`/canc${tab}`);
    await sees('/cancion ');
    type(`art${tab}`);
    await sees('/cancion artista:');
    type(`mar${tab}`);
    await sees('/cancion artista:martin_fierro');
    type(enter);
    await sees('oí command');
    expect(asked).toMatchObject([{ kind: 'mention', text: 'hola' }, { kind: 'mention', text: 'hola' }, { kind: 'command', name: 'cancion', line: 'artista:martin_fierro' }]);
  });
  it('is over when the bot stops', async () => {
    const { terminal, type, sees } = await sit((_, signal) => endless(signal));
    type(`x${enter}`);
    await sees('empiezo…');
    await terminal.stop(0);
    expect(terminal.state()).toBe('closed');
  });
});
