/** The fake Telegram itself: it refuses what the real one would, so that its silence means something. */
import { describe, expect, it } from 'vitest';
import { openFake, group } from './telegram.setup.ts';

interface Reply { readonly ok: boolean; readonly error_code?: number; readonly description?: string; readonly parameters?: { retry_after?: number }; readonly result?: { message_id?: number } }

async function open(options: Parameters<typeof openFake>[0] = {}) {
  const fake = await openFake(options);
  fake.world.chat(7);
  fake.world.chat(group);
  const call = async (method: string, parameters: object = {}): Promise<Reply> => (await fetch(`${fake.apiRoot}/bot${fake.token}/${method}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(parameters) })).json() as Promise<Reply>;
  return { fake, call };
}

describe('the fake refuses', () => {
  const text = 'hola';
  it.each([
    ['an unknown method', 'sendMesage', { chat_id: 7, text }, 404],
    ['an unknown parameter', 'sendMessage', { chat_id: 7, text, disable_web_page_preview: true }, 400],
    ['a missing parameter', 'sendMessage', { chat_id: 7 }, 400],
    ['a wrong type', 'sendMessage', { chat_id: 7, text, message_thread_id: '3' }, 400],
    ['an empty text', 'sendMessage', { chat_id: 7, text: ' \n' }, 400],
    ['a text of 4,097 units', 'sendMessage', { chat_id: 7, text: 'x'.repeat(4097) }, 400],
    ['half an emoji', 'sendMessage', { chat_id: 7, text: '\ud83d' }, 400],
    ['an entity outside of the text', 'sendMessage', { chat_id: 7, text, entities: [{ type: 'bold', offset: 2, length: 3 }] }, 400],
    ['callback data of 65 bytes', 'sendMessage', { chat_id: 7, text, reply_markup: { inline_keyboard: [[{ text, callback_data: 'ñ'.repeat(33) }]] } }, 400],
    ['a chat that it does not know', 'sendMessage', { chat_id: 12345, text }, 400],
    ['a draft in a group', 'sendMessageDraft', { chat_id: group, draft_id: 1, text }, 400],
    ['an edit of what is not there', 'editMessageText', { chat_id: 7, message_id: 99, text }, 400],
    ['a query that nobody made', 'answerCallbackQuery', { callback_query_id: 'x' }, 400],
    ['a command in capitals', 'setMyCommands', { commands: [{ command: 'Cancion', description: text }] }, 400],
    ['parameters where there are none', 'getMe', { chat_id: 7 }, 400],
  ])('%s', async (_, method, parameters, code) => {
    const { fake, call } = await open();
    expect(await call(method, parameters)).toMatchObject({ ok: false, error_code: code });
    expect(fake.world.said).toEqual([]);
  });
  it('an edit that changes nothing', async () => {
    const { fake, call } = await open();
    const { result } = await call('sendMessage', { chat_id: 7, text });
    const edit = { chat_id: 7, message_id: result?.message_id, text };
    expect(await call('editMessageText', edit)).toMatchObject({ error_code: 400, description: expect.stringContaining('message is not modified') });
    expect(await call('editMessageText', { ...edit, text: 'adiós' })).toMatchObject({ ok: true });
    expect(fake.violations).toHaveLength(1);
  });
  it('a second answer to a query, and one that is late', async () => {
    const { fake, call } = await open({ queryLife: 400 });
    const { id } = fake.act.type('hola');
    const answer = { inline_query_id: id, results: [] };
    expect(await call('answerInlineQuery', answer)).toMatchObject({ ok: true });
    expect(await call('answerInlineQuery', answer)).toMatchObject({ error_code: 400 });
    const late = fake.act.type('adiós');
    await new Promise((resolve) => setTimeout(resolve, 420));
    expect(await call('answerInlineQuery', { ...answer, inline_query_id: late.id })).toMatchObject({ error_code: 400 });
  });
  it('the 21st message of a minute in a group, saying when to come again', async () => {
    const { call } = await open();
    const replies = [];
    for (let index = 0; index < 21; index++) replies.push(await call('sendMessage', { chat_id: group, text: String(index) }));
    expect(replies.slice(0, 20).every(({ ok }) => ok)).toBe(true);
    expect(replies[20]).toMatchObject({ error_code: 429, parameters: { retry_after: expect.any(Number) } });
  });
  it('a wrong token', async () => {
    const { fake } = await open();
    expect((await fetch(`${fake.apiRoot}/bot1:x/getMe`)).status).toBe(401);
  });
  it('the older of two that fetch updates, and confirms what an offset passes', async () => {
    const { fake, call } = await open();
    const first = call('getUpdates', { timeout: 5 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const second = call('getUpdates', { timeout: 5 });
    expect(await first).toMatchObject({ error_code: 409 });
    const update = fake.act.say('hola');
    expect(await second).toMatchObject({ ok: true, result: [{ update_id: update, message: { text: 'hola' } }] });
    expect(fake.polling.unconfirmed()).toBe(update);
    await call('getUpdates', { offset: (update ?? 0) + 1 });
    expect(fake.polling.unconfirmed()).toBeUndefined();
  });
});
