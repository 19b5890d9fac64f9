/** How a stream of parts reaches a sink: paced, split, whole at the end, and closed when the sink fails. */
import { describe, expect, it } from 'vitest';
import { deliver, type Message, type Sink } from '../../src/chat/deliver.ts';
import type { Part } from '../../src/command.ts';

function recorder(options: Partial<Sink> = {}) {
  const log: string[] = [];
  const standing = new Map<string, Message>();
  let next = 0;
  const sink: Sink = {
    limit: 40, interval: 0,
    post: async (message) => { const handle = `m${++next}`; standing.set(handle, message); log.push(`post ${message.text}`); return handle; },
    edit: async (handle, message) => { standing.set(handle, message); log.push(`edit ${handle} ${message.text}`); },
    remove: async (handle) => { standing.delete(handle); log.push(`remove ${handle}`); },
    attach: async ({ name }) => { log.push(`attach ${name}`); },
    ...options,
  };
  return { sink, log, texts: () => [...standing.values()].map((message) => message.text), standing };
}
async function* stream(parts: readonly Part[], pause = 1): AsyncIterable<Part> {
  for (const part of parts) { yield part; await new Promise((resolve) => setTimeout(resolve, pause)); }
}
const button = { id: '1|otra|a|b', label: 'otra' };

describe('deliver', () => {
  it('posts a plain string once', async () => {
    const { sink, log } = recorder();
    await deliver('hola', sink);
    expect(log).toEqual(['post hola']);
  });
  it('sends nothing for an empty reply', async () => {
    const { sink, log } = recorder();
    expect(await deliver(stream([]), sink)).toEqual([]);
    expect(log).toEqual([]);
  });
  it('ends with the whole text, the label and the buttons on the last message only', async () => {
    const { sink, standing } = recorder();
    await deliver(stream([{ append: 'En un lugar de la Mancha, ' }, { append: 'de cuyo nombre no quiero acordarme' }, { label: 'imitación' }, { buttons: [button] }]), sink);
    const messages = [...standing.values()];
    expect(messages.map((message) => message.text).join(' ')).toBe('En un lugar de la Mancha, de cuyo nombre no quiero acordarme');
    expect(messages.map((message) => message.label !== '')).toEqual(messages.map((_, index) => index === messages.length - 1));
    expect(messages.at(-1)?.buttons).toEqual([button]);
    expect(messages[0]?.buttons).toEqual([]);
  });
  it('edits no more often than the interval and still ends with the last word', async () => {
    const { sink, log, texts } = recorder({ interval: 60 });
    await deliver(stream(Array.from({ length: 20 }, (_, index) => ({ append: `${index} ` })), 5), sink);
    expect(log.length).toBeLessThanOrEqual(6);
    expect(texts().join(' ')).toContain('19');
  });
  it('replaces a notice and removes messages that are no longer needed', async () => {
    const { sink, texts } = recorder();
    await deliver(stream([{ append: 'una nota larga que ocupa más de un mensaje entero' }, { replace: 'ya' }]), sink);
    expect(texts()).toEqual(['ya']);
  });
  it('never edits to the same text twice', async () => {
    const { sink, log } = recorder();
    await deliver(stream([{ append: 'hola' }, { append: '' }, { replace: 'hola' }, { label: '' }]), sink);
    expect(log).toEqual(['post hola']);
  });
  it('closes the reply and rejects when the sink fails', async () => {
    let isClosed = false;
    async function* endless(): AsyncIterable<Part> {
      try { for (;;) { yield { append: 'a ' }; await new Promise((resolve) => setTimeout(resolve, 1)); } } finally { isClosed = true; }
    }
    const { sink } = recorder({ edit: () => Promise.reject(new Error('gone')) });
    await expect(deliver(endless(), sink)).rejects.toThrow('gone');
    expect(isClosed).toBe(true);
  });
  it('still shows what came before the reply failed', async () => {
    async function* failing(): AsyncIterable<Part> { yield { append: 'antes' }; throw new Error('bug'); }
    const { sink, texts } = recorder();
    await expect(deliver(failing(), sink)).rejects.toThrow('bug');
    expect(texts()).toEqual(['antes']);
  });
  it('attaches pictures and files after the text', async () => {
    const { sink, log } = recorder();
    await deliver(stream([{ picture: new Uint8Array(1), alt: 'curva' }, { append: 'tarjeta' }]), sink);
    expect(log).toEqual(['post tarjeta', 'attach imagen.png']);
  });
});
