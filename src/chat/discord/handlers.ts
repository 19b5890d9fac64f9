/** What happens for each thing that arrives: acknowledged at once, answered by the bot, shown as it comes. */
import { ComponentType, MessageFlags, TextInputStyle, type ChatInputCommandInteraction, type Client, type Interaction, type Message, type MessageComponentInteraction, type ModalSubmitInteraction } from 'discord.js';
import { parseButton } from '../../bot/buttons.ts';
import type { Bot, Incoming, Language, Reply } from '../../command.ts';
import { languageOf } from '../../locale.ts';
import type { Log } from '../../log.ts';
import { collect } from '../collect.ts';
import type { deliver } from '../deliver.ts';
import type { Pending } from '../platform.ts';
import { isSpoken } from '../spoken.ts';
import { commandOf, completionOf, mentionOf, pressOf, submissionOf, type Owners } from './incoming.ts';
import { placeOfInteraction, placeOfMessage } from './pending.ts';
import { contentOf } from './render.ts';
import { again, codes, hasCode } from './retry.ts';
import { channelOutlet, interactionOutlet, sinkOver, type Repliable } from './sinks.ts';
import type { Voices } from './voices.ts';

export interface HandlerOptions {
  readonly client: Client<true>;
  readonly bot: Bot;
  readonly owners: Owners;
  readonly pending: Pending;
  readonly log: Log;
  readonly voices: Voices;
  readonly interval: number;
  readonly stopping: AbortSignal;
  readonly answer: (incoming: Incoming, signal: AbortSignal) => Promise<Reply | undefined>;
  readonly deliver: typeof deliver;
}

const typingEvery = 8_000; // milliseconds: Discord shows it for ten
const modalTitle = { es: 'Responde', en: 'Reply' } as const;
const modalLabel = { es: 'Qué le dices', en: 'What you say' } as const;

export function createHandlers({ client, bot, owners, pending, log, voices, interval, answer, deliver: show }: HandlerOptions) {
  const byMessage = new Map<string, AbortController>(); // answers in the making, by the message that asked

  const voiceAt = (channel: string, announced: (name: string) => Promise<void>) => ({ voices, channel, announced });

  /** Answers an interaction whose response is deferred; what a persona says in a server goes through its own voice. */
  async function answerDeferred(interaction: ChatInputCommandInteraction | ModalSubmitInteraction, incoming: Incoming, isPrivate: boolean): Promise<void> {
    const { id, channelId, guildId } = interaction;
    await pending.open(`discord:${id}`, placeOfInteraction(interaction));
    try {
      const reply = await answer(incoming, AbortSignal.any([]));
      if (reply === undefined) return;
      const announced = async (name: string): Promise<void> => { await again(() => interaction.editReply({ content: `🎙 ${name}`, allowedMentions: { parse: [] } })); };
      const voice = !isPrivate && guildId !== null && channelId !== null ? { voice: voiceAt(channelId, announced) } : {};
      const shown = await show(reply, sinkOver(interactionOutlet(interaction, isPrivate), { interval, ...voice }));
      if (shown.length === 0) await again(() => interaction.deleteReply());
    } finally {
      await pending.close(`discord:${id}`);
    }
  }

  async function command(interaction: ChatInputCommandInteraction): Promise<void> {
    const isPrivate = bot.commands.find(({ name }) => name === interaction.commandName)?.isPrivate === true;
    const deferred = acknowledge(() => interaction.deferReply(isPrivate ? { flags: MessageFlags.Ephemeral } : {}));
    if (await deferred) await answerDeferred(interaction, commandOf(interaction, owners), isPrivate);
  }

  async function press(interaction: MessageComponentInteraction): Promise<void> {
    if (parseButton(interaction.customId)?.verb === 'responde') { await openModal(interaction, languageOf(interaction.locale, owners.language)); return; }
    if (!(await acknowledge(() => interaction.deferUpdate()))) return;
    const reply = await answer(pressOf(interaction, owners), AbortSignal.any([]));
    if (reply === undefined) return;
    const { isPersona, parts } = await isSpoken(reply);
    if (!isPersona) return whisper(interaction, parts);
    const channel = interaction.channel;
    const outlet = channel?.isSendable() ? channelOutlet(channel, interaction.message.flags.has(MessageFlags.Ephemeral) ? undefined : interaction.message) : interactionOutlet(interaction, false);
    const voice = interaction.guildId !== null ? { voice: voiceAt(interaction.channelId, async () => undefined) } : {};
    await show(parts, sinkOver(outlet, { interval, ...voice }));
  }

  /** Only the person who pressed sees it. */
  async function whisper(interaction: Repliable, reply: Reply): Promise<void> {
    const { text } = await collect(reply);
    if (text !== '') await again(() => interaction.followUp({ content: contentOf({ text, label: '', buttons: [] }), flags: MessageFlags.Ephemeral, allowedMentions: { parse: [] } }));
  }

  async function submission(interaction: ModalSubmitInteraction): Promise<void> {
    if (await acknowledge(() => interaction.deferReply())) await answerDeferred(interaction, submissionOf(interaction, owners), false);
  }

  async function message(received: Message): Promise<void> {
    const incoming = mentionOf(received, client.user.id, owners);
    if (!incoming || !received.channel.isSendable()) return;
    const { channel } = received;
    const abort = new AbortController();
    byMessage.set(received.id, abort);
    const typing = setInterval(() => void channel.sendTyping().catch(() => undefined), typingEvery);
    void channel.sendTyping().catch(() => undefined);
    await pending.open(`discord:${received.id}`, placeOfMessage(received));
    try {
      const reply = await answer(incoming, abort.signal);
      const voice = received.inGuild() ? { voice: voiceAt(received.channelId, async () => undefined) } : {};
      if (reply !== undefined) await show(stopTyping(reply, () => clearInterval(typing)), sinkOver(channelOutlet(channel, received), { interval, ...voice }));
    } catch (cause) {
      if (!hasCode(cause, codes.missingPermissions, codes.missingAccess, codes.unknownChannel, codes.cannotDirectMessage)) throw cause;
      log.info({ channel: received.channelId }, 'may not write here');
    } finally {
      clearInterval(typing);
      byMessage.delete(received.id);
      await pending.close(`discord:${received.id}`);
    }
  }

  /** The three seconds are Discord's: nothing is awaited before. False when it came too late or was answered already. */
  async function acknowledge(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await again(work);
      return true;
    } catch (cause) {
      if (hasCode(cause, codes.alreadyAcknowledged)) return true;
      if (!hasCode(cause, codes.unknownInteraction)) throw cause;
      log.warn('an interaction expired before it could be acknowledged');
      return false;
    }
  }

  return {
    message,
    async interaction(interaction: Interaction): Promise<void> {
      if (interaction.isAutocomplete()) { await interaction.respond(bot.complete(completionOf(interaction, owners))).catch(() => undefined); return; }
      if (interaction.isChatInputCommand()) return command(interaction);
      if (interaction.isMessageComponent()) return press(interaction);
      if (interaction.isModalSubmit()) return submission(interaction);
    },
    /** Who asked took it back. */
    deleted: (id: string): void => { byMessage.get(id)?.abort(); },
  };
}

async function* stopTyping(reply: Reply, stop: () => void) {
  if (typeof reply === 'string') { stop(); yield { append: reply }; return; }
  for await (const part of reply) { if ('append' in part) stop(); yield part; }
}

async function openModal(interaction: MessageComponentInteraction, language: Language): Promise<void> {
  await again(() => interaction.showModal({
    custom_id: interaction.customId, title: modalTitle[language],
    components: [{ type: ComponentType.ActionRow, components: [{ type: ComponentType.TextInput, custom_id: 'text', style: TextInputStyle.Paragraph, label: modalLabel[language], max_length: 1000, required: true }] }],
  }));
}
