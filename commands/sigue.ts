/** `/sigue`: more of the last answer. */
import { defineCommand } from '../src/command.ts';

export default defineCommand({
  english: 'more',
  description: { es: 'Continúa la última respuesta', en: 'Continues the last answer' },
  run: (_, { more }) => more(),
});
