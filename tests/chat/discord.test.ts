/** Conversations on Discord, end to end against the fake, whose every request is checked by Discord's own specification. */
import { afterEach, describe, expect, it } from 'vitest';
import { createDiscord } from '../../src/chat/discord.ts';
import type { Platform } from '../../src/chat/platform.ts';
import { permissions, startFakeDiscord, type FakeDiscord, type FakeOptions } from '../fakes/discord/server.ts';
import { metrics, scriptedBot, silentLog, spoken, until, wait, type Script } from '../fakes/bot.ts';
import { pendingInMemory } from '../fakes/pending.ts';

const open: { platform?: Platform; fake?: FakeDiscord } = {};
afterEach(async () => { await open.platform?.stop(50); await open.fake?.stop(); });

async function start(script: Script, { fake: options, interval = 20, pending = pendingInMemory(), operators = [] }: { fake?: FakeOptions; interval?: number; pending?: ReturnType<typeof pendingInMemory>; operators?: string[] } = {}) {
  const fake = await startFakeDiscord(options);
  const { bot, asked, left } = await scriptedBot(script);
  const failures: unknown[] = [];
  const platform = createDiscord({ config: { DISCORD_API_URL: fake.url, DISCORD_GUILD: undefined, OPERATORS: operators, LANGUAGE: 'es' }, token: fake.token, bot, pending, log: silentLog, metrics, failed: (cause) => failures.push(cause), interval });
  Object.assign(open, { platform, fake });
  await platform.listen();
  await until('the commands are registered', () => fake.world.commands.length > 0);
  return { fake, asked, left, pending, failures, platform };
}
const song: Script = (_, signal) => spoken(['Aquí me pongo ', 'a cantar\n', 'al compás ', 'de la vigüela'], { signal, buttons: [{ id: '1|otra|a1b2c3d4|1', label: 'otra' }] });
const whole = 'Aquí me pongo a cantar\nal compás de la vigüela';
const said = (fake: FakeDiscord, text: string) => fake.fromBot().find(({ content }) => content.includes(text));

describe('a slash command', () => {
  it('is acknowledged before the bot thinks, and answered by edits that end with the whole', async () => {
    const { fake, asked } = await start(async (incoming, signal) => { await wait(150); return song(incoming, signal); });
    const interaction = fake.slash('cancion', { artista: 'martin_fierro', tema: 'la pampa' });
    await until('the answer', () => said(fake, whole));
    expect(interaction.acknowledgedAfter).toBeLessThan(100);
    expect(asked[0]).toMatchObject({ kind: 'command', name: 'cancion', options: { artista: 'martin_fierro', tema: 'la pampa' }, person: { language: 'es', role: 'anyone' }, chat: { group: true } });
    await until('its label and buttons', () => said(fake, '-# imitación generada')?.components.length);
    expect(fake.violations).toEqual([]);
  });
  it('answers only the person where the command is private', async () => {
    const { fake } = await start(() => 'Parado.');
    const interaction = fake.slash('para');
    await until('the answer', () => said(fake, 'Parado.'));
    expect(interaction.ephemeral).toBe(true);
  });
  it('knows operators, administrators and everybody else', async () => {
    const { fake, asked } = await start(() => 'sí', { operators: ['discord:0'] });
    fake.slash('estado', {}, { permissions: '32' });
    await until('it was asked', () => asked[0]);
    expect(asked[0]?.person.role).toBe('administrator');
  });
  it('is in English for those who read it', async () => {
    const { fake, asked } = await start(() => 'yes');
    fake.slash('estado', {}, { locale: 'en-GB' });
    await until('it was asked', () => asked[0]);
    expect(asked[0]?.person.language).toBe('en');
  });
  it('takes its response back when there is nothing to say', async () => {
    const { fake } = await start(() => '');
    const interaction = fake.slash('otra');
    await until('it is taken back', () => interaction.deleted);
  });
  it('that expired before the bot saw it is let go without a second try', async () => {
    const { fake, asked } = await start(song, { fake: { acknowledgeWithin: -1 } });
    fake.slash('cancion', { artista: 'martin_fierro' });
    await until('the try', () => fake.calls.some(({ path, status }) => path.endsWith('/callback') && status === 404));
    await wait(100);
    expect(asked).toEqual([]);
    expect(fake.calls.filter(({ path }) => path.endsWith('/callback'))).toHaveLength(1);
  });
  it('goes on in the channel when its token expires in the middle', async () => {
    const { fake } = await start(async function* () { yield { append: 'uno ' }; await wait(120); yield { append: 'dos' }; } as unknown as Script);
    fake.slash('habla');
    await until('the first word', () => said(fake, 'uno'));
    for (const interaction of fake.world.interactions.values()) { fake.world.messages.delete(interaction.message ?? ''); fake.world.interactions.delete(interaction.id); }
    const answer = await until('the rest, in the channel', () => said(fake, 'uno dos'));
    expect(answer.nonce).toBeDefined();
  });
});

describe('registration', () => {
  it('names and describes each command in three languages, and is not sent again when nothing changed', async () => {
    const { fake, platform, asked } = await start(() => 'hola');
    const registered = fake.world.commands.find(({ name }) => name === 'cancion');
    expect(registered).toMatchObject({ name_localizations: { 'en-US': 'song', 'es-419': 'cancion' }, options: [{ name: 'artista', autocomplete: true, required: true }, { name: 'tema' }, { name: 'estrofas', min_value: 1 }] });
    await platform.stop(50);
    const { bot } = await scriptedBot(() => 'hola');
    const again = createDiscord({ config: { DISCORD_API_URL: fake.url, DISCORD_GUILD: undefined, OPERATORS: [], LANGUAGE: 'es' }, token: fake.token, bot, pending: pendingInMemory(), log: silentLog, metrics, failed: () => undefined });
    open.platform = again;
    await again.listen();
    await wait(150);
    expect(fake.calls.filter(({ method, path }) => method === 'PUT' && path.endsWith('/commands'))).toHaveLength(1);
    expect(asked).toEqual([]);
  });
  it('completes personas at once', async () => {
    const { fake } = await start(song);
    const interaction = fake.autocomplete('cancion', 'artista', 'mar');
    expect(await until('choices', () => interaction.choices)).toEqual([{ name: 'mar…', value: 'martin_fierro' }]);
  });
});

describe('a mention', () => {
  it('is answered as a reply, with names in place of mentions', async () => {
    const { fake, asked } = await start(() => 'buenas');
    const question = fake.say('@bot dile algo a @bob');
    const answer = await until('the answer', () => said(fake, 'buenas'));
    expect(asked[0]).toMatchObject({ kind: 'mention', text: 'dile algo a @Bob' });
    expect(answer.message_reference?.message_id).toBe(question.id);
  });
  it('in a direct message needs no mention', async () => {
    const { fake, asked } = await start(() => 'buenas');
    fake.say('hola', { channel: fake.world.direct });
    await until('the answer', () => said(fake, 'buenas'));
    expect(asked[0]?.chat.group).toBe(false);
  });
  it('is not taken from bots, from webhooks, or from talk among people', async () => {
    const { fake, asked } = await start(() => 'buenas');
    fake.say('@bot hola', { user: { ...fake.world.bob, bot: true } });
    fake.say('@bot hola', { webhook: true });
    fake.say('hola a todos');
    fake.say('@bot al fin');
    await until('the last one', () => asked.length > 0);
    expect(asked.map((one) => one.kind === 'mention' && one.text)).toEqual(['al fin']);
  });
  it('delivered twice is answered once', async () => {
    const { fake } = await start(() => 'una sola vez');
    fake.say('@bot hola', { times: 2 });
    await until('the answer', () => said(fake, 'una sola vez'));
    await wait(100);
    expect(fake.fromBot().filter(({ content }) => content === 'una sola vez')).toHaveLength(1);
  });
  it('that is taken back stops its answer', async () => {
    const { fake } = await start((_, signal) => spoken(Array.from({ length: 400 }, (_unused, index) => `${index} `), { signal, pause: 10 }));
    const question = fake.say('@bot cuenta');
    await until('the first words', () => said(fake, '0 1'));
    fake.erase(question);
    const answer = await until('it stops', () => said(fake, 'imitación'));
    expect(answer.content).not.toContain('399');
  });
});

describe('what is said', () => {
  it('is split at 2,000 characters and pings nobody', async () => {
    const text = `@everyone @here <@1> ${'palabra '.repeat(600)}`;
    const { fake } = await start(() => text);
    fake.say('@bot habla');
    await until('all of it', () => fake.fromBot().map(({ content }) => content).join(' ').split('palabra').length > 600);
    expect(fake.fromBot().length).toBeGreaterThan(2);
    expect(fake.violations).toEqual([]);
  });
  it('is edited no more than once an interval', async () => {
    const { fake } = await start((_, signal) => spoken(Array.from({ length: 40 }, (_unused, index) => `${index} `), { pause: 10, signal }), { interval: 150, fake: { permissions: permissions.withoutWebhooks } });
    fake.say('@bot cuenta');
    const answer = await until('the end', () => said(fake, '39'));
    expect(answer.edits).toBeLessThanOrEqual(6);
  });
  it('comes under the persona’s own name and picture where webhooks may be managed, with a way to reply', async () => {
    const { fake } = await start(song);
    fake.say('@bot canta');
    const answer = await until('the answer with its buttons', () => { const found = said(fake, whole); return found?.components.length ? found : undefined; });
    expect(answer.author['username']).toBe('Martín Fierro');
    expect([...fake.world.webhooks.values()]).toMatchObject([{ name: 'Martín Fierro', avatar: 'picture' }]);
    expect(fake.buttons(answer).map(({ label }) => label)).toEqual(['otra', 'responde']);
    expect(fake.violations).toEqual([]);
  });
  it('uses the webhook it made before', async () => {
    const { fake } = await start(song);
    fake.say('@bot canta');
    await until('the first', () => said(fake, whole));
    fake.say('@bot otra vez');
    await until('the second', () => fake.fromBot().filter(({ content }) => content.includes(whole)).length === 2);
    expect(fake.world.webhooks.size).toBe(1);
  });
  it('comes under the bot’s name, with the persona’s above it, where they may not', async () => {
    const { fake } = await start(song, { fake: { permissions: permissions.withoutWebhooks } });
    fake.say('@bot canta');
    const answer = await until('the answer', () => said(fake, whole));
    expect(answer.author['id']).toBe(fake.world.bot.id);
    expect(answer.content.startsWith('**Martín Fierro**\n')).toBe(true);
  });
  it('shares a webhook when the channel has no room for another', async () => {
    const { fake } = await start(song, { fake: { webhookLimit: 0 } });
    fake.say('@bot canta');
    const answer = await until('the answer', () => said(fake, whole));
    expect(answer.author['id']).toBe(fake.world.bot.id);
  });
  it('is quiet where the bot may not write', async () => {
    const { fake, failures } = await start(song, { fake: { permissions: permissions.none } });
    fake.say('@bot canta');
    await until('the refusal', () => fake.calls.some(({ status, path }) => status === 403 && path.endsWith('/messages')));
    await wait(50);
    expect(failures).toEqual([]);
  });
});

describe('a button', () => {
  it('is acknowledged at once; what a persona says is a new message, a word to the person is theirs alone', async () => {
    const { fake, asked } = await start((incoming, signal) => (incoming.kind === 'button' && incoming.button.includes('origen') ? 'Voz: Martín Fierro' : song(incoming, signal)));
    fake.say('@bot canta');
    const answer = await until('the answer', () => { const found = said(fake, whole); return found?.components.length ? found : undefined; });
    fake.press(answer, '1|origen|a1b2c3d4|*', { user: fake.world.bob });
    const whisper = await until('the whisper', () => said(fake, 'Voz: Martín Fierro'));
    expect(whisper.flags & 64).toBe(64);
    fake.press(answer, '1|otra|a1b2c3d4|1');
    await until('another one', () => fake.fromBot().filter(({ content }) => content.includes(whole)).length === 2);
    expect(asked.map(({ kind }) => kind)).toEqual(['mention', 'button', 'button']);
    expect(fake.violations).toEqual([]);
  });
  it('to reply opens a modal, and what is written there is answered', async () => {
    const { fake, asked } = await start(song);
    fake.say('@bot canta');
    const answer = await until('the answer', () => { const found = said(fake, whole); return found?.components.length ? found : undefined; });
    const id = fake.buttons(answer).find(({ label }) => label === 'responde')?.custom_id ?? '';
    const press = fake.press(answer, id);
    await until('the modal', () => press.modal);
    fake.submit(id, '¿y la pampa?');
    await until('it was asked', () => asked.length === 2);
    expect(asked[1]).toMatchObject({ kind: 'submission', button: id, text: '¿y la pampa?' });
    expect(fake.violations).toEqual([]);
  });
});

describe('when the world is bad', () => {
  it.each([['429', { status: 429 }], ['500', { status: 500 }], ['a dropped connection', {}], ['a connection dropped after the message was taken', { late: true }]] as const)('a message is sent once in spite of %s', async (_name, fault) => {
    const { fake } = await start(() => 'una sola vez');
    fake.faults.push({ match: /^POST \/channels\/\d+\/messages$/, times: 1, ...fault });
    fake.say('@bot hola');
    await until('the answer', () => said(fake, 'una sola vez'));
    await until('the second try', () => fake.calls.filter(({ method, path }) => method === 'POST' && path.endsWith('/messages')).length === 2);
    await wait(50);
    expect(fake.fromBot().filter(({ content }) => content === 'una sola vez')).toHaveLength(1);
  });
  it('a connection closed by the server is resumed, and what came meanwhile is answered once', async () => {
    const { fake } = await start(() => 'aquí sigo');
    fake.gateway.close(4000);
    fake.say('@bot ¿estás?');
    await until('the answer', () => said(fake, 'aquí sigo'), 15_000);
    expect(fake.gateway.resumes).toBe(1);
    expect(fake.fromBot()).toHaveLength(1);
  });
  it('a restart ends what was thinking with an apology', async () => {
    const pending = pendingInMemory();
    const first = await start(() => new Promise(() => undefined), { pending });
    const interaction = first.fake.slash('cancion', { artista: 'martin_fierro' });
    const question = first.fake.say('@bot hola');
    await until('both are noted', () => pending.open_.size === 2);
    await first.platform.stop(10);
    const { bot } = await scriptedBot(() => 'hola');
    const second = createDiscord({ config: { DISCORD_API_URL: first.fake.url, DISCORD_GUILD: undefined, OPERATORS: [], LANGUAGE: 'es' }, token: first.fake.token, bot, pending, log: silentLog, metrics, failed: () => undefined });
    open.platform = second;
    await second.listen();
    await until('both apologies', () => first.fake.fromBot().filter(({ content }) => content.includes('Me reiniciaron')).length === 2);
    expect(first.fake.world.messages.get(interaction.message ?? '')?.content).toContain('Me reiniciaron');
    expect(first.fake.fromBot().some(({ message_reference }) => message_reference?.message_id === question.id)).toBe(true);
    await until('nothing is left', () => pending.open_.size === 0);
  });
  it('being removed from a server forgets its channels', async () => {
    const { fake, left } = await start(song);
    fake.expel();
    await until('it is told', () => left[0]);
    expect(left).toEqual([`discord:${fake.world.channel}`]);
  });
  it('a wrong token is a mistake of the setup that names the setting and not its value', async () => {
    const fake = await startFakeDiscord();
    open.fake = fake;
    const { bot } = await scriptedBot(song);
    const platform = createDiscord({ config: { DISCORD_API_URL: fake.url, DISCORD_GUILD: undefined, OPERATORS: [], LANGUAGE: 'es' }, token: 'MTIz.wrong.secret-value', bot, pending: pendingInMemory(), log: silentLog, metrics, failed: () => undefined });
    await expect(platform.listen()).rejects.toThrow(/DISCORD_TOKEN(?!.*secret-value)/);
  });
  it('asks for no privileged intent', async () => {
    const { fake } = await start(song);
    expect(fake.gateway.intents & ((1 << 15) | (1 << 1) | (1 << 8))).toBe(0); // message content, members, presences
  });
});
