/** Personas under their own name and picture: a webhook each while a channel has room (it holds 15), then one that they share. */
import { PermissionFlagsBits, type Client, type Webhook } from 'discord.js';
import { readFile } from 'node:fs/promises';
import { button } from '../../bot/buttons.ts';
import type { Language, Speaker } from '../../command.ts';
import type { Log } from '../../log.ts';
import { drawAvatar } from '../avatar.ts';
import type { Message } from '../deliver.ts';
import { payloadOf } from './render.ts';
import { again, codes, hasCode } from './retry.ts';
import type { Outlet } from './sinks.ts';

export interface Voices {
  /** Undefined where the bot may not manage webhooks. */
  outlet(channel: string, speaker: Speaker): Promise<Outlet | undefined>;
}

const sharedName = 'Ventrílocuo';
/** Discord refuses names with these words in them. */
const allowedName = (name: string): string => name.replace(/discord|clyde|wumpus/gi, (word) => `${word[0] ?? ''}·${word.slice(1)}`).slice(0, 80);

export function createVoices(client: Client<true>, language: Language, log: Log): Voices {
  const known = new Map<string, Map<string, Webhook>>(); // channel → name → webhook

  /** A thread speaks through its parent's webhooks. */
  function placeOf(id: string) {
    const channel = client.channels.cache.get(id);
    const thread = channel?.isThread() ? channel : undefined;
    const parent = thread ? thread.parent : channel;
    if (!parent || !('createWebhook' in parent) || !('guild' in parent)) return undefined;
    const me = parent.guild.members.me;
    const may = me && parent.permissionsFor(me).has(PermissionFlagsBits.ManageWebhooks | PermissionFlagsBits.ViewChannel);
    return may ? { parent, threadId: thread?.id } : undefined;
  }
  type Place = NonNullable<ReturnType<typeof placeOf>>;

  async function ours(parent: Place['parent']): Promise<Map<string, Webhook>> {
    const found = known.get(parent.id);
    if (found) return found;
    const all = await again(() => parent.fetchWebhooks());
    const mine = new Map([...all.values()].filter((webhook) => webhook.token !== null && (webhook.applicationId === client.application.id || webhook.owner?.id === client.user.id)).map((webhook) => [webhook.name, webhook] as const));
    known.set(parent.id, mine);
    return mine;
  }
  async function webhookFor(parent: Place['parent'], speaker: Speaker): Promise<Webhook | undefined> {
    const there = await ours(parent);
    const name = allowedName(speaker.name);
    const found = there.get(name);
    if (found) return found;
    const avatar = speaker.avatar ? await readFile(speaker.avatar) : await drawAvatar(speaker.id, speaker.name);
    const made = await parent.createWebhook({ name, avatar }).catch((cause: unknown) => { if (hasCode(cause, codes.tooManyWebhooks)) return undefined; throw cause; });
    if (made) there.set(name, made);
    return made ?? there.get(sharedName) ?? [...there.values()][0];
  }

  return {
    async outlet(channel, speaker) {
      const place = placeOf(channel);
      if (!place) return undefined;
      try {
        const webhook = await webhookFor(place.parent, speaker);
        return webhook && webhookOutlet(webhook, speaker, place.threadId, () => known.delete(place.parent.id));
      } catch (cause) {
        log.warn({ cause, channel }, 'no webhook here: speaking under the bot’s own name');
        known.delete(place.parent.id);
        return undefined;
      }
    },
  };

  function webhookOutlet(webhook: Webhook, speaker: Speaker, threadId: string | undefined, gone: () => void): Outlet {
    const thread = threadId === undefined ? {} : { threadId };
    const payload = (message: Message) => {
      const buttons = message.answer === undefined ? message.buttons : [...message.buttons, button('responde', message.answer, '*', language)];
      return { ...payloadOf({ ...message, buttons }), ...thread };
    };
    const send = async (body: object): Promise<string> => {
      try { return (await webhook.send({ username: allowedName(speaker.name), ...body })).id; } catch (cause) { if (hasCode(cause, codes.unknownWebhook)) gone(); throw cause; }
    };
    return {
      post: (message) => send(payload(message)),
      edit: async (handle, message) => { await again(() => webhook.editMessage(handle, payload(message))); },
      remove: async (handle) => { await again(() => webhook.deleteMessage(handle, threadId)); },
      attach: async ({ bytes, name, alt }) => { await send({ files: [{ attachment: Buffer.from(bytes), name, ...(alt ? { description: alt } : {}) }], allowedMentions: { parse: [] }, ...thread }); },
    };
  }
}
