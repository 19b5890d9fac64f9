/** What doctor and the wizard ask of Discord: is the token good, whose is it, how is the bot invited. Starts nothing. */
import { z } from 'zod';
import { inviteLink } from './invite.ts';

export type DiscordCheck =
  | { readonly isValid: true; readonly name: string; readonly invite: string; /** Others than its owner may invite it. */ readonly isPublic: boolean; /** Inviting it would ask for a code grant, which nobody answers. */ readonly needsCodeGrant: boolean }
  | { readonly isValid: false; readonly isReachable: boolean; readonly reason: string };

const patience = 10_000; // milliseconds
/** The application as it describes itself; older servers know it under OAuth2 only. */
const routes = ['applications/@me', 'oauth2/applications/@me'] as const;
const application = z.object({ id: z.string(), name: z.string().default(''), bot_public: z.boolean().default(true), bot_require_code_grant: z.boolean().default(false) });

export async function checkDiscord(token: string, apiUrl: string): Promise<DiscordCheck> {
  for (const route of routes) {
    const response = await fetch(`${apiUrl.replace(/\/+$/, '')}/v10/${route}`, { headers: { authorization: `Bot ${token}` }, signal: AbortSignal.timeout(patience) }).catch(() => undefined);
    if (response === undefined) break;
    if (response.status === 401 || response.status === 403) return { isValid: false, isReachable: true, reason: 'DISCORD_TOKEN: Discord does not know this token; take a new one from discord.com/developers → Bot → Reset Token and set it in .env' };
    const { data } = application.safeParse(response.ok ? await response.json().catch(() => undefined) : undefined);
    if (data) return { isValid: true, name: data.name, invite: inviteLink(data.id), isPublic: data.bot_public, needsCodeGrant: data.bot_require_code_grant };
  }
  return { isValid: false, isReachable: false, reason: `DISCORD_API_URL: expected Discord’s API at ${new URL(apiUrl).origin}, but it did not answer: check the address and the connection` };
}
