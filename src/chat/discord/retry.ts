/** Tries again what a bad network or a tired server broke, where trying again cannot double anything. Knows no message. */
import { DiscordAPIError, HTTPError } from 'discord.js';
import { setTimeout as pause } from 'node:timers/promises';

const attempts = 4;
const firstPause = 250; // milliseconds; doubled each time

/** A dropped connection (discord.js does not retry it) or a 5xx (which it retries at once, without waiting). */
const isPassing = (cause: unknown): boolean => (cause instanceof HTTPError ? cause.status >= 500 : cause instanceof Error && !(cause instanceof DiscordAPIError));

export async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (cause) {
      if (attempt === attempts || !isPassing(cause)) throw cause;
      await pause(firstPause * 2 ** (attempt - 1));
    }
  }
}

/** Discord's JSON error codes that this bot meets (discord.com/developers/docs/topics/opcodes-and-status-codes). */
export const codes = { unknownChannel: 10003, unknownMessage: 10008, unknownWebhook: 10015, unknownInteraction: 10062, alreadyAcknowledged: 40060, missingAccess: 50001, missingPermissions: 50013, cannotDirectMessage: 50007, invalidToken: 50027, tooManyWebhooks: 30007 } as const;
export const hasCode = (cause: unknown, ...wanted: readonly number[]): boolean => cause instanceof DiscordAPIError && wanted.includes(Number(cause.code));
