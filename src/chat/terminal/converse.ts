/** A conversation on a TTY: words appear as they come, Ctrl-C stops the answer and, when there is none, leaves; Tab completes commands and personas. */
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Bot, Incoming, Language, Part } from '../../command.ts';
import { partsOf } from '../deliver.ts';
import { completions } from './complete.ts';

export interface ConverseOptions {
  readonly bot: Bot;
  readonly input: Readable;
  readonly output: Writable;
  readonly language: Language;
  readonly welcome: readonly string[];
  readonly incoming: (line: string) => Incoming;
}

const dim = (text: string): string => `\u001b[2m${text}\u001b[22m`;
const bold = (text: string): string => `\u001b[1m${text}\u001b[22m`;
/** Back to the beginning of the line, and clears it: a notice gives way to the answer. */
const clearLine = '\r\u001b[2K';
const historyKept = 200; // lines

/** How it ended: the input did (Ctrl-D), or the person left (Ctrl-C at the prompt, or twice during an answer). */
export async function converse(options: ConverseOptions, signal: AbortSignal): Promise<'ended' | 'left'> {
  const { bot, input, output, language, welcome } = options;
  const lines = createInterface({ input, output, terminal: true, prompt: '› ', historySize: historyKept, removeHistoryDuplicates: true, completer: (line: string) => completions(line, bot, language) });
  let how: 'ended' | 'left' = 'ended';
  let isClosed = false;
  let answering: AbortController | undefined;
  const leave = (): void => { how = 'left'; answering?.abort(); lines.close(); };
  lines.on('SIGINT', () => { if (answering && !answering.signal.aborted) answering.abort(); else leave(); });
  lines.on('close', () => { isClosed = true; });
  signal.addEventListener('abort', leave, { once: true });

  output.write(`${welcome.map((line, index) => (index === 0 ? bold(line) : dim(line))).join('\n')}\n\n`);
  lines.prompt();
  for await (const line of spoken(lines)) {
    answering = new AbortController();
    await tell(line, options, answering.signal);
    answering = undefined;
    if (!isClosed) lines.prompt();
  }
  output.write('\n');
  return how;
}

async function* spoken(lines: Interface): AsyncGenerator<string> {
  for await (const line of lines) if (line.trim() !== '') yield line.trim(); else lines.prompt();
}

/** Shows one answer as it comes. */
async function tell(line: string, { bot, output, incoming }: ConverseOptions, signal: AbortSignal): Promise<void> {
  const reply = await bot.answer(incoming(line), { signal });
  let label = '';
  let isNotice = false;
  for await (const part of partsOf(reply ?? '')) {
    if ('label' in part) label = part.label;
    const shown = shownOf(part);
    if (shown === undefined) continue;
    output.write((isNotice ? clearLine : '') + shown);
    isNotice = 'replace' in part && shown !== '';
  }
  output.write(`\n${label === '' ? '' : `${dim(`— ${label}`)}\n`}\n`);
}

function shownOf(part: Part): string | undefined {
  if ('append' in part) return part.append;
  if ('replace' in part) return part.replace;
  if ('speaker' in part) return `${bold(part.speaker.name)}\n`;
  if ('picture' in part) return `[${part.alt}]\n`;
  return 'file' in part ? `[${part.name}]\n` : undefined;
}
