/** The splitter under random texts: nothing breaks, nothing is lost. */
import { describe, expect, it } from 'vitest';
import { splitText } from '../../src/chat/split.ts';

const bare = (text: string): string => text.replace(/```\w*/g, '').replace(/\s+/g, '');
const words = ['pampa', 'guitarra', 'corazón', 'ñandú', '👩‍👩‍👧‍👦', '🇦🇷', 'e\u0301l', 'x', 'desventurado.', '¿qué?', '\n', '\n\n', '```ts\nconst a = 1;\n```', '```\nsuelto\n```'];
function randomText(seed: number, length: number): string {
  let state = seed;
  const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  return Array.from({ length }, () => words[Math.floor(next() * words.length)]).join(' ');
}

describe('splitText', () => {
  it('leaves a text that fits as it is', () => expect(splitText('hola\nmundo', 2000)).toEqual(['hola\nmundo']));
  it('gives no message for an empty text', () => expect(splitText('  \n', 2000)).toEqual([]));
  it('cuts between paragraphs before lines, and between lines before words', () => {
    expect(splitText('uno dos tres\n\ncuatro cinco\nseis', 20)).toEqual(['uno dos tres', 'cuatro cinco\nseis']);
    expect(splitText('uno dos tres\ncuatro cinco', 20)).toEqual(['uno dos tres', 'cuatro cinco']);
  });
  it('closes a code fence at the cut and opens it again with its language', () => {
    const [first, second] = splitText('```ts\nconst uno = 1;\nconst dos = 2;\n```', 30);
    expect(first).toBe('```ts\nconst uno = 1;\n```');
    expect(second).toBe('```ts\nconst dos = 2;\n```');
  });
  it('never breaks a family emoji, a flag or a combining accent', () => {
    const families = '👩‍👩‍👧‍👦'.repeat(40);
    for (const piece of splitText(families, 50)) expect(piece.replaceAll('👩‍👩‍👧‍👦', '')).toBe('');
    for (const piece of splitText('🇦🇷'.repeat(40), 50)) expect(piece.length % 4).toBe(0);
  });
  it('gets through a grapheme longer than a message without halving a surrogate pair', () => {
    const zalgo = `a${'\u0301'.repeat(300)}😀`;
    const pieces = splitText(zalgo, 40);
    expect(pieces.join('')).toBe(zalgo);
  });
  it.each([60, 200, 2000, 4096])('keeps 300 random texts whole in pieces of at most %i', (limit) => {
    for (let seed = 1; seed <= 300; seed++) {
      const text = randomText(seed, 20 + (seed % 200) * 5);
      const pieces = splitText(text, limit);
      expect(Math.max(0, ...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(limit);
      expect(bare(pieces.join(' '))).toBe(bare(text));
      for (const piece of pieces) expect(piece.split('```').length % 2, piece).toBe(1);
    }
  });
  it('keeps the pieces of the beginning while a text grows', () => {
    const text = 'palabra tras palabra, '.repeat(60);
    const [early] = splitText(text.slice(0, 600), 200);
    expect(splitText(text, 200)[0]).toBe(early);
  });
});
