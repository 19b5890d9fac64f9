/** What is put before an answer: control tokens, earlier turns, a topic, in the persona's own manner. Pure; knows no tokens. */
import type { Segment } from '../engine/protocol.ts';
import type { Persona } from './persona.ts';

export interface Turn { readonly who: 'person' | 'persona'; readonly text: string }
export interface Ask {
  readonly form: 'song' | 'verse' | 'speech' | 'reply';
  readonly about: string; // the topic, or the words that are answered; '' for none
  readonly turns?: readonly Turn[]; // what was said before, oldest first
  readonly soFar?: string; // an answer to be continued
  readonly length?: number; // verses of a song, sentences of a speech
}

export function promptOf(persona: Persona, ask: Ask): Segment[] {
  const { templates, control } = persona;
  const frame: Segment[] = control.map((token) => ({ control: token }));
  const before = templates.context ? ask.turns ?? [] : [];
  const turns = before.map(({ who, text }, index): Segment => ({ text: who === 'person' ? fill(templates.reply, text) : `${text.trim()}\n\n`, drop: before.length - index }));
  const opening = ask.about.trim() === '' ? templates.bare : fill(ask.form === 'reply' ? templates.reply : templates.title, ask.about);
  const text = [opening, ask.soFar ?? ''].join('');
  return [...frame, ...turns, ...(text === '' ? [] : [{ text }])];
}

/** People's words come on one line, so that they cannot be taken for the text's own layout. */
function fill(template: string, words: string): string {
  const line = words.replace(/\s+/g, ' ').trim();
  return template.replace(/\{(topic|text)\}/g, (_, name: string) => (name === 'topic' ? line.charAt(0).toUpperCase() + line.slice(1) : line));
}
