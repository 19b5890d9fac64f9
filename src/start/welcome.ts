/** The three lines that greet whoever starts the bot in a terminal. */
import type { Config } from '../config.ts';
import type { Language } from '../errors.ts';
import type { Persona } from '../persona/persona.ts';

export function welcome(personas: readonly Persona[], { PERSONA, DISCORD_TOKEN, TELEGRAM_TOKEN }: Config, language: Language): string[] {
  const current = personas.find(({ id }) => id === PERSONA) ?? personas[0];
  const names = personas.map(({ id }) => id).join(', ');
  const joined = [...(DISCORD_TOKEN ? ['Discord'] : []), ...(TELEGRAM_TOKEN ? ['Telegram'] : [])].join(' & ');
  return language === 'es'
    ? [`Ventrílocuo — habla ${current?.title ?? ''}${joined ? `, también en ${joined}` : ''}`, `Voces: ${names}`, 'Escribe lo que quieras, o /cancion artista:martin_fierro tema:la pampa · /ayuda · Ctrl-C sale']
    : [`Ventrílocuo — ${current?.title ?? ''} speaks${joined ? `, on ${joined} too` : ''}`, `Voices: ${names}`, 'Write anything, or /song artist:martin_fierro theme:la pampa · /help · Ctrl-C leaves'];
}
