/** Commands as Discord registers them, sent only when they differ from what it has. Knows no interaction. */
import { ApplicationCommandOptionType, ApplicationCommandType, PermissionFlagsBits, Routes, type REST } from 'discord.js';
import type { Command, Option, Words } from '../../command.ts';

const names = (spanish: string, english: string) => ({ name: spanish, name_localizations: { 'es-ES': spanish, 'es-419': spanish, 'en-US': english, 'en-GB': english } });
const descriptions = ({ es, en }: Words) => ({ description: es, description_localizations: { 'es-ES': es, 'es-419': es, 'en-US': en, 'en-GB': en } });
const textLimit = 300; // characters

function optionOf(name: string, { type, english, description, fallback, min, max }: Option) {
  const shared = { ...names(name, english), ...descriptions(description), required: fallback === undefined };
  if (type === 'integer') return { type: ApplicationCommandOptionType.Integer, ...shared, ...(min === undefined ? {} : { min_value: min }), ...(max === undefined ? {} : { max_value: max }) };
  return { type: ApplicationCommandOptionType.String, ...shared, ...(type === 'persona' ? { autocomplete: true } : { max_length: textLimit }) };
}

export function registrationOf(command: Command, isGlobal: boolean) {
  return {
    type: ApplicationCommandType.ChatInput, ...names(command.name, command.english), ...descriptions(command.description),
    options: Object.entries(command.options).map(([name, option]) => optionOf(name, option)),
    ...(command.who === 'anyone' ? {} : { default_member_permissions: String(PermissionFlagsBits.ManageGuild) }),
    ...(isGlobal ? { contexts: [0, 1, 2], integration_types: [0] } : {}), // servers, the bot's direct messages, group direct messages
  };
}

/** What both sides say, in one order: Discord adds ids, versions and defaults of its own, and leaves empty things out. */
export function comparable(value: unknown, like: unknown): unknown {
  if (Array.isArray(like)) return Array.isArray(value) ? [...value].map((item, index) => comparable(item, like[index])) : like.length === 0 ? [] : undefined;
  if (typeof like !== 'object' || like === null) return value ?? (like === false ? false : value);
  const record = (value ?? {}) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(like as Record<string, unknown>).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, own]) => [key, comparable(record[key], own)]));
}

/** True when something was sent. */
export async function register(rest: REST, application: string, guild: string | undefined, commands: readonly Command[]): Promise<boolean> {
  const route = guild === undefined ? Routes.applicationCommands(application) : Routes.applicationGuildCommands(application, guild);
  const wanted = commands.map((command) => registrationOf(command, guild === undefined)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const there = ((await rest.get(route, { query: new URLSearchParams({ with_localizations: 'true' }) })) as { name: string }[]).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (there.length === wanted.length && JSON.stringify(comparable(there, wanted)) === JSON.stringify(comparable(wanted, wanted))) return false;
  await rest.put(route, { body: wanted });
  return true;
}
