/** `/privacidad`: what is kept, what is not, and how to have it erased. */
import { defineCommand } from '../src/command.ts';

export default defineCommand({
  english: 'privacy',
  description: { es: 'Qué guardo y qué no', en: 'What I keep and what I do not' },
  isPrivate: true,
  run: (_, { say }) => say({
    es: [
      'Lo que me escribes no se guarda: está en memoria mientras hablamos, se borra solo a los pocos minutos (o con /reinicia) y no sirve para entrenar nada.',
      'En la base de datos hay: la voz elegida en cada chat; qué mensajes ya contesté (solo su número, dos días); cómo se hizo cada respuesta (voz, versión, semilla y ajustes, sin su texto); y los 👍 👎, uno por persona y respuesta.',
      'Si sacas al bot de un chat, lo que guardaba de ese chat se borra. Para borrar tus votos, pídeselo a quien lleva este bot.',
      'Lo que escribo es una imitación hecha por una máquina: no lo dijo nadie.',
    ].join('\n'),
    en: [
      'What you write to me is not kept: it stays in memory while we talk, goes by itself after some minutes (or with /forget), and trains nothing.',
      'The database holds: the voice chosen in each chat; which messages I have answered (their number only, two days); how each answer was made (voice, version, seed and settings, without its text); and the 👍 👎, one a person and answer.',
      'If you remove the bot from a chat, what it kept of it is erased. To have your votes erased, ask whoever runs this bot.',
      'What I write is an imitation made by a machine: nobody said it.',
    ].join('\n'),
  }),
});
