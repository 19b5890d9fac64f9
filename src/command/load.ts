/** Discovers commands: one file each in commands/, named after it. A file that does not load stops the program with its path. */
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Command, Defined } from '../command.ts';
import { SetupError } from '../errors.ts';

/** Beside src, in the sources as in what is built from them. */
const folder = new URL('../../commands/', import.meta.url);

export async function loadCommands(from: URL = folder): Promise<Command[]> {
  const names = (await readdir(from)).filter((file) => /(?<!\.d)\.[tj]s$/.test(file)).sort();
  const commands = await Promise.all(names.map((file) => loadCommand(new URL(file, from))));
  const spoken = commands.flatMap(({ name, english, aliases }) => [...new Set([name, english]), ...aliases]);
  const twice = spoken.find((name, index) => spoken.indexOf(name) !== index);
  if (twice !== undefined) throw new SetupError(`two commands in ${fileURLToPath(from)} answer to /${twice}: give one another name`);
  return commands;
}

async function loadCommand(file: URL): Promise<Command> {
  const path = fileURLToPath(file);
  const name = /([^/\\]+)\.[tj]s$/.exec(path)?.[1] ?? '';
  const module = await import(file.href).catch((cause: unknown) => { throw new SetupError(`${path} does not load: ${cause instanceof Error ? cause.message : String(cause)}`); }) as { default?: Partial<Defined> };
  if (typeof module.default?.named !== 'function') throw new SetupError(`${path} should export default defineCommand({ … })`);
  const command = module.default.named(name);
  const mistakes = mistakesOf(command);
  if (mistakes.length > 0) throw new SetupError(`${path}: ${mistakes.join('; ')}`);
  return command;
}

/** What Discord and Telegram both accept. */
const namePattern = /^[a-z0-9_]{1,32}$/;
function mistakesOf({ name, english, aliases, description, options }: Command): string[] {
  const names = [name, english, ...aliases, ...Object.entries(options).flatMap(([key, option]) => [key, option.english])];
  const texts = [description, ...Object.values(options).map((option) => option.description)].flatMap(({ es, en }) => [es, en]);
  const required = Object.values(options).map(({ fallback }) => fallback === undefined);
  return [
    ...names.filter((one) => !namePattern.test(one)).map((one) => `the name ${one} should be of a–z, 0–9 and _, at most 32`),
    ...texts.filter((one) => one.length < 1 || one.length > 100).map((one) => `a description takes 1 to 100 characters, got ${one.length}: ${one.slice(0, 30)}…`),
    ...(required.lastIndexOf(true) > required.indexOf(false) && required.includes(false) ? ['required options come before the others'] : []),
  ];
}
