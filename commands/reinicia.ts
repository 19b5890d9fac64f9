/** `/reinicia`: forgets this conversation's context. */
import { defineCommand } from '../src/command.ts';

export default defineCommand({
  english: 'forget',
  description: { es: 'Olvida de qué hablábamos aquí', en: 'Forgets what we were talking about here' },
  run(_, { forget, say }) {
    forget();
    return say({ es: 'Borrón y cuenta nueva: ya no recuerdo de qué hablábamos.', en: 'A clean slate: I no longer remember what we were talking about.' });
  },
});
