/** Groups on Telegram: who is heard, who rules, how often the bot may speak, moving house and being thrown out. */
import { describe, expect, it } from 'vitest';
import { spoken, until, wait } from '../fakes/bot.ts';
import { calls, finished, group, otra, said, song, start, moment, whole } from './telegram.setup.ts';

const open = { isPrivacyOn: false };

describe('in a group', () => {
  it('a mention, a reply and a text mention are heard, with names in place of mentions; other talk is not', async () => {
    const { fake, asked, bot } = await start((incoming, signal) => (incoming.kind === 'mention' && incoming.text === 'canta' ? song(incoming, signal) : 'sí'), { fake: open });
    fake.act.say('canta @persona_bot', { chat: group });
    const answer = await until('the answer', () => fake.world.standing(group).find(({ text }) => text.includes('imitación')));
    fake.act.say('@Persona_Bot dile algo a @bea_luz', { chat: group });
    fake.act.say('otra más', { chat: group, replyTo: answer });
    fake.act.say('oye, Ventrílocuo', { chat: group, entities: [{ type: 'text_mention', offset: 5, length: 11, user: fake.world.me }] });
    fake.act.say('nada que ver', { chat: group });
    fake.act.say('escribe a yo@persona_bot.example o mira x.example/@persona_bot', { chat: group });
    await until('four', () => asked.length === 4);
    await wait(moment);
    expect(asked.map((one) => (one.kind === 'mention' ? one.text : one.kind))).toEqual(['canta', 'dile algo a bea_luz', 'otra más', 'oye,']);
    expect(asked[2]).toMatchObject({ repliesTo: 'a1b2c3d4' });
    expect(bot.commands.length).toBeGreaterThan(5);
    expect(fake.violations).toEqual([]);
  });
  it('an answer hangs from its question, in its topic', async () => {
    const { fake } = await start(song);
    fake.act.say('/verso mar', { chat: -1_000_000_000_500, extra: { message_thread_id: 33, is_topic_message: true } });
    const answer = await said(fake, whole, -1_000_000_000_500);
    expect(answer).toMatchObject({ replyTo: 1, thread: 33 });
    expect(calls(fake, 'sendChatAction')[0]?.parameters).toMatchObject({ message_thread_id: 33 });
    expect(calls(fake, 'sendMessageDraft')).toEqual([]);
  });
  it('bots, inline results, channels and itself are not answered, and an edited message not again', async () => {
    const { fake, asked } = await start(() => 'sí', { fake: open });
    const text = 'hola @persona_bot';
    fake.act.say(text, { chat: group, from: { id: 99, is_bot: true } });
    fake.act.say(text, { chat: group, extra: { via_bot: fake.world.me } });
    fake.act.say(text, { chat: group, extra: { sender_chat: { id: -1009, type: 'channel', title: 'Canal' } } });
    fake.act.say(text, { chat: group, from: { id: fake.world.me.id, is_bot: true } });
    fake.act.edit(text, { chat: group });
    await wait(moment);
    expect(asked).toEqual([]);
  });
  it('roles are those of the platform: operators, administrators (also anonymous ones), everybody else', async () => {
    const { fake, asked } = await start(() => 'sí', { operators: ['telegram:1'] });
    fake.world.chat(group).administrators.add(2);
    const anonymous = { from: { id: 1087968824, is_bot: true, first_name: 'Group' }, extra: { sender_chat: { id: group, type: 'group' as const, title: 'La peña' } } };
    for (const writing of [{ from: { id: 1 } }, { from: { id: 2 } }, { from: { id: 3 } }, { from: { id: 2 } }, anonymous]) fake.act.say('/persona quijote', { chat: group, ...writing });
    await until('five', () => asked.length === 5);
    expect(asked.map(({ person }) => [person.id, person.role])).toEqual([['telegram:1', 'operator'], ['telegram:2', 'administrator'], ['telegram:3', 'anyone'], ['telegram:2', 'administrator'], ['telegram:-500', 'administrator']]);
    expect(calls(fake, 'getChatMember')).toHaveLength(2);
  });
  it('the public words are in the installation’s language, a person’s in theirs', async () => {
    const { fake, asked } = await start(() => 'sí', { language: 'es' });
    fake.act.say('/help', { chat: group, from: { id: 3, language_code: 'en' } });
    await until('it was asked', () => asked[0]);
    expect(asked[0]).toMatchObject({ chat: { group: true, language: 'es' }, person: { language: 'en' } });
  });
  it('one slow answer delays nobody else', async () => {
    const { fake } = await start(async function* ({ chat }) { yield { speaker: { id: 'a', name: 'A' } }; if (chat.id === 'telegram:-500') await wait(700); yield { append: `para ${chat.id}` }; });
    fake.act.say('/verso', { chat: group });
    fake.act.say('/verso', { chat: -501 });
    fake.act.say('/verso');
    await said(fake, 'para telegram:-501', -501);
    await said(fake, 'para telegram:7');
    expect(fake.world.standing(group)).toEqual([]);
    await said(fake, 'para telegram:-500', group);
  });
  it('what is asked one after the other in a chat is taken in that order', async () => {
    const order: string[] = [];
    const { fake } = await start(async (incoming) => { const name = incoming.kind === 'command' ? incoming.name : ''; await wait(name === 'persona' ? 80 : 0); order.push(name); return 'sí'; });
    fake.act.say('/persona quijote');
    fake.act.say('/verso');
    await until('both', () => order.length === 2);
    expect(order).toEqual(['persona', 'verso']);
  });
});

describe('the flood limits', () => {
  it('are kept in a group whatever the number of answers, and each still ends whole', async () => {
    const window = 1_200;
    const { fake } = await start((_, signal) => spoken(Array.from({ length: 25 }, (_1, index) => `${index} `), { pause: 30, signal, buttons: [otra] }), { fake: { groupLimit: 10, window }, pace: { groupMessages: 10, window: window + 600, groupEdits: 10 } });
    for (let index = 0; index < 4; index++) fake.act.say('/verso', { chat: group });
    await until('four whole answers', () => fake.world.standing(group).filter(({ text }) => text.includes('24') && text.includes('imitación')).length === 4, 8_000);
    const times = fake.calls.filter(({ method, status }) => ['sendMessage', 'editMessageText'].includes(method) && status === 200).map(({ at }) => at);
    expect(Math.max(...times.map((time) => times.filter((other) => other >= time && other < time + window - 50).length))).toBeLessThanOrEqual(10);
    expect(fake.calls.filter(({ status }) => status === 429)).toEqual([]);
    expect(fake.violations).toEqual([]);
  });
  it('leave the same text alone', async () => {
    const { fake } = await start((_, signal) => spoken(['Aquí ', '  ', '\n', '', 'me pongo'], { pause: 40, signal }));
    fake.act.say('/verso', { chat: group });
    await until('the end', () => fake.world.standing(group)[0]?.text.includes('imitación'));
    expect(calls(fake, 'editMessageText').every(({ status }) => status === 200)).toBe(true);
    expect(fake.violations).toEqual([]);
  });
});

describe('privacy mode', () => {
  it('is explained when the bot comes and when help is asked, in their language', async () => {
    const { fake } = await start(() => 'La ayuda.');
    fake.act.membership(group, 'left', 'member', { language_code: 'en' });
    await said(fake, '/speak@persona_bot', group);
    fake.act.say('/ayuda', { chat: group });
    expect((await said(fake, 'La ayuda.', group)).text).toContain('@BotFather');
    fake.act.say('/ayuda');
    expect((await said(fake, 'La ayuda.')).text).toBe('La ayuda.');
    expect(fake.violations).toEqual([]);
  });
  it('is not mentioned where the bot sees everything', async () => {
    const { fake } = await start(() => 'La ayuda.', { fake: open });
    fake.act.membership(group, 'left', 'member');
    fake.act.say('/ayuda', { chat: group });
    expect((await said(fake, 'La ayuda.', group)).text).toBe('La ayuda.');
    expect(fake.world.standing(group)).toHaveLength(1);
  });
});

describe('a group that becomes a supergroup', () => {
  const supergroup = -1_000_000_000_777;
  it('takes its settings along, once', async () => {
    const { fake, moved } = await start(song);
    fake.act.migrate(group, supergroup);
    fake.act.say('/verso', { chat: supergroup });
    await said(fake, whole, supergroup);
    expect(moved).toEqual([['telegram:-500', 'telegram:-1000000000777']]);
  });
  it('still hears the answer that was being written, from its beginning', async () => {
    const { fake, moved } = await start((_, signal) => spoken(['Aquí me pongo ', 'a cantar\n', 'al compás ', 'de la vigüela'], { pause: 60, signal, buttons: [otra] }));
    fake.act.say('/verso', { chat: group });
    await said(fake, 'Aquí', group);
    fake.act.migrate(group, supergroup, false);
    await until('the whole', () => fake.world.standing(supergroup)[0]?.text === finished);
    expect(fake.world.standing(supergroup)).toHaveLength(1);
    expect(moved).toEqual([['telegram:-500', 'telegram:-1000000000777']]);
    expect(fake.violations).toEqual([]);
  });
  it('is found by a first message too', async () => {
    const { fake, moved } = await start(async function* () { yield { speaker: { id: 'a', name: 'A' } }; await wait(80); yield { append: 'aquí estoy' }; }, { pace: { typing: 10_000 } });
    fake.act.say('/verso', { chat: group });
    await until('it was heard', () => calls(fake, 'sendChatAction').length > 0);
    fake.act.migrate(group, supergroup, false);
    await said(fake, 'aquí estoy', supergroup);
    expect(moved).toHaveLength(1);
  });
});

describe('a closed door', () => {
  it('being thrown out ends the answer quietly and forgets the chat', async () => {
    let wasStopped = false;
    const { fake, left, pending, failures } = await start(async function* (_, signal) { try { for (let index = 0; index < 100 && !signal.aborted; index++) { yield { append: `${index} ` }; await wait(15); } } finally { wasStopped = true; } });
    fake.act.say('/verso', { chat: group });
    await said(fake, '0', group);
    fake.act.membership(group, 'member', 'kicked');
    await until('the writing stops', () => wasStopped);
    await until('the chat is forgotten', () => left.length === 1);
    expect(left).toEqual(['telegram:-500']);
    await until('nothing is pending', () => pending.open_.size === 0);
    expect(failures).toEqual([]);
  });
  it('a person who blocked the bot, or a group where it may not write, stays quiet', async () => {
    const { fake, failures } = await start(() => 'sí');
    fake.world.chat(7).isClosed = true;
    fake.world.chat(group).isMuted = true;
    fake.act.say('hola');
    fake.act.say('/ayuda', { chat: group });
    fake.act.say('hola', { from: { id: 8 } });
    await said(fake, 'sí', 8);
    await until('three tries', () => calls(fake, 'sendMessage').length === 3);
    await wait(moment);
    expect(calls(fake, 'sendMessage')).toHaveLength(3);
    expect(failures).toEqual([]);
  });
});
