/** `/otra`: the last answer once more, with another seed. */
import { defineCommand } from '../src/command.ts';

export default defineCommand({
  english: 'again',
  description: { es: 'Repite la última petición con otras palabras', en: 'Answers your last request again in other words' },
  run: (_, { again }) => again(),
});
