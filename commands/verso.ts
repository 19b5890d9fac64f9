/** `/verso`: one stanza, laid out as verse. */
import { defineCommand, persona, text } from '../src/command.ts';

export default defineCommand({
  english: 'verse',
  description: { es: 'Escribe una estrofa', en: 'Writes a stanza' },
  options: {
    tema: text({ english: 'theme', es: 'De qué trata', en: 'What it is about' }, ''),
    voz: persona({ english: 'voice', es: 'Quién la escribe; si no, la voz de este chat', en: 'Who writes it; else this chat’s voice' }, ''),
  },
  run: ({ voz, tema }, { speak }) => speak(voz, { form: 'verse', about: tema }),
});
