/** The two kinds of error: what a person did (told to them, in their language) and a bug (anything else). Knows no room. */

export type Language = 'es' | 'en';
/** One text in every language that people read here. */
export type Words = Readonly<Record<Language, string>>;

/** Told to the person as it is: what was expected, what came, what to do. Never carries a token or another person's text. */
export class UserError extends Error {
  override name = 'UserError' as const;
  readonly words: Words;
  constructor(words: Words) {
    super(words.en);
    this.words = words;
  }
}

/** A mistake of the operator's (configuration, files, arguments): printed without a stack, with the exit status of CONTRACTS (2 bad input, 3 cannot run here). */
export class SetupError extends Error {
  override name = 'SetupError' as const;
  readonly status: 2 | 3;
  constructor(message: string, status: 2 | 3 = 2) {
    super(message);
    this.status = status;
  }
}
