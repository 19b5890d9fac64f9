/** Discord's REST (v10) as far as a bot of this kind goes: every request is checked, what Discord would refuse is refused with its codes. */
import type { Gateway } from './gateway.ts';
import { complaints } from './schemas.ts';
import type { StoredMessage, World } from './world.ts';

export interface Answer { readonly status: number; readonly body?: unknown }
interface MessageBody { content?: string; components?: StoredMessage['components']; allowed_mentions?: { parse?: string[]; users?: string[] }; flags?: number; nonce?: string; enforce_nonce?: boolean; message_reference?: { message_id: string }; username?: string; embeds?: unknown[]; attachments?: unknown[] }
export interface Violation { readonly route: string; readonly what: unknown }
export interface RestOptions { readonly acknowledgeWithin: number /* milliseconds */; readonly webhookLimit: number; readonly gatewayUrl: () => string; readonly token: string }

const refuse = (status: number, code: number, message: string): Answer => ({ status, body: { code, message } });

export class Rest {
  readonly violations: Violation[] = [];
  #world: World;
  #gateway: Gateway;
  #options: RestOptions;
  constructor(world: World, gateway: Gateway, options: RestOptions) { this.#world = world; this.#gateway = gateway; this.#options = options; }

  answer(method: string, path: string, body: unknown, authorization: string | undefined): Answer {
    const parts = path.split('/').slice(1);
    const route = `${method} /${parts.map((part, index) => (/^\d{5,}$/.test(part) || part === '@original' ? ':' : parts[index - 2] === 'webhooks' || parts[index - 2] === 'interactions' ? '*' : part)).join('/')}`;
    const wrong = body === undefined ? [] : complaints(route, body);
    if (wrong.length > 0) { this.#violate(route, wrong); return refuse(400, 50035, 'Invalid Form Body'); }
    if (!/^\/(webhooks\/\d+|interactions)\//.test(path) && authorization !== `Bot ${this.#options.token}`) return refuse(401, 0, '401: Unauthorized');
    const [first = '', second = '', third = '', fourth = '', fifth = ''] = parts;
    if (route === 'GET /gateway/bot') return { status: 200, body: { url: this.#options.gatewayUrl(), shards: 1, session_start_limit: { total: 1000, remaining: 999, reset_after: 1, max_concurrency: 1 } } };
    if (first === 'applications') return this.#commands(method, body);
    if (first === 'interactions') return this.#callback(third, body as { type: number; data?: MessageBody & { choices?: { name: string; value: string }[] } });
    if (first === 'webhooks') return this.#webhook(method, second, third, fifth, body as MessageBody);
    if (first === 'channels' && third === 'messages') return this.#messages(method, second, fourth, body as MessageBody);
    if (first === 'channels' && third === 'typing') return { status: 204 };
    if (first === 'channels' && third === 'webhooks') return this.#webhooks(method, second, body as { name: string; avatar?: string });
    if (route === 'POST /users/@me/channels') return { status: 200, body: { id: this.#world.direct, type: 1 } };
    this.#violate(route, 'no such route here');
    return refuse(404, 0, '404: Not Found');
  }
  #violate(route: string, what: unknown): void { this.violations.push({ route, what }); }

  #commands(method: string, body: unknown): Answer {
    if (method === 'GET') return { status: 200, body: this.#world.commands };
    this.#world.commands = (body as Record<string, unknown>[]).map((command) => ({ id: this.#world.id(), application_id: this.#world.application, version: this.#world.id(), default_member_permissions: null, nsfw: false, ...command }));
    return { status: 200, body: this.#world.commands };
  }

  /** What Discord refuses in any message, and what it would have pinged. */
  #check(route: string, { content = '', components = [], allowed_mentions: allowed, embeds, attachments }: MessageBody, isNew: boolean): Answer | undefined {
    if (content.length > 2000) { this.#violate(route, `${content.length} characters`); return refuse(400, 50035, 'Invalid Form Body: 2000 or fewer in length'); }
    if (isNew && content === '' && components.length === 0 && !embeds?.length && !attachments?.length) { this.#violate(route, 'empty'); return refuse(400, 50006, 'Cannot send an empty message'); }
    const mayPing = !allowed || (allowed.parse?.length ?? 0) > 0 || (allowed.users?.length ?? 0) > 0;
    if (mayPing && /@everyone|@here|<@[&!]?\d+>/.test(content)) this.#violate(route, `pings: ${content.slice(0, 60)}`);
    return undefined;
  }

  #callback(token: string, { type, data }: { type: number; data?: MessageBody & { choices?: { name: string; value: string }[] } }): Answer {
    const interaction = [...this.#world.interactions.values()].find((one) => one.token === token);
    if (!interaction || (interaction.state === undefined && Date.now() - interaction.born > this.#options.acknowledgeWithin)) return refuse(404, 10062, 'Unknown interaction');
    if (interaction.state !== undefined) { this.#violate('callback', 'acknowledged twice'); return refuse(400, 40060, 'Interaction has already been acknowledged.'); }
    interaction.state = type;
    interaction.acknowledgedAfter = Date.now() - interaction.born;
    if (type === 8) interaction.choices = data?.choices ?? [];
    if (type === 9) interaction.modal = data;
    if (type === 5) interaction.ephemeral = ((data?.flags ?? 0) & 64) !== 0;
    if (type === 4) interaction.message = this.#world.store(this.#world.bot, this.#world.channel, data?.content ?? '', { flags: data?.flags ?? 0, components: data?.components ?? [] }).id;
    return { status: 204 };
  }

  #webhook(method: string, id: string, token: string, handle: string, body: MessageBody): Answer {
    const interaction = id === this.#world.application ? [...this.#world.interactions.values()].find((one) => one.token === token) : undefined;
    if (interaction) return this.#followUp(method, interaction, handle, body);
    const webhook = this.#world.webhooks.get(id);
    if (!webhook || webhook.token !== token) return refuse(404, 10015, 'Unknown Webhook');
    if (method === 'POST') {
      const refused = this.#check('webhook', body, true);
      if (refused) return refused;
      const message = this.#world.store({ id, username: body.username ?? webhook.name, bot: true, discriminator: '0000', avatar: webhook.avatar }, webhook.channel_id, body.content ?? '', { components: body.components ?? [], webhook_id: id, application_id: this.#world.application });
      this.#gateway.dispatch('MESSAGE_CREATE', message);
      return { status: 200, body: message };
    }
    return this.#change(method, handle, body);
  }

  #followUp(method: string, interaction: { state?: number; message?: string; source?: string; deleted?: boolean; ephemeral?: boolean }, handle: string, body: MessageBody): Answer {
    if (interaction.state === undefined) { this.#violate('follow-up', 'before it was acknowledged'); return refuse(404, 10015, 'Unknown Webhook'); }
    if (method === 'POST') {
      const refused = this.#check('follow-up', body, true);
      if (refused) return refused;
      return { status: 200, body: this.#world.store(this.#world.bot, this.#world.channel, body.content ?? '', { flags: body.flags ?? 0, components: body.components ?? [], webhook_id: this.#world.application }) };
    }
    if (handle !== '@original') return this.#change(method, handle, body);
    if (method === 'DELETE') { interaction.deleted = true; if (interaction.message) this.#world.messages.delete(interaction.message); return { status: 204 }; }
    interaction.message ??= interaction.source ?? this.#world.store(this.#world.bot, this.#world.channel, '', { flags: interaction.ephemeral ? 64 : 0 }).id;
    return this.#change(method, interaction.message, body);
  }

  #messages(method: string, channel: string, handle: string, body: MessageBody): Answer {
    if (channel !== this.#world.channel && channel !== this.#world.direct) return refuse(404, 10003, 'Unknown Channel');
    if (channel === this.#world.channel && (BigInt(this.#world.permissions) & 2048n) === 0n) return refuse(403, 50013, 'Missing Permissions');
    if (method !== 'POST') return this.#change(method, handle, body);
    const refused = this.#check('message', body, true);
    if (refused) return refused;
    const twin = body.enforce_nonce === true ? [...this.#world.messages.values()].find(({ nonce }) => nonce !== undefined && nonce === body.nonce) : undefined;
    const message = twin ?? this.#world.store(this.#world.bot, channel, body.content ?? '', { components: body.components ?? [], ...(body.nonce === undefined ? {} : { nonce: body.nonce }), ...(body.message_reference ? { message_reference: body.message_reference, type: 19 } : {}) });
    if (!twin) this.#gateway.dispatch('MESSAGE_CREATE', message);
    return { status: 200, body: message };
  }

  #change(method: string, id: string, body: MessageBody): Answer {
    const message = this.#world.messages.get(id);
    if (!message) return refuse(404, 10008, 'Unknown Message');
    if (method === 'GET') return { status: 200, body: message };
    if (method === 'DELETE') { this.#world.messages.delete(id); return { status: 204 }; }
    const refused = this.#check('edit', body, false);
    if (refused) return refused;
    Object.assign(message, { content: body.content ?? message.content, components: body.components ?? message.components, edits: message.edits + 1, edited_timestamp: new Date().toISOString() });
    return { status: 200, body: message };
  }

  #webhooks(method: string, channel: string, body: { name: string; avatar?: string }): Answer {
    if ((BigInt(this.#world.permissions) & 0x20000000n) === 0n) return refuse(403, 50013, 'Missing Permissions');
    const spell = (webhook: { id: string; name: string; channel_id: string; token: string; avatar: string | null }) => ({ ...webhook, type: 1, application_id: this.#world.application, guild_id: this.#world.guild, user: this.#world.bot });
    if (method === 'GET') return { status: 200, body: [...this.#world.webhooks.values()].map(spell) };
    if (this.#world.webhooks.size >= this.#options.webhookLimit) return refuse(400, 30007, 'Maximum number of webhooks reached');
    if (/discord|clyde/i.test(body.name)) return refuse(400, 50035, 'Invalid Form Body');
    const webhook = { id: this.#world.id(), token: `hook${this.#world.id()}`, name: body.name, channel_id: channel, avatar: body.avatar ? 'picture' : null };
    this.#world.webhooks.set(webhook.id, webhook);
    return { status: 200, body: spell(webhook) };
  }
}
