/** How words become songs, stanzas and sentences: nothing invented, nothing cut in the middle. */
import { describe, expect, it } from 'vitest';
import { layoutOf } from '../../src/persona/finish.ts';
import type { Ask } from '../../src/persona/prompt.ts';

/** Fed in bites of any size, as tokens come. */
function lay(form: Ask['form'], text: string, { length = 2, verse = false, finish = 'stop', bite = 3 }: { length?: number; verse?: boolean; finish?: 'stop' | 'length'; bite?: number } = {}): string {
  const layout = layoutOf(form, verse, length, 'es');
  let out = '';
  for (let at = 0; at < text.length && !layout.isComplete; at += bite) out += layout.push(text.slice(at, at + bite));
  return out + layout.end(finish);
}
const stanza = (name: string, lines = 3): string => Array.from({ length: lines }, (_, index) => `${name} ${index + 1}`).join('\n');

describe('a song', () => {
  it('has verses, and a chorus that comes back', () => {
    expect(lay('song', ['a', 'b', 'c', 'd'].map((name) => stanza(name)).join('\n\n'))).toBe(`${stanza('a')}\n\n[Estribillo]\n${stanza('b')}\n\n${stanza('c')}\n\n[Estribillo]\n${stanza('b')}`);
  });
  it('is never cut in the middle of a line', () => expect(lay('song', `${stanza('a')}\n\n${stanza('b')}\n\nc 1\nc 2\nc a medi`, { finish: 'length' })).not.toContain('medi'));
  it('gets its stanzas where the model leaves none', () => expect(lay('song', Array.from({ length: 30 }, (_, index) => `verso ${index}`).join('\n')).split('\n\n').length).toBeGreaterThan(2));
  it('is the same in bites of any size', () => { const text = ['a', 'b', 'c'].map((name) => stanza(name)).join('\n\n'); for (const bite of [1, 2, 7, 500]) expect(lay('song', text, { bite })).toBe(lay('song', text)); });
  it('holds only words that the model said', () => { const text = ['a', 'b', 'c', 'd'].map((name) => stanza(name)).join('\n\n'); for (const line of lay('song', text).split('\n')) expect(`${text}\n[Estribillo]\n`).toContain(line); });
});

describe('a stanza', () => {
  it('ends with its blank line', () => expect(lay('verse', `\n\n${stanza('a')}\n\n${stanza('b')}`)).toBe(stanza('a')));
  it('has at most eight lines', () => expect(lay('verse', stanza('a', 20)).split('\n')).toHaveLength(8));
});

describe('sentences', () => {
  it('are whole, as many as were asked for', () => expect(lay('speech', ' Uno, dos. ¿Tres? Cuatro! Cinco.', { length: 2 })).toBe('Uno, dos. ¿Tres?'));
  it('lose what was cut by the length', () => expect(lay('speech', 'Uno, dos. Y tres a medi', { length: 5, finish: 'length' })).toBe('Uno, dos.'));
  it('keep at least whole words where not one sentence ended', () => expect(lay('speech', 'una frase que no acaba nun', { length: 5, finish: 'length' })).toBe('una frase que no acaba'));
  it('of a verse persona keep their lines', () => expect(lay('reply', `${stanza('a')}\n\n${stanza('b')}\n\n${stanza('c')}`, { verse: true, length: 2 })).toBe(`${stanza('a')}\n\n${stanza('b')}`));
});
