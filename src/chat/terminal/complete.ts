/** What Tab offers: commands, then their options, then personas. Pure. */
import type { Bot, Language } from '../../command.ts';

/** readline's contract: the matches, and the part of the line that each of them replaces. */
export function completions(line: string, { commands, complete }: Pick<Bot, 'commands' | 'complete'>, language: Language): [string[], string] {
  const [, name, rest = ''] = /^\/(\S+)\s+(.*)$/.exec(line) ?? [];
  const nameOf = ({ name: es, english: en }: { name: string; english: string }): string => (language === 'es' ? es : en);
  if (name === undefined) return [line === '' ? [] : commands.map((command) => `/${nameOf(command)} `).filter((one) => one.startsWith(line)), line];

  const command = commands.find((one) => one.name === name || one.english === name);
  const options = Object.entries(command?.options ?? {}).map(([key, option]) => ({ key, ...option, shown: nameOf({ name: key, english: option.english }) }));
  const word = /\S*$/.exec(rest)?.[0] ?? '';
  const [, given, typed = word] = /^([^:]+):(.*)$/.exec(word) ?? [];
  const offer = ({ key }: { key: string }): string[] => complete({ command: name, option: key, typed, language }).map(({ value }) => value).filter((value) => value.startsWith(typed)); // readline can only add to what is typed

  const named = options.find(({ key, english }) => given === key || given === english);
  if (named) return [offer(named), typed];
  const free = options.filter(({ key, english }) => !new RegExp(`(^|\\s)(${key}|${english}):`).test(rest));
  const first = rest === word ? free.find(({ type }) => type === 'persona') : undefined; // the only option that may stand without its name
  return [[...free.map(({ shown }) => `${shown}:`).filter((one) => one.startsWith(word)), ...(first ? offer(first) : [])], word];
}
