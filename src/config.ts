/** Every setting: name, meaning, default, in one schema; the only reader of the environment. Knows no room. */
import { z } from 'zod';
import { SetupError, type Language } from './errors.ts';
import { languageOf } from './locale.ts';

const list = z.string().transform((text) => text.split(/[\s,]+/).filter(Boolean));
const flag = z.stringbool({ truthy: ['1', 'true', 'yes', 'on', 'si', 'sí'], falsy: ['0', 'false', 'no', 'off'] });
const bytes = z.string().regex(/^\d+(\.\d+)?\s*(MB|GB|MiB|GiB)$/i, 'a size such as 4GB').transform(readBytes);
const origin = z.url({ protocol: /^https?$/, error: 'an address such as https://example.org' });
/** es or en; or gettext's list such as es_AR:es, since desktops set a variable of this name too. */
const language = z.string().regex(/^[a-z]{2}([_.@:-].*)?$/i, 'es or en').transform((tags) => languageOf(tags.split(':').find((tag) => /^(es|en)([_.@-]|$)/i.test(tag)) ?? tags));
/** A whole number in a range; the text must spell one. */
const whole = (min: number, max = Number.MAX_SAFE_INTEGER) => z.string().regex(/^\d+$/, `a whole number from ${min}`).transform(Number).pipe(z.number().min(min).max(max));
const number = z.string().regex(/^\d+(\.\d+)?$/, 'a number such as 30').transform(Number);

/** Names are those of the environment; `.env.example` is written from this table (a test holds them equal). */
export const settings = z.object({
  DISCORD_TOKEN: z.string().min(20, 'a token as discord.com/developers shows it, of 20 characters or more').optional().describe('Token of the Discord bot (discord.com/developers → Bot). Empty: Discord stays off.'),
  TELEGRAM_TOKEN: z.string().regex(/^\d+:[\w-]{20,}$/, 'digits, a colon and the secret, as BotFather shows it').optional().describe('Token of the Telegram bot (t.me/BotFather). Empty: Telegram stays off.'),
  OPERATORS: list.pipe(z.array(z.string().regex(/^(discord|telegram):\d+$/, 'ids such as discord:123 or telegram:456'))).default([]).describe('Who owns the installation: platform ids, separated by commas.'),
  BASE_MODEL: z.string().default('models/base').describe('A folder, or a hub name such as flax-community/gpt-2-spanish or bigscience/bloom-560m.'),
  PERSONAS_FOLDER: z.string().default('personas').describe('Where the personas are, a folder each.'),
  MODELS_FOLDER: z.string().default('models').describe('Where models are kept: downloads, caches and adapters.'),
  PERSONA: z.string().regex(/^[a-z0-9_]{1,32}$/, 'the name of a folder in personas/, such as martin_fierro').default('martin_fierro').describe('The persona of a chat that has chosen none.'),
  LANGUAGE: language.default('es').describe('The language of what everybody reads, where the platform does not say: es or en.'),
  LABEL: flag.default(true).describe('Whether answers are labelled as generated imitation: yes or no.'),
  DEVICE: z.enum(['auto', 'cuda', 'webgpu', 'cpu']).default('auto').describe('Where the model runs: auto, cuda, webgpu or cpu.'),
  ENGINE_MEMORY: bytes.optional().describe('The most memory models may take; default: half of the machine’s.'),
  ENGINE_ROWS: whole(1, 256).default(32).describe('Answers written at the same time.'),
  ENGINE_THREADS: whole(1).optional().describe('Processor threads of the engine; default: as many as cores, 4 at most.'),
  QUEUE_LIMIT: whole(1).default(100).describe('Requests that may wait; one more is refused at once.'),
  PERSON_LIMIT: whole(1).default(2).describe('Answers one person may have in the making.'),
  PERSON_PER_MINUTE: whole(1).default(10).describe('Answers one person may ask for in a minute.'),
  CHAT_LIMIT: whole(1).default(8).describe('Answers one chat may have in the making.'),
  CONTEXT_MINUTES: number.default(30).describe('How long a conversation is remembered, in memory only.'),
  DATABASE_URL: z.string().regex(/^(file:|postgres(ql)?:)/, 'file:… or postgresql:…').default('file:./data/bot.db').describe('A file for SQLite (file:./data/bot.db), or the address of a PostgreSQL database (postgresql://user:password@host/name).'),
  HEALTH_PORT: whole(0, 65_535).default(8717).describe('Port of /health and /metrics on 127.0.0.1; 0 turns them off.'),
  LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug']).optional().describe('How much the log (stderr) says: silent, error, warn, info or debug; default: info, or warn in a conversation in the terminal alone.'),
  HF_ENDPOINT: origin.default('https://huggingface.co').describe('The model hub.'),
  HF_TOKEN: z.string().optional().describe('Token for gated or private models.'),
  DISCORD_API_URL: origin.default('https://discord.com/api').describe('Discord’s API, or a proxy of it.'),
  DISCORD_GUILD: z.string().regex(/^\d+$/, 'a server’s id, digits only').optional().describe('Register commands in this server only (for development: they appear at once).'),
  TELEGRAM_API_ROOT: origin.default('https://api.telegram.org').describe('Telegram’s API, or a Bot API server of your own.'),
});
export type Config = z.infer<typeof settings>;

/** Settings whose values must never be printed; an address with a password among them. */
export const secretSettings = ['DISCORD_TOKEN', 'TELEGRAM_TOKEN', 'HF_TOKEN', 'DATABASE_URL'] as const;

/** What must never be printed: those values, and a password inside an address. The path of a database file is none. */
export function secretsOf(config: Partial<Config>): string[] {
  const { DATABASE_URL: address = '', ...rest } = config;
  const password = /:\/\/[^:@/]*:([^@]+)@/.exec(address)?.[1];
  const tokens = [rest.DISCORD_TOKEN, rest.TELEGRAM_TOKEN, rest.HF_TOKEN].filter((token): token is string => token !== undefined);
  return [...tokens, ...(password === undefined ? [] : [address, password, decodeURIComponent(password)])];
}

/** Reads the settings; an empty value counts as unset. All mistakes at once, `others` among them, each with its name and what was expected, never its value. */
export function readConfig(environment: NodeJS.ProcessEnv, others: readonly string[] = []): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
  const { data, error } = settings.safeParse(given);
  const mistakes = [...(error?.issues ?? []).map(spellIssue), ...others];
  if (data && mistakes.length === 0) return data;
  throw new SetupError(['The configuration has mistakes:', ...mistakes.map((mistake) => `  ${mistake}`), 'Correct them in .env; .env.example explains each setting.'].join('\n'));
}

/** The language of whoever sits at the terminal: what their locale says (POSIX: LC_ALL, LC_MESSAGES, LANG), where it says one of ours. */
export function terminalLanguage({ LC_ALL, LC_MESSAGES, LANG }: NodeJS.ProcessEnv, fallback: Language): Language {
  const tag = LC_ALL || LC_MESSAGES || LANG;
  return tag !== undefined && /^(es|en)([_.@-]|$)/.test(tag) ? languageOf(tag.replace(/\..*/, '')) : fallback;
}

/** zod's own sentences begin with what was wrong; only what was expected is told. */
const spellIssue = ({ path, message }: z.core.$ZodIssue): string => `${String(path[0])}: expected ${message.replace(/^(Invalid \w+|Too (small|big)): expected /, '')}`;

function readBytes(text: string): number {
  const [, amount, unit] = /^([\d.]+)\s*(\w+)$/.exec(text) ?? [];
  const power = unit?.[0]?.toUpperCase() === 'G' ? 3 : 2;
  return Number(amount) * (/i/i.test(unit ?? '') ? 1024 : 1000) ** power;
}
