/** `/para`: stops what is being written for you here. */
import { defineCommand } from '../src/command.ts';

export default defineCommand({
  english: 'stop',
  aliases: ['cancel'],
  description: { es: 'Para lo que te estoy escribiendo', en: 'Stops what I am writing for you' },
  isPrivate: true,
  run(_, { stop, say }) {
    const count = stop();
    if (count === 0) return say({ es: 'No te estoy escribiendo nada aquí.', en: 'I am not writing anything for you here.' });
    return say({ es: 'Parado.', en: 'Stopped.' });
  },
});
