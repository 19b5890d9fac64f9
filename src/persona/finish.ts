/**
 * Lays words out as they come: a song in verses with a chorus, a stanza, sentences. Adds no letter of its own but the chorus's mark; what would be cut in
 * the middle is left out. Pure; knows no model.
 */
import type { Finish } from '../engine/protocol.ts';
import type { Language } from '../errors.ts';
import type { Ask } from './prompt.ts';

export interface Layout {
  /** Words in, text out: what can be shown for good. */
  push(words: string): string;
  /** The rest, when the model has ended; a text cut by its length loses what it did not end. */
  end(finish: Finish): string;
  /** Nothing more is wanted. */
  readonly isComplete: boolean;
}

export function layoutOf(form: Ask['form'], isVerse: boolean, length: number, language: Language): Layout {
  if (form === 'song') return lines(songWriter(length, language));
  if (form === 'verse' || isVerse) return lines(stanzaWriter(form === 'verse' ? 1 : length));
  return sentences(length);
}

// ---------------------------------------------------------------- lines
/** Takes whole lines, '' between stanzas; answers with the text to show. */
interface LineWriter { line(line: string): string; readonly isComplete: boolean; end(): string }

function lines(writer: LineWriter): Layout {
  let held = '';
  return {
    get isComplete() { return writer.isComplete; },
    push(words) {
      const whole = (held + words).split('\n');
      held = whole.pop() ?? '';
      return whole.map((line) => (writer.isComplete ? '' : writer.line(line.trim()))).join('');
    },
    end(finish) {
      const last = finish === 'length' || writer.isComplete ? '' : writer.line(held.trim());
      held = '';
      return last + writer.end();
    },
  };
}

/** The longest stanza: where a model leaves no blank line, one is put. */
const longestStanza = 8;
/** The shortest: a lone line followed by a blank one opens a stanza, it is none. */
const shortestStanza = 2;

/** Whole stanzas, told line by line. */
function stanzas(each: (stanza: readonly string[], index: number) => string, opening: (index: number) => string = () => '') {
  let current: string[] = [];
  let count = 0;
  const close = (): string => { const stanza = current; current = []; return each(stanza, count++); };
  return {
    get count() { return count; },
    line(given: string): string {
      const line = /[\p{L}\p{N}]/u.test(given) ? given : ''; // a rule or a lone dot parts stanzas as a blank line does
      if (line === '' && current.length < shortestStanza) return '';
      if (line === '') return close();
      const gap = current.length > 0 ? '\n' : (count > 0 ? '\n\n' : '') + opening(count);
      current.push(line);
      return gap + line + (current.length === longestStanza ? close() : '');
    },
    end: (): string => (current.length >= shortestStanza ? close() : ''),
  };
}

function stanzaWriter(wanted: number): LineWriter {
  const writer = stanzas(() => '');
  return { get isComplete() { return writer.count >= wanted; }, line: (line) => writer.line(line), end: () => '' };
}

const chorusMark = { es: '[Estribillo]', en: '[Chorus]' } as const;

/** Verse, chorus, verse, chorus …: the second stanza is the chorus and comes again after each verse that follows. */
function songWriter(verses: number, language: Language): LineWriter {
  const mark = `${chorusMark[language]}\n`;
  let chorus: readonly string[] = [];
  const writer = stanzas((stanza, index) => {
    if (index === 1) chorus = stanza;
    return index >= 2 ? `\n\n${mark}${chorus.join('\n')}` : '';
  }, (index) => (index === 1 ? mark : ''));
  const wanted = verses + 1;
  return { get isComplete() { return writer.count >= wanted; }, line: (line) => writer.line(line), end: () => writer.end() };
}

// ---------------------------------------------------------------- sentences
/** Where a sentence ends: its mark, closing quotes, and white space behind. */
const sentenceEnd = /[.!?…]+["»”’)\]]*(?=\s)/g;

function sentences(wanted: number): Layout {
  let held = '';
  let hasBegun = false;
  let told = 0;
  const show = (text: string): string => {
    const clean = hasBegun ? text : text.trimStart();
    hasBegun ||= clean !== '';
    return clean.replace(/\n{3,}/g, '\n\n');
  };
  return {
    get isComplete() { return told >= wanted; },
    push(words) {
      if (told >= wanted) return '';
      held += words;
      const ends = [...held.matchAll(sentenceEnd)].map(({ 0: mark, index }) => index + mark.length);
      const last = ends[Math.min(ends.length, wanted - told) - 1];
      if (last === undefined) return '';
      told += Math.min(ends.length, wanted - told);
      const text = held.slice(0, last);
      held = held.slice(last);
      return show(text);
    },
    end(finish) {
      const rest = held;
      held = '';
      if (told >= wanted) return '';
      if (finish !== 'length') return show(rest).trimEnd();
      const end = [...`${rest} `.matchAll(sentenceEnd)].map(({ 0: mark, index }) => index + mark.length).at(-1);
      if (end !== undefined) return show(rest.slice(0, end));
      return told > 0 ? '' : show(rest.replace(/\s+\S*$/, '')); // not one whole sentence: at least whole words
    },
  };
}
