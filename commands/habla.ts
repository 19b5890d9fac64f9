/** `/habla`: a persona speaks about something. */
import { defineCommand, persona, text } from '../src/command.ts';

export default defineCommand({
  english: 'speak',
  description: { es: 'Habla de algo con la voz de alguien', en: 'Speaks about something in someone’s voice' },
  options: {
    tema: text({ english: 'theme', es: 'De qué habla', en: 'What it speaks about' }, ''),
    voz: persona({ english: 'voice', es: 'Quién habla; si no, la voz de este chat', en: 'Who speaks; else this chat’s voice' }, ''),
  },
  run: ({ voz, tema }, { speak }) => speak(voz, { form: 'speech', about: tema }),
});
