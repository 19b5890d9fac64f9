/** Ids as the Hugging Face tokenizers library gave them, and text of people that stays text. */
import { readFileSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { byteOf } from '../../src/engine/bytes.ts';
import { openTokenizer, type Tokenizer } from '../../src/engine/tokenizer.ts';
import { scratch } from '../folders.ts';

interface Case { readonly text: string; readonly [tokenizer: string]: unknown }
const recorded = JSON.parse(readFileSync('tests/golden/tokens/tokens.json', 'utf8')) as { cases: Case[] };
const names = Object.keys(recorded.cases[0] ?? {}).filter((name) => name !== 'text' && name !== 'string');

async function open(name: string): Promise<Tokenizer> {
  const folder = await scratch();
  await copyFile(name === 'base' ? 'models/base/tokenizer.json' : `tests/golden/tokens/${name}.tokenizer.json`, join(folder, 'tokenizer.json'));
  return openTokenizer(folder);
}
describe.each(names)('%s', (name) => {
  it('gives every recorded id, and the text back', async () => {
    const tokenizer = await open(name);
    for (const one of recorded.cases) {
      expect(tokenizer.encode(one.text, { spelled: true }), one.text).toEqual(one[name]);
      expect(tokenizer.decode(tokenizer.encode(one.text))).toBe(one.text);
    }
  });
});

describe('text of people', () => {
  it('that spells a control token stays plain text, id by id', async () => {
    const tokenizer = await open('base');
    for (const text of ['<|endoftext|>', 'hola <|startoftext|><|ax2|> adiós', '<|pad|>']) {
      const ids = tokenizer.encode(text);
      expect(ids.filter((id) => tokenizer.controls.includes(id))).toEqual([]);
      expect(tokenizer.decode(ids)).toBe(text);
    }
  });
  it('in a segment never becomes control; a control segment does, and an unknown one is named', async () => {
    const tokenizer = await open('base');
    const { ids } = tokenizer.encodeSegments([{ control: '<|startoftext|>' }, { text: '<|startoftext|>' }], 100);
    expect(ids.filter((id) => id === 1)).toHaveLength(1);
    expect(() => tokenizer.controlId('<|nadie|>')).toThrow(/got <\|nadie\|>/);
  });
});

describe('a control token that nobody marked as special', () => {
  it('is control all the same: spelled by people it stays text', async () => {
    const folder = await scratch();
    const definition = JSON.parse(readFileSync('tests/golden/tokens/gpt2.tokenizer.json', 'utf8')) as { added_tokens: object[] };
    const added = [['<|startoftext|>', 50257], ['[PAD]', 50258], ['ñandú', 50259]].map(([content, id]) => ({ id, content, special: false, single_word: false, lstrip: false, rstrip: false, normalized: false }));
    await writeFile(join(folder, 'tokenizer.json'), JSON.stringify({ ...definition, added_tokens: [...definition.added_tokens, ...added] }));
    const tokenizer = await openTokenizer(folder);
    expect(tokenizer.controls).toEqual([50256, 50257, 50258]);
    const ids = tokenizer.encode('<|startoftext|>[PAD] el ñandú');
    expect([ids.at(-1), Math.max(...ids.slice(0, -1)) < 50256]).toEqual([50259, true]);
    expect(tokenizer.decode(ids)).toBe('<|startoftext|>[PAD] el ñandú');
    expect(tokenizer.controlId('<|startoftext|>')).toBe(50257);
  });
});

describe('a tokenizer of another kind', () => {
  it.each([[{ model: { type: 'WordPiece', vocab: {} }, decoder: { type: 'WordPiece' } }, /WordPiece decoded by WordPiece/], [{ model: { type: 'BPE', vocab: {} }, decoder: { type: 'Metaspace' } }, /BPE decoded by Metaspace/], [{ model: { type: 'Unigram', vocab: [] }, decoder: null }, /Unigram decoded by nothing/]])('is refused by name: %j', async (definition, message) => {
    const folder = await scratch();
    await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(definition));
    await expect(openTokenizer(folder)).rejects.toThrow(message);
  });
  it('that is not JSON is named', async () => {
    const folder = await scratch();
    await writeFile(join(folder, 'tokenizer.json'), '{"model":');
    await expect(openTokenizer(folder)).rejects.toThrow(/tokenizer\.json is not JSON: download it again/);
  });
});

describe('a prompt that does not fit', () => {
  it('loses what may be dropped first, from the highest number on, then the beginning of its text', async () => {
    const tokenizer = await open('base');
    const segments = [{ control: '<|startoftext|>' }, { text: ' uno dos tres', drop: 2 }, { text: ' cuatro cinco', drop: 1 }, { text: ' al final queda lo último' }];
    const last = tokenizer.encode(' al final queda lo último');
    expect(tokenizer.encodeSegments(segments, 1000).dropped).toBe(0);
    expect(tokenizer.encodeSegments(segments, last.length + 1)).toEqual({ ids: [1, ...last], dropped: 2, fixed: 1 });
    expect(tokenizer.encodeSegments(segments, 4).ids).toEqual([1, ...last.slice(-3)]);
  });
});

describe('a stream', () => {
  it('never shows half a character', async () => {
    const tokenizer = await open('base');
    const text = '👩‍👩‍👧‍👦 ñandú 漢字 🇦🇷 é';
    for (const id of [tokenizer.encode(text)]) {
      const stream = tokenizer.stream();
      const shown = id.map((one) => stream.push(one));
      expect(shown.join('')).not.toContain('\ufffd');
      expect(shown.join('') + stream.flush()).toBe(text);
    }
  });
});

describe('vocab.json and merges.txt', () => {
  it('give the same ids as the tokenizer.json that they were taken from', async () => {
    const whole = JSON.parse(readFileSync('tests/golden/tokens/gpt2.tokenizer.json', 'utf8')) as { model: { vocab: Record<string, number>; merges: (string | [string, string])[] } };
    const folder = await scratch();
    await writeFile(join(folder, 'vocab.json'), JSON.stringify(whole.model.vocab));
    await writeFile(join(folder, 'merges.txt'), `#version: 0.2\n${whole.model.merges.map((merge) => (Array.isArray(merge) ? merge.join(' ') : merge)).join('\n')}\n`);
    const parts = await openTokenizer(folder);
    for (const one of recorded.cases) expect(parts.encode(one.text, { spelled: true }), one.text).toEqual(one['gpt2']);
  });
  it('have the tokens that the files beside them add, special where one of them says so', async () => {
    const folder = await scratch();
    await writeFile(join(folder, 'vocab.json'), JSON.stringify({ ...Object.fromEntries([...Array(256).keys()].map((byte) => [[...byteOf].find(([, one]) => one === byte)?.[0] ?? '', byte])), hola: 256, '<|endoftext|>': 257 }));
    await writeFile(join(folder, 'merges.txt'), '#version: 0.2\nh o\nl a\nho la\n');
    await writeFile(join(folder, 'added_tokens.json'), JSON.stringify({ verso: 258, FIN: 259 }));
    await writeFile(join(folder, 'special_tokens_map.json'), JSON.stringify({ eos_token: '<|endoftext|>', additional_special_tokens: [{ content: 'FIN' }] }));
    await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify({ added_tokens_decoder: { 260: { content: 'INICIO', special: true } } }));
    const tokenizer = await openTokenizer(folder);
    expect([...tokenizer.controls].sort()).toEqual([257, 259, 260]);
    expect(tokenizer.encode('holaversoFIN')).toEqual([256, 258, 70, 73, 78]);
    expect(tokenizer.encode('holaversoFIN', { spelled: true })).toEqual([256, 258, 259]);
    expect([tokenizer.controlId('INICIO'), tokenizer.decode([256, 258])]).toEqual([260, 'holaverso']);
  });
  it('missing, the folder says what was expected', async () => expect(openTokenizer(await scratch())).rejects.toThrow(/expected tokenizer\.json, or vocab\.json and merges\.txt/));
});
