/** A really started bot: the built program in a process of its own, with a database of its own. Knows nothing of what it says. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { until } from '../fakes/bot.ts';

export interface Outcome { readonly status: number | null; readonly stdout: string; readonly stderr: string }
export interface Started {
  readonly child: ChildProcess;
  readonly outcome: Promise<Outcome>;
  /** What it has written to stderr so far. */
  said(): string;
  ready(): Promise<void>;
}

export const folder = mkdtempSync(join(tmpdir(), 'start-'));
export const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
let count = 0;
export const newDatabase = (): string => `file:${join(folder, `${++count}.db`)}`;

/** `input`: what is piped into it; undefined leaves the pipe open. */
export function startBot(environment: NodeJS.ProcessEnv = {}, { input, options = [] }: { input?: string; options?: readonly string[] } = {}): Started {
  const child = spawn(process.execPath, ['dist/src/index.js', ...options], {
    stdio: 'pipe',
    env: { PATH: process.env['PATH'], HOME: folder, HEALTH_PORT: '0', LOG_LEVEL: 'info', DEVICE: 'cpu', DATABASE_URL: newDatabase(), DISCORD_TOKEN: '', TELEGRAM_TOKEN: '', HF_TOKEN: '', OPERATORS: '', ...environment },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => { said += piece; });
  if (input !== undefined) child.stdin.end(input);
  const outcome = Promise.all([once(child, 'close'), text(child.stdout).catch(() => '')]).then(([[status], stdout]) => ({ status: status as number | null, stdout, stderr: said }));
  return { child, outcome, said: () => said, ready: async () => { await until('the bot to be ready', () => said.includes('"msg":"ready"') || (child.exitCode !== null && `ended: ${said}`), 15_000); } };
}

/** Runs it to its end. */
export const runBot = (environment: NodeJS.ProcessEnv = {}, given: { input?: string; options?: readonly string[] } = {}): Promise<Outcome> => startBot(environment, { input: '', ...given }).outcome;
