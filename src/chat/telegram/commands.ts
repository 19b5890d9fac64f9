/** Commands and descriptions as Telegram's menus show them, per language and scope, sent only when they differ. Knows no update. */
import type { Api } from 'grammy';
import type { BotCommand } from 'grammy/types';
import type { Command, Language } from '../../command.ts';

const descriptions = {
  es: { whole: 'Escribo imitando voces: canciones, versos y respuestas a la manera de alguien. Son imitaciones hechas por una máquina. /ayuda explica qué sé hacer, /privacidad qué guardo.', short: 'Escribo imitando voces. /ayuda' },
  en: { whole: 'I write imitating voices: songs, verses and answers in someone’s manner. They are imitations made by a machine. /help explains what I can do, /privacy what I keep.', short: 'I write imitating voices. /help' },
} as const;

const menuOf = (commands: readonly Command[], language: Language): BotCommand[] => commands.map(({ name, english, description }) => ({ command: language === 'es' ? name : english, description: description[language] }));

export async function register(api: Api, commands: readonly Command[], usual: Language): Promise<boolean> {
  const open = commands.filter(({ who }) => who === 'anyone');
  const languages = [{ language: usual }, { language: 'es' as const, code: 'es' as const }, { language: 'en' as const, code: 'en' as const }];
  let isNew = false;
  for (const { language, code } of languages) {
    const own = code === undefined ? {} : { language_code: code };
    isNew = (await setMenu(api, menuOf(open, language), own)) || isNew;
    if (open.length < commands.length) isNew = (await setMenu(api, menuOf(commands.filter(({ who }) => who !== 'operator'), language), { ...own, scope: { type: 'all_chat_administrators' } })) || isNew;
    if ((await api.getMyDescription(own)).description !== descriptions[language].whole) await api.setMyDescription(descriptions[language].whole, own);
    if ((await api.getMyShortDescription(own)).short_description !== descriptions[language].short) await api.setMyShortDescription(descriptions[language].short, own);
  }
  return isNew;
}

async function setMenu(api: Api, menu: readonly BotCommand[], place: Parameters<Api['getMyCommands']>[0]): Promise<boolean> {
  const there = await api.getMyCommands(place);
  if (JSON.stringify(there.map(({ command, description }) => [command, description])) === JSON.stringify(menu.map(({ command, description }) => [command, description]))) return false;
  await api.setMyCommands(menu, place);
  return true;
}
