/** Whose turn it is: by turns between keys, in order within one, bounded; and the small measures beside the queue. */
import { describe, expect, it } from 'vitest';
import { best, hasLoop, score } from '../../src/engine/best.ts';
import { Queue } from '../../src/engine/queue.ts';
import { createRate } from '../../src/engine/rate.ts';
import { mixSeed } from '../../src/engine/seed.ts';
import { createStream } from '../../src/engine/stream.ts';

interface Item { readonly key: string; readonly name: string }
const item = (name: string): Item => ({ key: name[0] ?? '', name });
const queueOf = (names: string, limit = 100) => { const queue = new Queue<Item>(limit); for (const name of names.split(' ')) queue.push(item(name)); return queue; };
const drain = (queue: ReturnType<typeof queueOf>): string => { const names: string[] = []; for (let next = queue.next(); next; next = queue.next()) names.push(next.name); return names.join(' '); };

describe('the queue', () => {
  it('serves keys by turns, so that a busy chat does not hold up the others', () => expect(drain(queueOf('a1 a2 a3 b1 c1 c2'))).toBe('a1 b1 c1 a2 c2 a3'));
  it('serves a newcomer before the second of those who were served', () => {
    const queue = queueOf('a1 a2 a3');
    queue.next();
    queue.push(item('b1'));
    expect(drain(queue)).toBe('a2 b1 a3');
  });
  it('tells everyone their place as it will be', () => { const queue = queueOf('a1 a2 b1 c1 b2'); expect(queue.inOrder().map(({ name }) => name).join(' ')).toBe(drain(queue)); });
  it('refuses one more than fit', () => { const queue = queueOf('a1 b1', 2); expect([queue.push(item('c1')), queue.length]).toEqual([false, 2]); });
  it('takes back what has lost its turn before all others, even when full', () => { const queue = queueOf('a1 b1 b2', 3); queue.putBack(item('b0')); expect([queue.peek()?.name, drain(queue)]).toEqual(['b0', 'b0 a1 b1 b2']); });
  it('lets go of one who leaves, and of nobody else', () => {
    const queue = new Queue<Item>(9);
    const [first, second] = [item('a1'), item('a2')];
    queue.push(first);
    queue.push(second);
    expect([queue.remove(first), queue.remove(first), drain(queue)]).toEqual([true, false, 'a2']);
  });
});

describe('of several candidates', () => {
  const words = [1, 2, 3, 4, 5, 6, 7, 8];
  it('the finished one is told before one cut off', () => expect(best([{ ids: words, isFinished: false }, { ids: [1, 2], isFinished: true }])).toBe(1));
  it('the one without a loop is told before one that runs in circles', () => expect(best([{ ids: [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4], isFinished: true }, { ids: words, isFinished: true }])).toBe(1));
  it('the more varied is told, and of equals the first', () => { expect(best([{ ids: [1, 2, 1, 2, 3], isFinished: true }, { ids: words, isFinished: true }])).toBe(1); expect(best([{ ids: words, isFinished: true }, { ids: words, isFinished: true }])).toBe(0); });
  it('the one less copied is told, where that is known', () => expect(best([{ ids: words, isFinished: true, overlap: 0.5 }, { ids: words, isFinished: true, overlap: 0.1 }])).toBe(1));
  it('a loop is four tokens in a row three times', () => expect([hasLoop([1, 2, 3, 4, 9, 1, 2, 3, 4]), hasLoop([1, 2, 3, 4, 9, 1, 2, 3, 4, 1, 2, 3, 4])]).toEqual([false, true]));
  it('scores add up as documented', () => expect(score({ ids: [1, 2, 1, 2, 1], isFinished: true, overlap: 0.2 })).toBeCloseTo(1 + 1 + 0.5 * (2 / 4) - 0.5 * 0.2));
  it('have seeds of their own, the first the request’s', () => { expect(mixSeed(7, 0)).toBe(7); expect(new Set(Array.from({ length: 100 }, (_, index) => mixSeed(4_294_967_290, index))).size).toBe(100); });
});

describe('tokens a second', () => {
  const rateOf = (marks: readonly [at: number, count: number][]): number => { let now = 0; const rate = createRate(() => now); for (const [at, count] of marks) { now = at; rate.add(count); } return rate.perSecond(); };
  it('are counted while something is written', () => expect(rateOf([[0, 0], [1000, 50], [2000, 150]])).toBe(75));
  it('are not lowered by idle time', () => expect(rateOf([[0, 0], [1000, 50], [9000, 50], [10_000, 100]])).toBe(50));
  it('forget what was more than a minute ago', () => expect(rateOf([[0, 0], [1000, 1000], [61_500, 1000], [62_500, 1010]])).toBe(10));
  it('begin anew with another process', () => expect(rateOf([[0, 0], [1000, 900], [2000, 0], [3000, 20]])).toBe(20));
  it('are none where nothing was written', () => expect(rateOf([[0, 0], [1000, 0]])).toBe(0));
});

describe('a stream', () => {
  it('keeps order and loses nothing, read early or late', async () => {
    const stream = createStream<number>(() => undefined);
    stream.push(1);
    const read = (async () => { const all: number[] = []; for await (const one of stream) all.push(one); return all; })();
    stream.push(2);
    await Promise.resolve();
    stream.push(3);
    stream.end();
    expect(await read).toEqual([1, 2, 3]);
  });
  it('tells when its reader leaves before the end, and not when it stays', async () => {
    let left = 0;
    const [one, other] = [createStream<number>(() => { left++; }), createStream<number>(() => { left++; })];
    for (const stream of [one, other]) { stream.push(1); stream.push(2); stream.end(); }
    for await (const _ of other) continue;
    expect(left).toBe(0);
    const open = createStream<number>(() => { left++; });
    open.push(1);
    for await (const _ of open) break;
    expect(left).toBe(1);
  });
});
