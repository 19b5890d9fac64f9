/** Single keys and lines from a terminal. Knows no questions. */
import { createInterface, emitKeypressEvents } from 'node:readline';
import { Writable, type Readable } from 'node:stream';

export type Keyboard = Readable & { setRawMode?(isRaw: boolean): unknown };
interface Key { readonly name?: string; readonly ctrl?: boolean }

const interrupt = (): void => { process.kill(process.pid, 'SIGINT'); };

/** One key, by its name: 'c', 'return', 'escape'; '' at the end of the input. Ctrl-C ends the program as it does everywhere. */
export async function pressKey(input: Keyboard): Promise<string> {
  emitKeypressEvents(input);
  input.setRawMode?.(true);
  const key = await new Promise<Key>((resolve) => {
    input.once('keypress', (_text, pressed: Key) => resolve(pressed));
    input.once('end', () => resolve({}));
    input.resume();
  });
  input.setRawMode?.(false);
  input.pause();
  if (key.ctrl === true && key.name === 'c') interrupt();
  return key.name ?? '';
}

/** A line; '' at the end of the input. Without an output it does not show while it is typed. */
export async function askLine(input: Keyboard, output?: Writable): Promise<string> {
  const unseen = new Writable({ write: (_piece, _encoding, done) => done() });
  const lines = createInterface({ input, output: output ?? unseen, terminal: true, historySize: 0, prompt: '› ' });
  lines.prompt();
  const line = await new Promise<string>((resolve) => {
    lines.once('line', resolve);
    lines.once('close', () => resolve(''));
    lines.once('SIGINT', interrupt);
  });
  lines.close();
  return line.trim();
}
