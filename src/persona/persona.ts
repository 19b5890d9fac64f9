/** What a persona is: who speaks, with which model and manner. Knows no chat, and nothing of how words are made. */
import type { Words, Language } from '../errors.ts';
import type { Sampling } from '../engine/protocol.ts';

export type Kind = 'speech' | 'lyrics' | 'verse' | 'prose';

export interface Source {
  readonly file: string;
  readonly origin: string;
  readonly licence: string;
}
/** How asks become text before the answer: `{text}` stands for people's words, `{topic}` for the same with a capital. */
export interface Templates {
  readonly title: string;
  readonly reply: string;
  readonly bare: string;
  readonly context: boolean; // earlier turns stand before a reply
}

export interface Persona {
  readonly id: string; // its folder's name
  readonly title: string; // «Martín Fierro»
  readonly line: Words; // one line for the gallery
  readonly sample: string; // a few words it said
  readonly kind: Kind;
  readonly language: Language; // the language it speaks
  readonly base: string; // absolute folder of its base model, or of a whole model of its own
  readonly baseName: string; // as people know it: `base`, `huggingartists/eminem`
  readonly isWhole: boolean; // a model of its own
  readonly adapter?: string; // absolute PEFT folder; absent: it speaks from the base, and says so
  readonly version: string; // first 8 hex digits of the adapter file's sha256, or `base`
  readonly control: readonly string[];
  readonly end: readonly string[];
  readonly templates: Templates;
  readonly sampling: Sampling;
  readonly label: boolean; // answers carry the «imitation» label
  readonly avatar?: string; // absolute path of a PNG
  readonly sources: readonly Source[];
}
