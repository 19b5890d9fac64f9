/** `/cancion`: a song in an artist's manner. */
import { defineCommand, integer, persona, text } from '../src/command.ts';

export default defineCommand({
  english: 'song',
  description: { es: 'Escribe una canción al estilo de un artista', en: 'Writes a song in an artist’s manner' },
  options: {
    artista: persona({ english: 'artist', es: 'Quién canta', en: 'Who sings' }),
    tema: text({ english: 'theme', es: 'De qué trata', en: 'What it is about' }, ''),
    estrofas: integer({ english: 'verses', es: 'Cuántas estrofas, además del estribillo', en: 'How many verses, beside the chorus' }, { min: 1, max: 6, fallback: 2 }),
  },
  run: ({ artista, tema, estrofas }, { speak }) => speak(artista, { form: 'song', about: tema, length: estrofas }),
});
