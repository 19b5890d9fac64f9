/** Where answers go on Discord: an interaction's response, a reply to a message, a persona's webhook. Each falls back to the next when it is refused. */
import { randomBytes } from 'node:crypto';
import type { ChatInputCommandInteraction, Message as DiscordMessage, MessageComponentInteraction, ModalSubmitInteraction, SendableChannels } from 'discord.js';
import type { Attachment, Message, Sink } from '../deliver.ts';
import { payloadOf, textLimit } from './render.ts';
import { again, codes, hasCode } from './retry.ts';
import type { Voices } from './voices.ts';

export type Repliable = ChatInputCommandInteraction | MessageComponentInteraction | ModalSubmitInteraction;
/** A place that takes messages of the bot's own. */
interface Outlet { post(message: Message): Promise<string>; edit(handle: string, message: Message): Promise<void>; remove(handle: string): Promise<void>; attach(attachment: Attachment): Promise<void> }

const nameRoom = 90; // characters kept for the persona's name above an answer
const nonce = (): string => randomBytes(12).toString('hex'); // with enforceNonce: a message sent twice stands once
const fileOf = ({ bytes, name, alt }: Attachment) => ({ attachment: Buffer.from(bytes), name, ...(alt ? { description: alt } : {}) });

/** Messages in a channel; the first one replies to `to`. */
export function channelOutlet(channel: SendableChannels, to?: DiscordMessage): Outlet {
  let isFirst = true;
  const send = async (payload: object): Promise<string> => {
    const reference = isFirst && to ? { reply: { messageReference: to.id, failIfNotExists: false } } : {};
    isFirst = false;
    const key = nonce();
    return again(async () => (await channel.send({ ...payload, ...reference, nonce: key, enforceNonce: true })).id);
  };
  return {
    post: (message) => send(payloadOf(message, message.speaker?.name)),
    edit: async (handle, message) => { await again(() => channel.messages.edit(handle, payloadOf(message, message.speaker?.name))); },
    remove: async (handle) => { await again(() => channel.messages.delete(handle)); },
    attach: async (attachment) => { await send({ files: [fileOf(attachment)], allowedMentions: { parse: [] } }); },
  };
}

/** An interaction's deferred response first, then follow-ups; when its token has expired (15 minutes), the channel. */
export function interactionOutlet(interaction: Repliable, isPrivate: boolean): Outlet {
  const flags = isPrivate ? { flags: 64 as const } : {}; // ephemeral
  let original: string | undefined;
  const outside = (): Outlet | undefined => (interaction.channel?.isSendable() && !isPrivate ? channelOutlet(interaction.channel) : undefined);
  const moved = new Map<string, { outlet: Outlet; handle: string }>();
  async function elsewhere<T>(cause: unknown, then: (outlet: Outlet) => Promise<T>): Promise<T> {
    const outlet = outside();
    if (!outlet || !hasCode(cause, codes.invalidToken, codes.unknownWebhook, codes.unknownMessage)) throw cause;
    return then(outlet);
  }
  return {
    async post(message) {
      const payload = payloadOf(message, message.speaker?.name);
      try {
        if (original === undefined) { await again(() => interaction.editReply(payload)); return (original = '@original'); }
        return (await again(() => interaction.followUp({ ...payload, ...flags }))).id;
      } catch (cause) {
        return elsewhere(cause, (outlet) => outlet.post(message));
      }
    },
    async edit(handle, message) {
      const there = moved.get(handle);
      if (there) return there.outlet.edit(there.handle, message);
      await again(() => interaction.webhook.editMessage(handle, payloadOf(message, message.speaker?.name))).catch((cause: unknown) => elsewhere(cause, async (outlet) => { moved.set(handle, { outlet, handle: await outlet.post(message) }); }));
    },
    remove: async (handle) => { await again(() => interaction.webhook.deleteMessage(handle)); },
    attach: async (attachment) => { await again(() => interaction.followUp({ files: [fileOf(attachment)], allowedMentions: { parse: [] }, ...flags })); },
  };
}

/** The persona's own voice where there is one, else the outlet under the bot's name. The choice is made at the first message and kept. */
export function sinkOver(outlet: Outlet, options: { interval: number; voice?: { voices: Voices; channel: string; announced: (name: string) => Promise<void> } }): Sink {
  let chosen: Outlet | undefined;
  async function choose(message: Message): Promise<{ outlet: Outlet; handle: string }> {
    const { voice } = options;
    if (voice && message.speaker) {
      const webhook = await voice.voices.outlet(voice.channel, message.speaker);
      const handle = await webhook?.post(message).catch(() => undefined);
      if (webhook && handle !== undefined) { await voice.announced(message.speaker.name).catch(() => undefined); return { outlet: webhook, handle }; }
    }
    return { outlet, handle: await outlet.post(message) };
  }
  return {
    limit: textLimit - nameRoom, interval: options.interval,
    async post(message) {
      if (chosen) return chosen.post(message);
      const first = await choose(message);
      chosen = first.outlet;
      return first.handle;
    },
    edit: (handle, message) => (chosen ?? outlet).edit(handle, message),
    remove: (handle) => (chosen ?? outlet).remove(handle),
    attach: (attachment) => (chosen ?? outlet).attach(attachment),
  };
}
export type { Outlet };
