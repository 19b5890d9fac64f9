/** What an option may become while it is typed: personas by name, at most 25, from memory. Pure. */
import type { Choice, Command, Completion } from '../command.ts';
import type { Persona } from '../persona/persona.ts';
import { plain } from './nearest.ts';

const most = 25; // Discord's limit
const longest = 100; // characters

export function complete({ command, option, typed }: Completion, commands: readonly Command[], personas: readonly Persona[]): Choice[] {
  const found = commands.find(({ name, english }) => name === command || english === command);
  const asked = Object.entries(found?.options ?? {}).find(([key, { english }]) => key === option || english === option)?.[1];
  if (asked?.type !== 'persona') return [];
  const wanted = plain(typed);
  const rank = ({ id, title }: Persona): number => (plain(title).startsWith(wanted) || plain(id).startsWith(wanted) ? 0 : plain(title).includes(wanted) || plain(id).includes(wanted) ? 1 : 2);
  return personas.filter((persona) => rank(persona) < 2).sort((a, b) => rank(a) - rank(b) || a.title.localeCompare(b.title)).slice(0, most).map(({ id, title }) => ({ name: title.slice(0, longest), value: id }));
}
