/** A conversation on a TTY: words appear as they come, Ctrl-C stops the answer and, when there is none, leaves; Tab completes commands and personas. */
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Bot, Language, Part } from '../../command.ts';
import { partsOf } from '../deliver.ts';
import { incomingOf } from '../terminal.ts';

export interface ConverseOptions { readonly bot: Bot; readonly input: Readable; readonly output: Writable; readonly language: Language; readonly welcome: readonly string[] }

const dim = (text: string): string => `\u001b[2m${text}\u001b[22m`;
const bold = (text: string): string => `\u001b[1m${text}\u001b[22m`;
/** Back to the beginning of the line, and clears it: a notice gives way to the answer. */
const clearLine = '\r\u001b[2K';

export async function converse(options: ConverseOptions, signal: AbortSignal): Promise<void> {
  const { output, welcome } = options;
  const lines = createInterface({ input: options.input, output, prompt: '› ', completer: (line: string) => completions(line, options), historySize: 200 });
  output.write(`${welcome.map((line, index) => (index === 0 ? bold(line) : dim(line))).join('\n')}\n\n`);
  lines.prompt();
  let stop: AbortController | undefined;
  lines.on('SIGINT', () => { if (stop) stop.abort(); else lines.close(); });
  signal.addEventListener('abort', () => lines.close(), { once: true });
  for await (const line of nonEmpty(lines)) {
    stop = new AbortController();
    await tell(line, options, stop.signal);
    stop = undefined;
    lines.prompt();
  }
  output.write('\n');
}

async function* nonEmpty(lines: Interface): AsyncGenerator<string> {
  for await (const line of lines) if (line.trim() !== '') yield line.trim(); else lines.prompt();
}

async function tell(line: string, { bot, output, language }: ConverseOptions, signal: AbortSignal): Promise<void> {
  const reply = await bot.answer(incomingOf(line, language), { signal });
  let label = '';
  let isNotice = false;
  for await (const part of partsOf(reply ?? '')) {
    if ('speaker' in part) output.write(`${bold(part.speaker.name)}\n`);
    if ('label' in part) label = part.label;
    const shown = textOf(part);
    if (shown === undefined) continue;
    output.write((isNotice ? clearLine : '') + shown);
    isNotice = 'replace' in part && shown !== '';
  }
  output.write(`\n${label === '' ? '' : `${dim(`— ${label}`)}\n`}\n`);
}

const textOf = (part: Part): string | undefined => ('append' in part ? part.append : 'replace' in part ? part.replace : undefined);

/** readline's contract: the matches, and the part of the line they stand for. */
function completions(line: string, { bot, language }: ConverseOptions): [string[], string] {
  const [, name, typed = ''] = /^\/(\S+)\s+(?:\S*:)?(\S*)$/.exec(line) ?? [];
  if (name === undefined) {
    const names = bot.commands.map((command) => `/${language === 'es' ? command.name : command.english}`);
    return [names.filter((one) => one.startsWith(line)), line];
  }
  const command = bot.commands.find((one) => one.name === name || one.english === name);
  const option = Object.entries(command?.options ?? {}).find(([, { type }]) => type === 'persona')?.[0];
  return [option === undefined ? [] : bot.complete({ command: name, option, typed, language }).map(({ value }) => value), typed];
}
