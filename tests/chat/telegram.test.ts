/** Conversations on Telegram, end to end against the fake, whose every request is checked by the Bot API's own schema. */
import { describe, expect, it } from 'vitest';
import { spoken, until, wait } from '../fakes/bot.ts';
import { answered, calls, finished, group, otra, said, song, start, moment, whole } from './telegram.setup.ts';

describe('a private chat', () => {
  it('is answered with a draft that grows and then a message with name, label and buttons', async () => {
    const { fake, asked } = await start((_, signal) => spoken(['Aquí me pongo ', 'a cantar\n', 'al compás ', 'de la vigüela'], { pause: 40, signal, buttons: [otra] }));
    fake.act.say('hola @otra_gente', { from: { id: 7, first_name: 'Ana', last_name: 'Luz' } });
    const message = await said(fake, whole);
    expect(message.text).toBe(finished);
    expect(message.keyboard).toEqual([[{ text: 'otra', callback_data: otra.id }]]);
    expect(message.edits).toBe(0);
    const drafts = calls(fake, 'sendMessageDraft').map(({ parameters }) => String(parameters.text));
    expect(drafts.length).toBeGreaterThan(1);
    expect(drafts.every((text, index) => index === 0 || text.length > (drafts[index - 1] ?? '').length)).toBe(true);
    expect(asked[0]).toMatchObject({ platform: 'telegram', kind: 'mention', text: 'hola otra_gente', chat: { id: 'telegram:7', group: false, language: 'es' }, person: { id: 'telegram:7', name: 'Ana Luz', language: 'es', role: 'administrator' } });
    expect(fake.violations).toEqual([]);
  });
  it('is answered by edits where the server has no drafts, asking for them once only', async () => {
    const { fake } = await start((_, signal) => spoken(['Aquí me pongo ', 'a cantar\n', 'al compás ', 'de la vigüela'], { pause: 30, signal, buttons: [otra] }), { fake: { hasDrafts: false } });
    fake.act.say('uno');
    await until('the whole text', () => fake.world.standing(7)[0]?.text === finished);
    expect(fake.world.standing(7)[0]?.edits).toBeGreaterThan(1);
    fake.act.say('dos');
    await until('the second', () => fake.world.standing(7)[1]?.text === finished);
    expect(calls(fake, 'sendMessageDraft')).toHaveLength(1);
    expect(fake.violations).toEqual([]);
  });
  it('can stop a draft with Telegram’s own button', async () => {
    const { fake } = await start((_, signal) => spoken(Array.from({ length: 200 }, (_1, index) => `${index} `), { pause: 10, signal }));
    fake.act.say('cuenta');
    await until('a draft', () => fake.world.chat(7).draft?.text.includes('5 '));
    fake.act.stopDraft(7);
    const { text } = await said(fake, 'imitación');
    expect(text).not.toContain('199');
  });
  it('sees «typing» until the first word and not after it', async () => {
    const { fake } = await start(async function* () { await wait(130); yield { speaker: { id: 'a', name: 'A' } }; yield { append: 'ya' }; await wait(130); yield { append: ' está' }; });
    fake.act.say('hola');
    await said(fake, 'ya está');
    const first = calls(fake, 'sendMessageDraft')[0]?.at ?? 0;
    const typing = calls(fake, 'sendChatAction').map(({ at }) => at);
    expect(typing.length).toBeGreaterThanOrEqual(3);
    expect(typing.filter((at) => at > first + 45)).toEqual([]);
  });
  it('reads English if that is the person’s language', async () => {
    const { fake, asked } = await start(() => 'yes');
    fake.act.say('hi', { from: { id: 8, language_code: 'en-GB' } });
    await said(fake, 'yes', 8);
    expect(asked[0]).toMatchObject({ person: { language: 'en' }, chat: { language: 'en' } });
  });
  it('gets the place in the queue, then the words in its stead', async () => {
    const { fake } = await start(async function* () { yield { speaker: { id: 'a', name: 'A' } }; yield { replace: '⏳ En cola: puesto 2.' }; await wait(60); yield { replace: '' }; yield { append: 'llegó' }; }, { fake: { hasDrafts: false } });
    fake.act.say('hola');
    await said(fake, 'puesto 2');
    await said(fake, 'llegó');
    expect(fake.world.standing(7).map(({ text }) => text)).toEqual(['A\nllegó']);
  });
});

describe('a command', () => {
  it('arrives with its line, whatever the language of its name, and only if it is for this bot', async () => {
    const { fake, asked } = await start(() => 'hecho');
    fake.act.say('/cancion artista:martin_fierro tema:la pampa');
    fake.act.say('/song@Persona_Bot eminem', { chat: group });
    fake.act.say('/cancion@otro_bot eminem', { chat: group });
    fake.act.say('/ruleta 5', { chat: group });
    fake.act.say('/ruleta@persona_bot 5', { chat: group });
    await until('three answers', () => fake.world.said.length >= 3);
    await wait(moment);
    expect(asked.map((one) => (one.kind === 'command' ? [one.name, one.line, one.chat.id] : one))).toEqual([['cancion', 'artista:martin_fierro tema:la pampa', 'telegram:7'], ['song', 'eminem', 'telegram:-500'], ['ruleta', '5', 'telegram:-500']]);
    expect(fake.violations).toEqual([]);
  });
  it('/start greets, or gives the chat the voice that its link names', async () => {
    const { fake, asked } = await start(() => 'hola');
    fake.act.say('/start');
    fake.act.say('/start martin_fierro');
    fake.act.say('/start cualquier_cosa');
    await until('three', () => asked.length === 3);
    expect(asked.map((one) => (one.kind === 'command' ? `${one.name} ${one.line ?? ''}`.trim() : one.kind))).toEqual(['start', 'persona martin_fierro', 'start']);
  });
  it.each(['/help', '/privacy', '/cancel', '/settings'])('%s is understood, as Telegram’s users expect', async (line) => {
    const { fake, asked, bot } = await start(() => 'sí');
    fake.act.say(line);
    await until('it was asked', () => asked[0]);
    const { name } = asked[0] as { name: string };
    expect(bot.commands.some((command) => [command.name, command.english, ...command.aliases].includes(name))).toBe(true);
  });
  it('is registered for each language and scope, and not again when nothing changed', async () => {
    const { fake, platform } = await start(song);
    await until('the last description', () => calls(fake, 'setMyShortDescription').length === 3);
    const { commands } = fake.world;
    expect([...commands.keys()].filter((key) => key.startsWith('commands')).toSorted()).toEqual(['all_chat_administrators', 'all_group_chats', 'all_private_chats'].flatMap((scope) => ['', 'en', 'es'].map((language) => `commands ${scope} ${language}`)));
    expect(JSON.stringify(commands.get('commands all_private_chats es'))).toContain('"cancion"');
    expect(JSON.stringify(commands.get('commands all_group_chats en'))).toContain('"song"');
    expect(commands.get('description default es')).toMatch(/\/privacidad/);
    await platform.stop(0);
    const count = fake.calls.length;
    await start(song, { fake });
    await until('all is looked at', () => calls(fake, 'getMyShortDescription').length === 6);
    expect(fake.calls.slice(count).filter(({ method }) => method.startsWith('setMy'))).toEqual([]);
    expect(fake.violations).toEqual([]);
  });
});

describe('a long answer', () => {
  it('becomes messages of at most 4,096 units, label and buttons on the last, without a broken emoji', async () => {
    const text = Array.from({ length: 900 }, (_, index) => `verso ${index} 👩‍👩‍👧`).join('\n');
    const { fake } = await start((_, signal) => spoken([text], { signal, buttons: [otra] }));
    fake.act.say('largo');
    await said(fake, 'imitación');
    const messages = fake.world.standing(7);
    expect(messages.length).toBeGreaterThan(3);
    expect(Math.max(...messages.map((one) => one.text.length))).toBeLessThanOrEqual(4096);
    expect(messages.map((one) => one.keyboard.length > 0)).toEqual(messages.map((_, index) => index === messages.length - 1));
    const joined = messages.map((one) => one.text).join('\n');
    expect(joined.match(/👩‍👩‍👧/g)).toHaveLength(900);
    expect(fake.violations).toEqual([]);
  });
});

describe('adversarial words', () => {
  const nasty = ['@everyone @ana_luz <b>hola</b> [x](https://malo.example) *_`~>#+-=|{}.!', '\u200b\u200b', '@aa '.repeat(150), '\u202eoinu', '```sin cerrar', '/borrar todo'];
  it.each(nasty)('are shown as they are, call nobody and make no preview: %j', async (words) => {
    const { fake } = await start((_, signal) => spoken([words], { signal }));
    fake.act.say('di');
    const { text, entities, parameters } = await said(fake, 'imitación');
    if (/[^\s\u200b]/.test(words)) expect(text).toContain(words.trim());
    expect(parameters).toMatchObject({ link_preview_options: { is_disabled: true } });
    expect(parameters).not.toHaveProperty('parse_mode');
    const inCode = (index: number): boolean => entities.some(({ type, offset, length }) => type === 'code' && offset <= index && index < offset + length);
    expect([...text.matchAll(/@\w+/g)].every(({ index }) => inCode(index))).toBe(true);
    expect(entities.length).toBeLessThanOrEqual(100);
    expect(fake.violations).toEqual([]);
  });
});

describe('buttons', () => {
  it('start a new answer and are acknowledged at once', async () => {
    const { fake, asked } = await start(async (incoming, signal) => { if (incoming.kind === 'button') await wait(250); return song(incoming, signal); });
    fake.act.say('hola');
    const query = fake.act.press(await answered(fake), 'otra', { id: 9, first_name: 'Bea' });
    await until('the second answer', () => fake.world.standing(7).length === 2 && fake.world.standing(7)[1]?.text === finished);
    expect(query.answeredAfter).toBeLessThan(200);
    expect(asked[1]).toMatchObject({ kind: 'button', button: otra.id, person: { id: 'telegram:9' } });
    expect(fake.violations).toEqual([]);
  });
  it('show a short word to whoever pressed as a notice, not as a message', async () => {
    const { fake } = await start((incoming, signal) => (incoming.kind === 'button' ? '¡Anotado!' : song(incoming, signal)));
    fake.act.say('hola');
    const query = fake.act.press(await answered(fake), 'otra');
    await until('the notice', () => query.answer);
    expect(query.answer).toMatchObject({ text: '¡Anotado!' });
    await wait(moment);
    expect(fake.world.standing(7)).toHaveLength(1);
  });
  it('say what went wrong to whoever pressed alone', async () => {
    const { fake } = await start((incoming, signal) => (incoming.kind === 'button' ? (async function* () { yield { append: 'Ese botón es de quien pidió la respuesta. Pide la tuya.' }; yield { failed: 'person' as const }; })() : song(incoming, signal)));
    fake.act.say('/cancion x', { chat: group });
    const query = fake.act.press(await answered(fake, group), 'otra', { id: 9 });
    await until('the notice', () => query.answer);
    expect(query.answer).toMatchObject({ text: expect.stringContaining('Ese botón'), show_alert: true });
    expect(fake.world.standing(group)).toHaveLength(1);
  });
  it('show a long explanation as a message, hanging from the answer in a group', async () => {
    const { fake } = await start((incoming, signal) => (incoming.kind === 'button' ? `Voz: Martín Fierro ${'x'.repeat(300)}` : song(incoming, signal)));
    fake.act.say('/cancion x', { chat: group });
    const answer = await answered(fake, group);
    fake.act.press(answer, 'otra');
    expect((await said(fake, 'xxx', group)).replyTo).toBe(answer.id);
    expect(fake.unacknowledged()).toEqual([]);
  });
  it('are acknowledged even when the bot has nothing to say', async () => {
    const { fake } = await start((incoming, signal) => (incoming.kind === 'button' ? '' : song(incoming, signal)));
    fake.act.say('hola');
    fake.act.press(await answered(fake), 'otra');
    await until('no query is left waiting', () => fake.unacknowledged().length === 0);
    expect(fake.violations).toEqual([]);
  });
});
