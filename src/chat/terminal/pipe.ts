/** Answers a pipe: one answer a line of input, in order, each ended by a line with U+001E; or one JSON object a line. Knows no conversation beyond the bot's. */
import type { Writable } from 'node:stream';
import type { Bot, Language } from '../../command.ts';
import { collect, type Collected } from '../collect.ts';
import { incomingOf } from '../terminal.ts';

export interface PipeOptions { readonly bot: Bot; readonly output: Writable; readonly json: boolean; readonly language: Language }

/** ASCII's record separator. */
const separator = '\u001e';

export async function answerPiped(lines: AsyncIterable<string>, { bot, output, json, language }: PipeOptions, signal: AbortSignal): Promise<void> {
  let number = 0;
  for await (const line of lines) {
    number++;
    if (signal.aborted) return;
    if (line.trim() === '') continue;
    const reply = await bot.answer(incomingOf(line.trim(), language), { signal });
    const answer = await collect(reply ?? '');
    await write(output, json ? `${JSON.stringify(record(number, answer))}\n` : `${spell(answer)}\n${separator}\n`);
  }
}

const spell = ({ text, label }: Collected): string => (label === '' ? text : `${text}\n\n— ${label}`);

function record(line: number, { text, told, failed, label }: Collected): object {
  return {
    line, kind: failed === undefined ? 'text' : 'error', persona: told?.persona ?? null, version: told?.version ?? null, seed: told?.seed ?? null,
    text, tokens: told?.tokens ?? null, finish: told?.finish ?? null, ...(label === '' ? {} : { label }),
  };
}

const write = (output: Writable, text: string): Promise<void> => new Promise((resolve, reject) => { output.write(text, (cause) => { if (cause) reject(cause); else resolve(); }); });
