/** `/ayuda`: what there is, with an example each person can copy. */
import { defineCommand, type Command, type Language } from '../src/command.ts';

function usage({ name, english, options, description }: Command, language: Language): string {
  const names = Object.entries(options).map(([key, option]) => { const one = language === 'es' ? key : option.english; return option.fallback === undefined ? `${one}:…` : `[${one}:…]`; });
  return `/${language === 'es' ? name : english}${names.map((one) => ` ${one}`).join('')} — ${description[language]}`;
}

export default defineCommand({
  english: 'help',
  aliases: ['start'],
  description: { es: 'Explica qué sé hacer', en: 'Explains what I can do' },
  isPrivate: true,
  async run(_, { commands, person, say, personas, current }) {
    const { title } = await current();
    const singer = personas.find(({ kind }) => kind === 'lyrics') ?? personas[0];
    return [
      say({ es: `Soy un ventrílocuo: escribo imitando voces. Aquí habla ${title}. Escríbeme (en un grupo, mencióname) y te contesta.`, en: `I am a ventriloquist: I write imitating voices. Here speaks ${title}. Write to me (in a group, mention me) and it answers.` }),
      say({ es: `Por ejemplo: /cancion artista:${singer?.id ?? ''} tema:la pampa`, en: `For example: /song artist:${singer?.id ?? ''} theme:la pampa` }),
      '',
      ...commands.map((command) => usage(command, person.language)),
    ].join('\n');
  },
});
