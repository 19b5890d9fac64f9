/** The state of a small Discord: a bot, two people, a server with a channel, messages, webhooks, interactions. Knows no protocol. */
export interface User { readonly id: string; readonly username: string; readonly global_name: string | null; readonly bot?: boolean; readonly discriminator: string; readonly avatar: null; readonly public_flags: number; readonly flags: number; readonly primary_guild: null }
export interface StoredMessage { readonly id: string; readonly channel_id: string; author: Record<string, unknown>; content: string; components: { components: { custom_id: string; label: string }[] }[]; flags: number; webhook_id?: string; message_reference?: { message_id: string }; nonce?: string; edits: number; [field: string]: unknown }
export interface StoredInteraction { readonly id: string; readonly token: string; readonly born: number; state?: number; modal?: unknown; choices?: { name: string; value: string }[]; message?: string; deleted?: boolean; source?: string; ephemeral?: boolean; acknowledgedAfter?: number }
export interface StoredWebhook { readonly id: string; readonly token: string; readonly name: string; readonly channel_id: string; readonly avatar: string | null }

const epoch = 1420070400000; // Discord's: 1 January 2015

export class World {
  #count = 0;
  readonly bot: User;
  readonly alice: User;
  readonly bob: User;
  readonly application: string;
  readonly guild: string;
  readonly channel: string;
  readonly direct: string;
  readonly messages = new Map<string, StoredMessage>();
  readonly interactions = new Map<string, StoredInteraction>();
  readonly webhooks = new Map<string, StoredWebhook>();
  commands: Record<string, unknown>[] = [];
  permissions: string;

  constructor(permissions: string) {
    this.permissions = permissions;
    this.bot = this.#user('ventrilocuo', true);
    this.application = this.id(); // not always the bot user's id
    [this.alice, this.bob] = [this.#user('alice'), this.#user('bob')];
    [this.guild, this.channel, this.direct] = [this.id(), this.id(), this.id()];
  }
  id(): string { return String((BigInt(Date.now() - epoch) << 22n) | BigInt(this.#count++ & 0xfff)); }
  #user(username: string, bot = false): User {
    return { id: this.id(), username, global_name: bot ? null : username[0]?.toUpperCase() + username.slice(1), discriminator: '0', avatar: null, public_flags: 0, flags: 0, primary_guild: null, ...(bot ? { bot } : {}) };
  }
  store(author: User | Record<string, unknown>, channel: string, content: string, extra: Record<string, unknown> = {}): StoredMessage {
    const mentions = [this.bot, this.alice, this.bob].filter(({ id }) => content.includes(`<@${id}>`));
    const message: StoredMessage = {
      id: this.id(), channel_id: channel, author: { ...author }, content, timestamp: new Date().toISOString(), edited_timestamp: null, tts: false, mention_everyone: false, mentions, mention_roles: [], attachments: [], embeds: [], pinned: false,
      type: 0, flags: 0, components: [], edits: 0, ...(channel === this.direct ? {} : { guild_id: this.guild }), ...extra,
    };
    this.messages.set(message.id, message);
    return message;
  }
  get role() {
    return { id: this.guild, name: '@everyone', color: 0, colors: { primary_color: 0, secondary_color: null, tertiary_color: null }, hoist: false, position: 0, permissions: this.permissions, managed: false, mentionable: false, flags: 0 };
  }
  member(user: User) { return { user, roles: [], joined_at: new Date().toISOString(), deaf: false, mute: false, flags: 0, nick: null, avatar: null, premium_since: null, pending: false, communication_disabled_until: null }; }
  guildCreate() {
    return {
      id: this.guild, name: 'La pulpería', icon: null, splash: null, owner_id: this.alice.id, afk_timeout: 60, features: [], roles: [this.role], emojis: [], stickers: [], members: [this.member(this.bot)], member_count: 3, large: false,
      channels: [{ id: this.channel, type: 0, name: 'general', position: 0, permission_overwrites: [], guild_id: this.guild }], threads: [], presences: [], voice_states: [], stage_instances: [], guild_scheduled_events: [], soundboard_sounds: [],
      joined_at: new Date().toISOString(), system_channel_flags: 0, preferred_locale: 'es-ES', premium_tier: 0, nsfw_level: 0, verification_level: 0, mfa_level: 0, explicit_content_filter: 0, default_message_notifications: 0, premium_progress_bar_enabled: false,
    };
  }
}
