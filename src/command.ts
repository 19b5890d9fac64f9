/** The contract of a command: data plus one function, the same on every platform. Knows no platform and no engine. */
import type { Language, Words } from './errors.ts';
import type { Finish } from './engine/protocol.ts';
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
/** The text of a modal that a button with `asks` opened. */
export interface Submission extends Arrival { readonly kind: 'submission'; readonly button: string; readonly text: string }
export interface Inline extends Arrival { readonly kind: 'inline'; readonly text: string }
export type Incoming = CommandCall | Mention | Press | Submission | Inline;

export interface Completion { readonly command: string; readonly option: string; readonly typed: string; readonly language: Language }
export interface Choice { readonly name: string; readonly value: string } // both ≤ 100 characters

// ---------------------------------------------------------------- what goes out
export interface Speaker { readonly id: string; readonly name: string; readonly avatar?: string /* absolute path of a PNG */ }
/** `id` ≤ 64 bytes in all (Telegram's callback_data): `1|verb|answer|owner`. */
export interface Button { readonly id: string; readonly label: string; /** Opens a modal (Discord) or asks for a reply, with this prompt; what is written comes back as a Submission. */ readonly asks?: string }
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
  | { readonly answer: string }; // the id of this answer: a reply to its message is a Mention with repliesTo
/** A string, or parts as they come to be. Silence is undefined. */
export type Reply = string | AsyncIterable<Part>;

// ---------------------------------------------------------------- options
export type OptionType = 'persona' | 'version' | 'text' | 'integer' | 'flag' | 'file' | 'choice';
export interface Option<T = unknown> {
  readonly type: OptionType;
  readonly description: Words; // ≤ 100 characters each
  readonly name?: Partial<Words>; // localized name; the Spanish one is the key
  readonly fallback?: T; // absent: the option is required
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly { readonly value: string; readonly name: Words }[];
}
export type Options = Readonly<Record<string, Option>>;
export type Values<O extends Options> = { readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never };

// ---------------------------------------------------------------- a command
export interface Command<O extends Options = Options, C = unknown> {
  readonly name: string; // the file's, Spanish, [a-z0-9_]{1,32}; set by the loader
  readonly english: string; // its English localization
  readonly description: Words; // ≤ 100 characters each
  readonly options: O;
  readonly who: Role; // who may; default anyone
  readonly private: boolean; // answered only to the person (ephemeral) where the platform can
  run(values: Values<O>, context: C): Reply | Promise<Reply>;
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
