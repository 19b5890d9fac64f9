/** Who someone is to the bot: their name, language and role in a chat. Knows no messages' words. */
import { GrammyError, type Api } from 'grammy';
import type { Chat as TelegramChat, User } from 'grammy/types';
import type { Chat, Language, Person, Role } from '../../command.ts';
import { languageOf } from '../../locale.ts';
import { createMemory } from '../../bot/memory.ts';

export interface Sender { readonly user: User; readonly isAnonymousAdministrator: boolean }
export type People = ReturnType<typeof createPeople>;

const minute = 60_000; // milliseconds that a role is believed
const rulers = ['creator', 'administrator'];

export function createPeople({ api, operators, language }: { readonly api: Api; readonly operators: readonly string[]; readonly language: Language }) {
  const known = createMemory<Promise<boolean>>(5_000, minute);

  /** getChatMember is only sure to work for a bot that is an administrator itself; the list of administrators works for all. */
  async function isRuler(chat: number, user: number): Promise<boolean> {
    try {
      return rulers.includes((await api.getChatMember(chat, user)).status);
    } catch (cause) {
      if (!(cause instanceof GrammyError)) throw cause;
      return (await api.getChatAdministrators(chat)).some((member) => member.user.id === user);
    }
  }
  function rules(chat: number, user: number): Promise<boolean> {
    const key = `${chat}/${user}`;
    const asked = known.get(key) ?? isRuler(chat, user).catch(() => false);
    if (!known.get(key)) known.set(key, asked);
    return asked;
  }
  async function roleOf({ user, isAnonymousAdministrator }: Sender, chat: TelegramChat): Promise<Role> {
    if (operators.includes(`telegram:${user.id}`)) return 'operator';
    if (chat.type === 'private' || isAnonymousAdministrator) return 'administrator';
    return (await rules(chat.id, user.id)) ? 'administrator' : 'anyone';
  }
  return {
    async person(sender: Sender, chat: TelegramChat): Promise<Person> {
      const { user, isAnonymousAdministrator } = sender;
      return {
        id: `telegram:${isAnonymousAdministrator ? chat.id : user.id}`,
        name: isAnonymousAdministrator ? (chat.title ?? user.first_name) : [user.first_name, user.last_name].filter(Boolean).join(' '),
        language: isAnonymousAdministrator ? language : languageOf(user.language_code, language),
        role: await roleOf(sender, chat),
      };
    },
    /** Telegram does not say a group's language. */
    chat: ({ id, type }: TelegramChat, person: Person): Chat => ({ id: `telegram:${id}`, group: type !== 'private', language: type === 'private' ? person.language : language }),
    /** Someone's rank changed. */
    forget: (chat: number, user: number): void => known.delete(`${chat}/${user}`),
  };
}
