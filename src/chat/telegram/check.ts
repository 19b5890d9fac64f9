/** What doctor asks of Telegram: is the token good, what can the bot see, where is it found. Starts nothing. */
import { setTimeout as rest } from 'node:timers/promises';
import { setupFault, createClient } from './client.ts';
import { createHomes } from './homes.ts';

export type TelegramCheck =
  | { readonly isValid: true; readonly username: string; readonly link: string; readonly groupLink: string; /** Groups show it commands and replies only. */ readonly isPrivacyOn: boolean; readonly isInlineOn: boolean }
  | { readonly isValid: false; readonly isReachable: boolean; readonly reason: string };

const patience = 10_000; // milliseconds

export async function checkTelegram(token: string, apiRoot: string): Promise<TelegramCheck> {
  const { api } = createClient({ token, apiRoot, homes: createHomes(async () => undefined), retry: 0, watch: () => undefined });
  try {
    const late = rest(patience, undefined, { ref: false }).then(() => { throw new Error('no answer'); });
    const { username, can_read_all_group_messages, supports_inline_queries } = await Promise.race([api.getMe(), late]);
    const link = `https://t.me/${username}`;
    return { isValid: true, username, link, groupLink: `${link}?startgroup=hola`, isPrivacyOn: !can_read_all_group_messages, isInlineOn: supports_inline_queries };
  } catch (cause) {
    const fault = setupFault(cause);
    return { isValid: false, isReachable: fault !== undefined, reason: fault?.message ?? `TELEGRAM_API_ROOT: expected Telegram’s API at ${new URL(apiRoot).origin}, but it did not answer: check the address and the connection` };
  }
}
