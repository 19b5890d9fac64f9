/** Answers a pipe: one answer a line of input, in order, each ended by a line with U+001E; or one JSON object a line. Knows no conversation beyond the bot's. */
import type { Writable } from 'node:stream';
import type { Bot, Incoming } from '../../command.ts';
import { collect, type Collected } from '../collect.ts';

export interface PipeOptions { readonly bot: Bot; readonly output: Writable; readonly json: boolean; readonly incoming: (line: string) => Incoming }

/** ASCII's record separator. */
const separator = '\u001e';

/** Ends when the lines do, or when it is told to stop: then a begun answer is written as far as it came. */
export async function answerPiped(lines: AsyncIterable<string>, { bot, output, json, incoming }: PipeOptions, signal: AbortSignal): Promise<void> {
  let number = 0;
  for await (const line of until(lines, signal)) {
    number++;
    if (line.trim() === '') continue;
    const reply = await bot.answer(incoming(line.trim()), { signal });
    const answer = await collect(reply ?? '');
    await write(output, json ? `${JSON.stringify(record(number, answer))}\n` : `${spell(answer)}\n${separator}\n`);
  }
}

/** The lines until the signal, also while none comes. */
async function* until(lines: AsyncIterable<string>, signal: AbortSignal): AsyncGenerator<string> {
  const iterator = lines[Symbol.asyncIterator]();
  const aborted = new Promise<undefined>((resolve) => { if (signal.aborted) resolve(undefined); else signal.addEventListener('abort', () => resolve(undefined), { once: true }); });
  for (;;) {
    const next = await Promise.race([iterator.next(), aborted]);
    if (next === undefined || next.done === true || signal.aborted) return;
    yield next.value;
  }
}

/** The separator stands for the end of an answer, so none may stand inside one. */
const spell = ({ text, label }: Collected): string => (label === '' ? text : `${text}\n\n— ${label}`).replaceAll(separator, '');

function record(line: number, { text, told, failed, label, answer }: Collected): object {
  return {
    line, kind: failed === undefined ? 'text' : 'error', persona: told?.persona ?? null, version: told?.version ?? null, seed: told?.seed ?? null,
    text, tokens: told?.tokens ?? null, finish: told?.finish ?? null, ...(label === '' ? {} : { label }), ...(answer === undefined ? {} : { answer }),
  };
}

const write = (output: Writable, text: string): Promise<void> => new Promise((resolve, reject) => { output.write(text, (cause) => { if (cause) reject(cause); else resolve(); }); });
