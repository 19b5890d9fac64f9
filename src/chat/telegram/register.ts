/** What Telegram shows of the bot: its commands by scope and language, its descriptions. Changed only where they differ. Knows no conversation. */
import type { Api } from 'grammy';
import type { BotCommand, LanguageCode } from 'grammy/types';
import type { Command, Language } from '../../command.ts';
import { description, shortDescription } from './words.ts';

const scopes = ['all_private_chats', 'all_group_chats', 'all_chat_administrators'] as const;
type Scope = (typeof scopes)[number];
/** '' is for whoever has another language. */
const languages = ['', 'es', 'en'] as const satisfies readonly (LanguageCode | '')[];
type Tag = (typeof languages)[number];

export async function register(api: Api, commands: readonly Command[], usual: Language): Promise<void> {
  for (const tag of languages) for (const scope of scopes) await registerCommands(api, listed(commands, scope, tag || usual), scope, tag);
  for (const tag of languages) await describe(api, tag || usual, tag);
}

/** Administrators see their commands in groups; in private everyone rules their own chat; operators' commands are not advertised. */
export function listed(commands: readonly Command[], scope: Scope, language: Language): BotCommand[] {
  const isShown = ({ who }: Command): boolean => who === 'anyone' || (who === 'administrator' && scope !== 'all_group_chats');
  return commands.filter(isShown).map(({ name, english, description: words }) => ({ command: language === 'es' ? name : english, description: words[language] }));
}

async function registerCommands(api: Api, wanted: readonly BotCommand[], type: Scope, tag: Tag): Promise<void> {
  const where = { scope: { type }, ...(tag ? { language_code: tag } : {}) };
  const there = await api.getMyCommands(where).catch(() => []); // a server that cannot tell is told
  if (spell(there) !== spell(wanted)) await api.setMyCommands(wanted, where);
}

const spell = (list: readonly BotCommand[]): string => JSON.stringify(list.map(({ command, description: words }) => [command, words]));

async function describe(api: Api, language: Language, tag: Tag): Promise<void> {
  const where = tag ? { language_code: tag } : {};
  const [long, short] = [description[language], shortDescription[language]];
  if ((await api.getMyDescription(where)).description !== long) await api.setMyDescription(long, where);
  if ((await api.getMyShortDescription(where)).short_description !== short) await api.setMyShortDescription(short, where);
}
