/** A Discord on this machine: gateway and REST in one process, people to act as, faults to plant. Nothing of it is about this bot. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Gateway } from './gateway.ts';
import { Rest } from './rest.ts';
import { World, type StoredInteraction, type StoredMessage, type User } from './world.ts';

export interface FakeOptions { readonly acknowledgeWithin?: number; readonly heartbeat?: number; readonly permissions?: string; readonly webhookLimit?: number; readonly deniedIntents?: number }
/** The next `times` requests that match meet a fault: a status, or a dropped connection (after the work was done, where `late`). */
export interface Fault { readonly match: RegExp; times: number; readonly status?: number; readonly retryAfter?: number; readonly late?: boolean }
export interface Call { readonly method: string; readonly path: string; readonly body: unknown; readonly at: number; readonly status: number }

export const token = 'MTIzNDU2Nzg5MDEyMzQ1Njc4.fake.not-a-real-token';
const everything = '8'; // administrator
const send = 3072; // view channels and send messages
export const permissions = { everything, withoutWebhooks: String(send), none: '1024' } as const;

export async function startFakeDiscord({ acknowledgeWithin = 3000, heartbeat = 41_250, permissions: granted = String(0x20000000 | send), webhookLimit = 15, deniedIntents = 0 }: FakeOptions = {}) {
  const world = new World(granted);
  const calls: Call[] = [];
  const faults: Fault[] = [];
  const http = createServer((request, response) => void read(request).then((body) => handle(request, response, body)));
  const gatewayUrl = (): string => `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const gateway = new Gateway(http, world, { token, heartbeat, deniedIntents, url: gatewayUrl });
  const rest = new Rest(world, gateway, { acknowledgeWithin, webhookLimit, gatewayUrl, token });

  function handle(request: IncomingMessage, response: ServerResponse, body: unknown): void {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://fake').pathname.replace(/^\/api\/v10/, ''));
    const method = request.method ?? 'GET';
    const fault = faults.find(({ match, times }) => times > 0 && match.test(`${method} ${path}`));
    if (fault) fault.times--;
    if (fault && !fault.late) { note(fault.status ?? 0); return fail(response, fault); }
    const { status, body: answer } = rest.answer(method, path, body, request.headers.authorization);
    note(status);
    if (fault) return fail(response, fault);
    response.writeHead(status, answer === undefined ? {} : { 'content-type': 'application/json' }).end(answer === undefined ? undefined : JSON.stringify(answer));
    function note(code: number): void { calls.push({ method, path, body, at: Date.now(), status: code }); }
  }
  function fail(response: ServerResponse, { status, retryAfter = 0.2 }: Fault): void {
    if (status === undefined) { response.destroy(); return; }
    response.writeHead(status, { 'content-type': 'application/json', ...(status === 429 ? { 'retry-after': String(retryAfter), 'x-ratelimit-scope': 'user' } : {}) });
    response.end(JSON.stringify(status === 429 ? { message: 'You are being rate limited.', retry_after: retryAfter, global: false } : { message: 'fault', code: 0 }));
  }

  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const people = peopleOf(world, gateway);
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/api`, token, world, gateway, calls, faults, violations: rest.violations, ...people,
    /** Interactions that nobody acknowledged in time. */
    unacknowledged: (): StoredInteraction[] => [...world.interactions.values()].filter(({ state, born }) => state === undefined && Date.now() - born > acknowledgeWithin),
    fromBot: (): StoredMessage[] => [...world.messages.values()].filter(({ author }) => author['id'] === world.bot.id || author['discriminator'] === '0000'),
    async stop(): Promise<void> { gateway.stop(); http.closeAllConnections(); await new Promise((resolve) => http.close(resolve)); },
  };
}
export type FakeDiscord = Awaited<ReturnType<typeof startFakeDiscord>>;

function peopleOf(world: World, gateway: Gateway) {
  function interact(type: number, data: Record<string, unknown>, { user = world.alice, locale = 'es-ES', message, permissions: granted = '3072' }: { user?: User; locale?: string; message?: StoredMessage; permissions?: string } = {}): StoredInteraction {
    const interaction: StoredInteraction = { id: world.id(), token: `tok${world.id().repeat(3)}`, born: Date.now(), ...(message ? { source: message.id } : {}) };
    world.interactions.set(interaction.id, interaction);
    gateway.dispatch('INTERACTION_CREATE', {
      id: interaction.id, application_id: world.application, type, data, guild_id: world.guild, guild: { id: world.guild, locale: 'es-ES', features: [] }, channel_id: world.channel, channel: { id: world.channel, type: 0, name: 'general', guild_id: world.guild },
      member: { ...world.member(user), permissions: granted }, token: interaction.token, version: 1, app_permissions: world.permissions, locale, guild_locale: 'es-ES', entitlements: [], authorizing_integration_owners: { 0: world.guild }, context: 0, attachment_size_limit: 10_000_000,
      ...(message ? { message } : {}),
    });
    return interaction;
  }
  const command = (name: string): Record<string, unknown> => world.commands.find((one) => one['name'] === name) ?? { id: world.id(), name };
  const typed = (options: Record<string, string | number>) => Object.entries(options).map(([name, value]) => ({ name, type: typeof value === 'number' ? 4 : 3, value }));
  type Who = Parameters<typeof interact>[2];
  return {
    slash: (name: string, options: Record<string, string | number> = {}, who: Who = {}) => interact(2, { id: command(name)['id'], name, type: 1, options: typed(options) }, who),
    autocomplete: (name: string, option: string, value: string, who: Who = {}) => interact(4, { id: command(name)['id'], name, type: 1, options: [{ name: option, type: 3, value, focused: true }] }, who),
    press: (message: StoredMessage, button: string, who: Who = {}) => interact(3, { custom_id: button, component_type: 2 }, { ...who, message }),
    submit: (customId: string, text: string, who: Who = {}) => interact(5, { custom_id: customId, components: [{ type: 1, components: [{ type: 4, custom_id: 'text', value: text }] }] }, who),
    say(text: string, { user = world.alice, channel = world.channel, repliesTo, times = 1, webhook }: { user?: User; channel?: string; repliesTo?: StoredMessage; times?: number; webhook?: boolean } = {}): StoredMessage {
      const content = text.replaceAll('@bot', `<@${world.bot.id}>`).replaceAll('@bob', `<@${world.bob.id}>`);
      const message = world.store(user, channel, content, { ...(webhook ? { webhook_id: world.id() } : {}), ...(repliesTo ? { type: 19, message_reference: { message_id: repliesTo.id, channel_id: channel }, mentions: [world.bot] } : {}) });
      const event = { ...message, ...(channel === world.direct ? { channel_type: 1 } : { member: world.member(user) }) };
      for (let time = 0; time < times; time++) gateway.dispatch('MESSAGE_CREATE', event);
      return message;
    },
    erase(message: StoredMessage): void { world.messages.delete(message.id); gateway.dispatch('MESSAGE_DELETE', { id: message.id, channel_id: message.channel_id, guild_id: world.guild }); },
    expel(): void { gateway.dispatch('GUILD_DELETE', { id: world.guild }); },
    buttons: (message: StoredMessage): { custom_id: string; label: string }[] => message.components.flatMap(({ components }) => components),
  };
}

/** JSON, or the JSON part of a form with files. */
async function read(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('latin1');
  if (text === '') return undefined;
  const json = request.headers['content-type']?.startsWith('multipart/') ? /name="payload_json"[^]*?\r\n\r\n([^]*?)\r\n--/.exec(text)?.[1] ?? '{}' : text;
  const value = JSON.parse(Buffer.from(json, 'latin1').toString('utf8')) as Record<string, unknown>;
  return request.headers['content-type']?.startsWith('multipart/') && value['attachments'] === undefined ? { ...value, attachments: [{ id: '0' }] } : value;
}
