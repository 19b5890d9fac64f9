/** What a person typed after a command, as its options' values: `key:value`, positions, quotes. Pure; knows no command's meaning. */
import type { Command, Option } from '../command.ts';
import { UserError } from '../errors.ts';
import { plain } from './nearest.ts';

/** Every option's text by its Spanish name. The last text option takes the rest of the line. @throws UserError for a key that there is not. */
export function parseLine(line: string, { options, name }: Pick<Command, 'options' | 'name'>): Record<string, string> {
  const given: Record<string, string> = {};
  const loose: string[] = [];
  let open: string | undefined; // a text option named by key goes on until the next key
  for (const { key, value } of wordsOf(line)) {
    const option = key === undefined ? undefined : optionNamed(key, options);
    if (option !== undefined) { given[option] = value; open = options[option]?.type === 'text' ? option : undefined; }
    else if (key !== undefined && /^[a-z]+$/i.test(key) && Object.keys(options).length > 0 && looksLikeKey(key, value)) throw unknownOption(key, name, options);
    else if (open !== undefined) given[open] = `${given[open] ?? ''} ${key === undefined ? '' : `${key}:`}${value}`.trim();
    else loose.push(key === undefined ? value : `${key}:${value}`);
  }
  return { ...positions(loose, given, options), ...given };
}

interface Word { readonly key?: string; readonly value: string }
function wordsOf(line: string): Word[] {
  return [...line.matchAll(/(?:([\p{L}_]+):)?(?:"([^"]*)"|«([^»]*)»|“([^”]*)”|(\S+))|([\p{L}_]+):(?=\s|$)/gu)].map(([, key, quoted, angled, curled, bare, alone]) => {
    const value = quoted ?? angled ?? curled ?? bare ?? '';
    const name = key ?? alone;
    return name === undefined ? { value } : { key: name, value };
  });
}

const optionNamed = (key: string, options: Command['options']): string | undefined => Object.entries(options).find(([name, { english }]) => [plain(name), plain(english)].includes(plain(key)))?.[0];
/** `http://…` and `10:30` are no keys. */
const looksLikeKey = (key: string, value: string): boolean => value !== '' && !value.startsWith('//') && key.length > 2 && !/^https?$/i.test(key);

function unknownOption(key: string, command: string, options: Command['options']): UserError {
  const known = Object.entries(options);
  return new UserError({
    es: `/${command} no tiene la opción «${key}». Tiene: ${known.map(([name]) => name).join(', ')}. Por ejemplo: /${command} ${known.map(([name]) => `${name}:…`).join(' ')}`,
    en: `/${command} has no option “${key}”. It has: ${known.map(([, { english }]) => english).join(', ')}. For example: /${command} ${known.map(([, { english }]) => `${english}:…`).join(' ')}`,
  });
}

/** Loose words fill the options that are left, in order; the last text option takes all that remain. */
function positions(loose: readonly string[], given: Readonly<Record<string, string>>, options: Command['options']): Record<string, string> {
  const left = Object.entries(options).filter(([name]) => !(name in given));
  const words = [...loose];
  const filled: Record<string, string> = {};
  for (const [index, [name, option]] of left.entries()) {
    if (words.length === 0) break;
    const isLastText = option.type === 'text' && !left.slice(index + 1).some(([, other]) => other.type === 'text' || isRequired(other));
    if (option.type === 'integer' && !/^-?\d+$/.test(words[0] ?? '') && !isRequired(option)) continue;
    filled[name] = isLastText ? words.splice(0).join(' ') : words.shift() ?? '';
  }
  if (words.length > 0) {
    const text = left.findLast(([name, { type }]) => type === 'text' && name in filled) ?? left.findLast(([name]) => name in filled);
    if (text) filled[text[0]] = [filled[text[0]], ...words].join(' ');
  }
  return filled;
}
const isRequired = ({ fallback }: Option): boolean => fallback === undefined;

/** Texts as values of their types, with what is left out. @throws UserError saying what was expected, what came. */
export function valuesOf(given: Readonly<Record<string, string>>, { options, name }: Command, findPersona: (typed: string) => string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).map(([key, option]) => [key, valueOf(given[key], key, option, name, findPersona)]));
}

function valueOf(typed: string | undefined, key: string, option: Option, command: string, findPersona: (typed: string) => string): unknown {
  if (typed === undefined || typed.trim() === '') {
    if (option.fallback !== undefined) return option.fallback;
    throw new UserError({ es: `A /${command} le falta «${key}»: ${option.description.es.toLowerCase()}. Por ejemplo: /${command} ${key}:…`, en: `/${command} needs “${option.english}”: ${option.description.en.toLowerCase()}. For example: /${command} ${option.english}:…` });
  }
  if (option.type === 'persona') return findPersona(typed);
  if (option.type !== 'integer') return typed.slice(0, 300);
  const value = Number(typed);
  const { min = -Infinity, max = Infinity } = option;
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new UserError({ es: `«${key}» debe ser un número entero de ${min} a ${max}; llegó «${typed.slice(0, 40)}».`, en: `“${option.english}” should be a whole number from ${min} to ${max}; got “${typed.slice(0, 40)}”.` });
}
