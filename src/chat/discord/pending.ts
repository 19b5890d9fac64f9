/** Answers that a crash left unfinished end with an apology at the next start. */
import { Routes, type Client, type Message } from 'discord.js';
import type { Log } from '../../log.ts';
import type { Pending } from '../platform.ts';
import type { Repliable } from './sinks.ts';

type Place = { readonly kind: 'interaction'; readonly application: string; readonly token: string } | { readonly kind: 'message'; readonly channel: string; readonly message: string };
const spell = (place: Place): string => JSON.stringify(place);
export const placeOfInteraction = ({ applicationId, token }: Repliable): string => spell({ kind: 'interaction', application: applicationId, token });
export const placeOfMessage = ({ channelId, id }: Message): string => spell({ kind: 'message', channel: channelId, message: id });

const apology = 'Me reiniciaron antes de terminar esta respuesta. Perdón: pídemela otra vez.\n-# I was restarted before I finished this answer. Sorry: please ask again.';

/** What an earlier run left: read before anything new can come in. */
export type Left = Awaited<ReturnType<Pending['left']>>;

/** Best effort, each by itself: a token lives for 15 minutes, a message may be gone. */
export async function apologise(client: Client<true>, left: Left, pending: Pending, log: Log): Promise<void> {
  for (const { delivery, place } of left) {
    await tell(client, JSON.parse(place) as Place).catch((cause: unknown) => log.info({ cause, delivery }, 'nobody left to apologise to'));
    await pending.close(delivery);
  }
}

async function tell(client: Client<true>, place: Place): Promise<void> {
  const body = { content: apology, components: [], allowed_mentions: { parse: [] } };
  if (place.kind === 'interaction') await client.rest.patch(Routes.webhookMessage(place.application, place.token), { body, auth: false });
  else await client.rest.post(Routes.channelMessages(place.channel), { body: { ...body, message_reference: { message_id: place.message, fail_if_not_exists: false }, nonce: place.message, enforce_nonce: true } });
}
