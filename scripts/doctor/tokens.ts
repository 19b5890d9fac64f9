/** The platforms' tokens: are they good, and is everything set as the bot needs it. */
import type { Config } from '../../src/config.ts';
import { checkDiscord } from '../../src/chat/discord/check.ts';
import { checkTelegram } from '../../src/chat/telegram/check.ts';
import { fail, ok, warn, type Check } from './check.ts';

export async function discordChecks({ DISCORD_TOKEN, DISCORD_API_URL }: Config): Promise<Check[]> {
  if (!DISCORD_TOKEN) return [ok('discord', 'off: DISCORD_TOKEN is not set')];
  const found = await checkDiscord(DISCORD_TOKEN, DISCORD_API_URL);
  if (!found.isValid) return [found.isReachable ? fail('discord', 'the token is not valid', found.reason) : fail('discord', 'the token could not be checked', found.reason)];
  return [
    ok('discord', `the token is ${found.name}’s; no privileged intent is needed`),
    found.needsCodeGrant ? fail('discord invite', 'the application requires an OAuth2 code grant', 'turn «Requires OAuth2 Code Grant» off under discord.com/developers → Bot') : ok('discord invite', `${found.invite}${found.isPublic ? '' : ' (for its owner only: the bot is not public)'}`),
  ];
}

export async function telegramChecks({ TELEGRAM_TOKEN, TELEGRAM_API_ROOT }: Config): Promise<Check[]> {
  if (!TELEGRAM_TOKEN) return [ok('telegram', 'off: TELEGRAM_TOKEN is not set')];
  const found = await checkTelegram(TELEGRAM_TOKEN, TELEGRAM_API_ROOT);
  if (!found.isValid) return [found.isReachable ? fail('telegram', 'the token is not valid', found.reason) : fail('telegram', 'the token could not be checked', found.reason)];
  return [
    ok('telegram', `the token is @${found.username}’s: ${found.link}`),
    ok('telegram invite', found.groupLink),
    found.isPrivacyOn ? warn('telegram privacy', 'privacy mode is on: in groups the bot hears commands and replies to it, not mentions', 't.me/BotFather → /setprivacy → Disable, then take the bot out of its groups and bring it back; or make it an administrator; or leave it so') : ok('telegram privacy', 'privacy mode is off: mentions in groups reach the bot'),
    found.isInlineOn ? ok('telegram inline', 'on') : warn('telegram inline', 'off: @' + found.username + ' cannot be used in other chats', 't.me/BotFather → /setinline, if you want it'),
  ];
}
