/** What arrives from Discord, in the bot's own words. Knows no answer. */
import { PermissionFlagsBits, type AutocompleteInteraction, type ChatInputCommandInteraction, type Message, type MessageComponentInteraction, type ModalSubmitInteraction } from 'discord.js';
import type { Chat, CommandCall, Completion, Language, Mention, Person, Press, Role, Submission } from '../../command.ts';
import { languageOf } from '../../locale.ts';

export interface Owners { readonly operators: readonly string[]; readonly language: Language }
type Interaction = ChatInputCommandInteraction | MessageComponentInteraction | ModalSubmitInteraction;

function roleOf(id: string, isAdministrator: boolean, { operators }: Owners): Role {
  if (operators.includes(`discord:${id}`)) return 'operator';
  return isAdministrator ? 'administrator' : 'anyone';
}

function arrivalOf(interaction: Interaction, owners: Owners): { platform: 'discord'; delivery: string; chat: Chat; person: Person } {
  const { user, guildId, channelId } = interaction;
  const language = languageOf(interaction.locale, owners.language);
  const isAdministrator = guildId === null || interaction.memberPermissions?.has(PermissionFlagsBits.ManageGuild) === true;
  return {
    platform: 'discord', delivery: interaction.id,
    chat: { id: `discord:${channelId ?? user.id}`, group: guildId !== null, language: guildId === null ? language : languageOf(interaction.guildLocale ?? undefined, owners.language) },
    person: { id: `discord:${user.id}`, name: user.displayName, language, role: roleOf(user.id, isAdministrator, owners) },
  };
}

export function commandOf(interaction: ChatInputCommandInteraction, owners: Owners): CommandCall {
  const options = Object.fromEntries(interaction.options.data.map(({ name, value }) => [name, String(value ?? '')]));
  return { ...arrivalOf(interaction, owners), kind: 'command', name: interaction.commandName, options };
}
export const pressOf = (interaction: MessageComponentInteraction, owners: Owners): Press => ({ ...arrivalOf(interaction, owners), kind: 'button', button: interaction.customId });
export const submissionOf = (interaction: ModalSubmitInteraction, owners: Owners): Submission => ({ ...arrivalOf(interaction, owners), kind: 'submission', button: interaction.customId, text: interaction.fields.getTextInputValue('text') });

export function completionOf(interaction: AutocompleteInteraction, owners: Owners): Completion {
  const { name, value } = interaction.options.getFocused(true);
  return { command: interaction.commandName, option: name, typed: value, language: languageOf(interaction.locale, owners.language) };
}

/** A message that is for the bot: it mentions it, answers it, or is written to it alone. */
export function mentionOf(message: Message, bot: string, owners: Owners): Mention | undefined {
  const { author, guildId, channelId } = message;
  if (author.bot || message.webhookId !== null || message.system) return undefined;
  if (guildId !== null && !message.mentions.users.has(bot)) return undefined;
  const isAdministrator = guildId === null || message.member?.permissions.has(PermissionFlagsBits.ManageGuild) === true;
  const language = languageOf(message.guild?.preferredLocale, owners.language);
  return {
    kind: 'mention', platform: 'discord', delivery: message.id, text: plainText(message, bot),
    chat: { id: `discord:${channelId}`, group: guildId !== null, language },
    person: { id: `discord:${author.id}`, name: message.member?.displayName ?? author.displayName, language, role: roleOf(author.id, isAdministrator, owners) },
  };
}

/** Mentions as names, custom emoji as their names, the bot's own mention gone. */
function plainText({ content, mentions, guild }: Message, bot: string): string {
  const person = (id: string): string => `@${mentions.members?.get(id)?.displayName ?? mentions.users.get(id)?.displayName ?? '…'}`;
  return content
    .replace(/<@!?(\d+)>/g, (_, id: string) => (id === bot ? '' : person(id)))
    .replace(/<@&(\d+)>/g, (_, id: string) => `@${guild?.roles.cache.get(id)?.name ?? '…'}`)
    .replace(/<#(\d+)>/g, (_, id: string) => `#${guild?.channels.cache.get(id)?.name ?? '…'}`)
    .replace(/<a?:(\w+):\d+>/g, ':$1:')
    .replace(/<(?:\/([^:>]+)):\d+>/g, '/$1')
    .replace(/[ \t]{2,}/g, ' ')
    .trim();
}
