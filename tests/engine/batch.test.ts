/** Continuous batching seen from outside: who is fed what at which step, and what each hears. */
import { describe, expect, it } from 'vitest';
import { Batch } from '../../src/engine/batch.ts';
import { mixSeed } from '../../src/engine/seed.ts';
import { alphabet, end, fakeDecoder, listener, request, tokenizer } from '../fakes/decoder.ts';

const id = (letter: string): number => alphabet.indexOf(letter);
/** The letter after the last one, a … m by turns. */
const following = (tokens: readonly number[]): number => ((tokens.at(-1) ?? 0) + 1) % 13;
const run = async (batch: Batch): Promise<void> => { while (batch.rows > 0) await batch.step(); };

describe('rows', () => {
  it('join and leave at any step without another row reading anything twice', async () => {
    const decoder = fakeDecoder(following);
    const heard = listener();
    const batch = new Batch(decoder, tokenizer, heard.tell);
    await batch.add(request('long', 'abc', { maxNew: 8 }));
    for (let step = 0; step < 3; step++) await batch.step();
    await batch.add(request('short', 'ghi', { maxNew: 3 }));
    await run(batch);
    const fed = (row: number): (string | undefined)[] => decoder.steps.map((step) => step.get(row)?.map((one) => alphabet[one]).join(''));
    expect(fed(0)).toEqual(['abc', 'd', 'e', 'f', 'g', 'h', 'i', 'j']);
    expect(fed(1)).toEqual([undefined, undefined, undefined, 'ghi', 'j', 'k', undefined, undefined]);
    expect([heard.text('long'), heard.text('short')]).toEqual(['defghijk', 'jkl']);
    expect(decoder.openRows.size).toBe(0);
  });
  it('of long prompts are read piece by piece, one after another, while others write on', async () => {
    const decoder = fakeDecoder(following);
    const batch = new Batch(decoder, tokenizer, () => undefined);
    await batch.add(request('first', 'a', { maxNew: 12 }));
    await batch.step();
    for (const name of ['second', 'third']) await batch.add(request(name, 'ab'.repeat(100), { maxNew: 1 }));
    await run(batch);
    expect(decoder.steps.map((step) => [0, 1, 2].map((row) => step.get(row)?.length ?? 0))).toEqual([
      [1, 0, 0], [1, 128, 0], [1, 72, 0], [1, 0, 128], [1, 0, 72], ...Array.from({ length: 7 }, () => [1, 0, 0]),
    ]);
  });
  it('begin together where nobody is writing yet', async () => {
    const decoder = fakeDecoder(following);
    const batch = new Batch(decoder, tokenizer, () => undefined);
    for (let index = 0; index < 5; index++) await batch.add(request(`${index}`, 'abc'.repeat(20), { maxNew: 2 }));
    await run(batch);
    expect(decoder.steps.map((step) => [...step.values()].map(({ length }) => length))).toEqual([[60, 60, 60, 60, 60], [1, 1, 1, 1, 1]]);
  });
  it('wait while their keys and values would not fit in memory, and come in when others leave', async () => {
    const decoder = fakeDecoder(following, { bytesPerToken: 10 });
    const heard = listener();
    const batch = new Batch(decoder, tokenizer, heard.tell, { room: () => 2 * 10 * 10 });
    for (const name of ['a', 'b', 'c']) await batch.add(request(name, 'ab', { maxNew: 8 }));
    await batch.step();
    expect(decoder.openRows.size).toBe(2);
    expect(heard.of('c')).toEqual([]);
    await run(batch);
    expect(heard.text('c')).toBe('cdefghij');
  });
});

describe('an answer', () => {
  const speak = async (text: string, next: (tokens: readonly number[]) => number, changes = {}) => {
    const heard = listener();
    const batch = new Batch(fakeDecoder(next), tokenizer, heard.tell);
    await batch.add(request('one', text, changes));
    await run(batch);
    return heard;
  };
  it('ends where the model ends it, and the end is not told', async () => {
    const heard = await speak('a', (tokens) => (tokens.length === 4 ? end : following(tokens)));
    expect(heard.text('one')).toBe('bcd');
    expect(heard.last('one')).toMatchObject({ type: 'end', finish: 'stop', tokens: 3 });
  });
  it('ends at its length', async () => {
    expect((await speak('a', following, { maxNew: 5 })).last('one')).toMatchObject({ finish: 'length', tokens: 5 });
  });
  it('ends before the first stop string, of which nothing was told while it formed', async () => {
    const heard = await speak('a', following, { stop: ['gz', 'ef'] });
    expect(heard.text('one')).toBe('bcd');
    expect(heard.last('one')).toMatchObject({ finish: 'stop' });
    expect(heard.of('one').filter(({ type }) => type === 'words').map((event) => event.type === 'words' && event.text)).toEqual(['b', 'c', 'd']);
  });
  it('tells what looked like the beginning of a stop string when it was none', async () => {
    expect((await speak('a', following, { stop: ['cx'], maxNew: 4 })).text('one')).toBe('bcde');
    expect((await speak('a', following, { stop: ['ex'], maxNew: 4 })).text('one')).toBe('bcde');
  });
  it('is no shorter than its least length', async () => {
    expect((await speak('a', () => end, { minNew: 3, maxNew: 6 })).last('one')).toMatchObject({ finish: 'stop', tokens: 3 });
  });
  it('that is called off frees its row at once and says so', async () => {
    const decoder = fakeDecoder(following);
    const heard = listener();
    const batch = new Batch(decoder, tokenizer, heard.tell);
    await batch.add(request('one', 'a'));
    await batch.step();
    batch.cancel('one');
    expect([decoder.openRows.size, batch.rows]).toEqual([0, 0]);
    expect(heard.last('one')).toMatchObject({ type: 'end', finish: 'cancel', tokens: 1 });
  });
});

describe('a full window', () => {
  it('slides: the control tokens stay, then the later half from the beginning of a sentence', async () => {
    const decoder = fakeDecoder((tokens) => (tokens.length % 5 === 4 ? id('.') : following([tokens.length])), { window: 21 });
    const heard = listener();
    const batch = new Batch(decoder, tokenizer, heard.tell);
    await batch.add({ ...request('one', 'abc', { maxNew: 30 }), prompt: [{ control: '|' }, { text: 'abc' }] });
    await run(batch);
    const reread = decoder.steps.map((step) => [...step.values()].at(0) ?? []).filter((tokens) => tokens.length > 1).map((tokens) => tokens.map((one) => alphabet[one]).join(''));
    expect(reread[0]).toBe('|abc');
    expect(reread.length).toBeGreaterThan(1);
    const text = heard.text('one');
    for (const again of reread.slice(1)) {
      expect(again[0]).toBe('|');
      expect(again.length).toBeLessThanOrEqual(11);
      const at = text.indexOf(again.slice(1));
      expect(at).toBeGreaterThan(0);
      expect(text[at - 1]).toBe('.');
    }
    expect(heard.last('one')).toMatchObject({ finish: 'length', tokens: 30 });
  });
});

describe('several candidates', () => {
  it('are written by seeds of their own; the best is told, whole, at the end, and which it was', async () => {
    const heard = listener();
    const batch = new Batch(fakeDecoder((tokens) => tokens.at(-1) ?? 0, { sharpness: 3 }), tokenizer, heard.tell);
    await batch.add(request('one', 'a', { temperature: 1, candidates: 4, maxNew: 20 }, 5));
    await run(batch);
    expect(heard.of('one').map(({ type }) => type)).toEqual(['started', 'words', 'end']);
    const { candidate = -1 } = heard.last('one') as { candidate?: number };
    const alone = listener();
    const single = new Batch(fakeDecoder((tokens) => tokens.at(-1) ?? 0, { sharpness: 3 }), tokenizer, alone.tell);
    for (let index = 0; index < 4; index++) await single.add(request(`${index}`, 'a', { temperature: 1, maxNew: 20 }, mixSeed(5, index)));
    await run(single);
    expect(new Set(['0', '1', '2', '3'].map((name) => alone.text(name))).size).toBe(4);
    expect(heard.text('one')).toBe(alone.text(`${candidate}`));
  });
});

describe('a base that cannot go on', () => {
  it('ends all its answers, and takes new ones', async () => {
    const decoder = fakeDecoder(following);
    const heard = listener();
    const batch = new Batch(decoder, tokenizer, heard.tell);
    await batch.add(request('one', 'a'));
    await batch.step();
    batch.fail('out of memory');
    expect(heard.last('one')).toEqual({ type: 'failed', kind: 'engine', message: 'out of memory' });
    expect(decoder.openRows.size).toBe(0);
    await batch.add(request('two', 'a', { maxNew: 2 }));
    await run(batch);
    expect(heard.text('two')).toBe('bc');
  });
});

describe('chance', () => {
  it('belongs to the request: the same text alone and among others that come and go', async () => {
    const texts = async (together: boolean): Promise<string[]> => {
      const heard = listener();
      const batch = new Batch(fakeDecoder((tokens) => tokens.at(-1) ?? 0, { sharpness: 3 }), tokenizer, heard.tell);
      for (let index = 0; index < 20; index++) {
        await batch.add(request(`${index}`, 'abc'.slice(0, 1 + (index % 3)), { temperature: 1, topK: 8, maxNew: 10 + index }, index));
        if (together) for (let step = 0; step < index % 3; step++) await batch.step();
        else await run(batch);
      }
      await run(batch);
      return Array.from({ length: 20 }, (_, index) => heard.text(`${index}`));
    };
    const [alone, together] = [await texts(false), await texts(true)];
    expect(together).toEqual(alone);
    expect(new Set(alone).size).toBe(20);
  });
});
