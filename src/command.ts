/** The contract of a command: data plus one function, the same on every platform; and what goes in and comes out of the bot. Knows no platform. */
import type { Language, Words } from './errors.ts';
import type { EngineStatus, Finish } from './engine/protocol.ts';
import type { Persona } from './persona/persona.ts';
import type { Ask } from './persona/prompt.ts';
export type { Language, Words } from './errors.ts';

// ---------------------------------------------------------------- who and where
export type PlatformName = 'discord' | 'telegram' | 'terminal';
export type Role = 'anyone' | 'administrator' | 'operator';

export interface Person {
  readonly id: string; // `discord:123`; a string, whatever the platform uses
  readonly name: string;
  readonly language: Language;
  readonly role: Role; // the highest they have in this chat
}
export interface Chat {
  readonly id: string; // `telegram:-100123`, `discord:<channel>`: where context, the persona and limits belong
  readonly group: boolean;
  readonly language: Language; // for what everybody in it reads
}

// ---------------------------------------------------------------- what comes in
interface Arrival {
  readonly platform: PlatformName;
  readonly delivery: string; // the platform's own id of this delivery, unique for it; answered once
  readonly chat: Chat;
  readonly person: Person;
}
export interface CommandCall extends Arrival { readonly kind: 'command'; readonly name: string; readonly options: Readonly<Record<string, string>>; /** What the person typed after the command, where the platform gives text: parsed by bot. */ readonly line?: string }
/** A mention, a reply to the bot, a direct message, or a plain line in the terminal. `text` has mentions rendered as names and the bot's own mention taken out. */
export interface Mention extends Arrival { readonly kind: 'mention'; readonly text: string; /** The answer replied to, if any. */ readonly repliesTo?: string }
/** A pressed button: `button` is the id that the Reply gave it. */
export interface Press extends Arrival { readonly kind: 'button'; readonly button: string }
/** What was written in answer to a button that asks for words (Discord: a modal). */
export interface Submission extends Arrival { readonly kind: 'submission'; readonly button: string; readonly text: string }
export interface Inline extends Arrival { readonly kind: 'inline'; readonly text: string }
export type Incoming = CommandCall | Mention | Press | Submission | Inline;

export interface Completion { readonly command: string; readonly option: string; readonly typed: string; readonly language: Language }
export interface Choice { readonly name: string; readonly value: string } // both ≤ 100 characters

// ---------------------------------------------------------------- what goes out
export interface Speaker { readonly id: string; readonly name: string; readonly avatar?: string /* absolute path of a PNG */ }
/** `id` ≤ 64 bytes in all (Telegram's callback_data): `1|verb|answer|owner`. */
export interface Button { readonly id: string; readonly label: string }
/** Facts of a generated answer, for whoever prints them (the terminal's --json). */
export interface Told { readonly persona: string; readonly version: string; readonly seed: number; readonly tokens: number; readonly finish: Finish }

export type Part =
  | { readonly append: string }
  | { readonly replace: string } // of all the text so far
  | { readonly speaker: Speaker } // before any text: who says it
  | { readonly label: string } // small print beside the answer, e.g. «imitación generada»; '' takes it away
  | { readonly buttons: readonly Button[] } // in place of those shown
  | { readonly picture: Uint8Array; readonly alt: string } // PNG
  | { readonly file: Uint8Array; readonly name: string }
  | { readonly told: Told }
  | { readonly failed: 'person' | 'bug' } // the text is a message about what went wrong
  | { readonly answer: string }; // the id of this answer: a reply to its message is a Mention with repliesTo
/** A string, or parts as they come to be. Silence is undefined. */
export type Reply = string | AsyncIterable<Part>;

// ---------------------------------------------------------------- options
export type OptionType = 'persona' | 'text' | 'integer' | 'choice';
export interface Option<T = unknown> {
  readonly type: OptionType;
  readonly description: Words; // ≤ 100 characters each
  readonly english: string; // its name in English; the Spanish one is the key
  readonly fallback?: T; // absent: the option is required
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly { readonly value: string; readonly name: Words }[];
}
export type Options = Readonly<Record<string, Option>>;
export type Values<O extends Options> = { readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never };

interface Named { readonly english: string; readonly es: string; readonly en: string }
const described = ({ english, es, en }: Named) => ({ english, description: { es, en } });

/** A persona's id; `fallback: ''` means the chat's own. */
export const persona = (named: Named, fallback?: string): Option<string> => ({ type: 'persona', ...described(named), ...(fallback === undefined ? {} : { fallback }) });
export const text = (named: Named, fallback?: string): Option<string> => ({ type: 'text', ...described(named), ...(fallback === undefined ? {} : { fallback }) });
export const integer = (named: Named, range: { min: number; max: number; fallback?: number }): Option<number> => ({ type: 'integer', ...described(named), ...range });

// ---------------------------------------------------------------- a command
/** What a command may do beside returning words. */
export interface Context {
  readonly platform: PlatformName;
  readonly person: Person;
  readonly chat: Chat;
  readonly commands: readonly Command[];
  readonly personas: readonly Persona[];
  say(words: Words): string; // in the person's language
  /** The chat's persona. */
  current(): Promise<Persona>;
  choose(id: string): Promise<Persona>;
  /** Writes in a persona's voice; '' is the chat's. */
  speak(id: string, ask: Ask): Promise<Reply>;
  /** The person's last answer here once more, or more of it. */
  again(): Promise<Reply>;
  more(): Promise<Reply>;
  /** Stops what is being written for the person here; how many. */
  stop(): number;
  /** Forgets this conversation's context. */
  forget(): void;
  status(): Promise<Status>;
}
export interface Status { readonly engine: EngineStatus; readonly uptime: number /* milliseconds */; readonly platforms: Readonly<Record<string, string>>; readonly votes: readonly { readonly persona: string; readonly up: number; readonly down: number }[] }

export interface Command<O extends Options = Options> {
  readonly name: string; // its file's: Spanish, [a-z0-9_]{1,32}
  readonly english: string;
  readonly aliases: readonly string[]; // other names that text platforms understand, e.g. `start`
  readonly description: Words; // ≤ 100 characters each
  readonly options: O;
  readonly who: Role;
  readonly isPrivate: boolean; // answered only to the person (ephemeral) where the platform can
  run(values: Values<O>, context: Context): Reply | Promise<Reply>;
}
export type Definition<O extends Options> = Pick<Command<O>, 'english' | 'description' | 'run'> & Partial<Pick<Command<O>, 'options' | 'who' | 'isPrivate' | 'aliases'>>;

/** What a file of commands/ exports; the loader gives it its name. */
export interface Defined { named(name: string): Command }

/** Data plus one function, typed from its own options. */
export function defineCommand<const O extends Options>(definition: Definition<O>): Defined {
  return { named: (name) => ({ name, aliases: [], who: 'anyone', isPrivate: false, ...definition, options: definition.options ?? {}, run: (values, context) => definition.run(values as Values<O>, context) }) };
}

/** What the platforms need of the bot (bot.ts). `answer` never rejects: errors become replies; undefined is silence. */
export interface Bot {
  answer(incoming: Incoming, options: { signal: AbortSignal }): Promise<Reply | undefined>;
  /** From memory, at most 25. */
  complete(completion: Completion): Choice[];
  /** The commands, for registration. */
  readonly commands: readonly Command[];
  /** A chat changed its id (Telegram group → supergroup): its settings move. */
  moved(from: string, to: string): Promise<void>;
  /** The bot was removed from a chat: what it keeps of it goes. */
  left(chat: string): Promise<void>;
}
