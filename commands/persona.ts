/** `/persona`: sees or sets the voice of this chat. In a group its administrators set it. */
import { defineCommand, persona } from '../src/command.ts';
import { UserError } from '../src/errors.ts';

export default defineCommand({
  english: 'voice',
  description: { es: 'Dice qué voz tiene este chat, o la cambia', en: 'Says which voice this chat has, or changes it' },
  options: { voz: persona({ english: 'voice', es: 'La voz nueva', en: 'The new voice' }, '') },
  async run({ voz }, { say, current, choose, chat, person }) {
    if (voz === '') {
      const { title, id } = await current();
      return say({ es: `Aquí habla ${title} (${id}). Para cambiarla: /persona voz:… · /personas las enseña.`, en: `Here speaks ${title} (${id}). To change it: /voice voice:… · /personas shows them.` });
    }
    if (chat.group && person.role === 'anyone') throw new UserError({ es: 'En un grupo, la voz la cambia un administrador.', en: 'In a group, an administrator changes the voice.' });
    const { title } = await choose(voz);
    return say({ es: `Desde ahora aquí habla ${title}.`, en: `From now on ${title} speaks here.` });
  },
});
