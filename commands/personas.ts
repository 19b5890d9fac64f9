/** `/personas`: the gallery. */
import { defineCommand, type Language } from '../src/command.ts';
import type { Persona } from '../src/persona/persona.ts';

const origin = ({ version, baseName, isWhole }: Persona, language: Language): string => {
  if (isWhole) return { es: `modelo propio: ${baseName}`, en: `a model of its own: ${baseName}` }[language];
  if (version !== 'base') return { es: `versión ${version}, sobre ${baseName}`, en: `version ${version}, over ${baseName}` }[language];
  return { es: `habla desde la base ${baseName}: todavía no tiene voz entrenada`, en: `speaks from the base ${baseName}: it has no trained voice yet` }[language];
};

const card = (persona: Persona, language: Language): string => [
  `${persona.title} (${persona.id})${persona.line[language] ? ` — ${persona.line[language]}` : ''}`,
  ...(persona.sample ? [persona.sample.trim().split('\n').map((line) => `  «${line}»`).join('\n')] : []),
  `  ${origin(persona, language)}`,
].join('\n');

export default defineCommand({
  english: 'personas',
  description: { es: 'Enseña las voces que hay', en: 'Shows the voices there are' },
  run: (_, { personas, person }) => personas.map((persona) => card(persona, person.language)).join('\n\n'),
});
