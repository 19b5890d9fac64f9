/** Inline mode on Telegram: what is typed after @bot in any chat becomes a text to send. */
import { describe, expect, it } from 'vitest';
import { spoken, until, wait } from '../fakes/bot.ts';
import { calls, song, start, moment } from './telegram.setup.ts';

interface Article { readonly id: string; readonly title: string; readonly input_message_content: { readonly message_text: string } }
const articles = (answer: Readonly<Record<string, unknown>> | undefined): Article[] => (answer?.results ?? []) as Article[];

describe('an inline query', () => {
  it('is answered with one text, labelled, for that person alone', async () => {
    const { fake, asked } = await start(song);
    const query = fake.act.type('la pampa ');
    await until('the answer', () => query.answer);
    expect(query.answer).toMatchObject({ is_personal: true, cache_time: 0 });
    expect(articles(query.answer)).toMatchObject([{ title: 'Sobre la pampa', input_message_content: { message_text: 'Aquí me pongo a cantar\nal compás de la vigüela\n\nimitación generada por una máquina' } }]);
    expect(asked[0]).toMatchObject({ kind: 'inline', text: 'la pampa', chat: { id: 'telegram:7' } });
    expect(fake.violations).toEqual([]);
  });
  it('while the person still types is not worth an answer: only the last one is', async () => {
    const { fake, asked } = await start(song);
    const queries = ['l', 'la', 'la p', 'la pampa'].map((text) => fake.act.type(text));
    await until('the last answer', () => queries.at(-1)?.answer);
    await wait(moment);
    expect(asked.map((one) => (one.kind === 'inline' ? one.text : ''))).toEqual(['la pampa']);
    expect(queries.map(({ answer }) => answer !== undefined)).toEqual([false, false, false, true]);
  });
  it('that is overtaken stops being written', async () => {
    const { fake } = await start((incoming, signal) => spoken(Array.from({ length: 500 }, () => 'la '), { pause: incoming.kind === 'inline' && incoming.text === 'dos' ? 0 : 5, signal }), { pace: { inlineDeadline: 2_000 } });
    fake.act.type('uno');
    await wait(60);
    const second = fake.act.type('dos');
    await until('the second', () => second.answer);
    expect(calls(fake, 'answerInlineQuery')).toHaveLength(1);
  });
  it.each([['without words', ''], ['that takes too long', 'lento']])('%s points to the chat instead', async (_, text) => {
    const { fake } = await start((incoming, signal) => spoken(['palabra '].concat(Array.from({ length: 300 }, () => 'más ')), { pause: incoming.kind === 'inline' && incoming.text === 'lento' ? 20 : 0, signal }));
    const query = fake.act.type(text);
    await until('the answer', () => query.answer);
    expect(query.answer).toMatchObject({ results: [], button: { text: 'Pídemelo en el chat', start_parameter: 'inline' } });
    expect(fake.violations).toEqual([]);
  });
  it('that went wrong offers nobody an error to send', async () => {
    const { fake } = await start(async function* () { yield { append: 'Vas muy deprisa.' }; yield { failed: 'person' as const }; });
    const query = fake.act.type('algo');
    await until('the answer', () => query.answer);
    expect(articles(query.answer)).toEqual([]);
  });
  it('whose text is too long is cut to what a message holds', async () => {
    const { fake } = await start((_, signal) => spoken(['palabras '.repeat(900)], { signal }));
    const query = fake.act.type('mucho');
    await until('the answer', () => query.answer);
    const [article] = articles(query.answer);
    expect(article?.input_message_content.message_text.length).toBeLessThanOrEqual(4096);
    expect(article?.input_message_content.message_text).toMatch(/palabras\n\nimitación generada por una máquina$/);
    expect(fake.violations).toEqual([]);
  });
  it('delays no message', async () => {
    const { fake } = await start(async (incoming) => { if (incoming.kind === 'inline') await wait(250); return 'sí'; });
    fake.act.type('lento');
    fake.act.say('hola');
    await until('the message is answered', () => fake.world.standing(7).length === 1);
    expect(calls(fake, 'answerInlineQuery')).toEqual([]);
  });
});
