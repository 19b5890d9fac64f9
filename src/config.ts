/** Every setting: name, meaning, default, in one schema; the only reader of the environment. Knows no room. */
import { z } from 'zod';
import { SetupError } from './errors.ts';

const list = z.string().transform((text) => text.split(/[\s,]+/).filter(Boolean));
const flag = z.stringbool({ truthy: ['1', 'true', 'yes', 'on', 'si', 'sí'], falsy: ['0', 'false', 'no', 'off'] });
const bytes = z.string().regex(/^\d+(\.\d+)?\s*(MB|GB|MiB|GiB)$/i, 'a size such as 4GB').transform(readBytes);
const origin = z.url({ protocol: /^https?$/ });

/** Names are those of the environment; `.env.example` is written from this table (a test holds them equal). */
export const settings = z.object({
  DISCORD_TOKEN: z.string().min(20).optional().describe('Token of the Discord bot (discord.com/developers → Bot). Empty: Discord stays off.'),
  TELEGRAM_TOKEN: z.string().regex(/^\d+:[\w-]{20,}$/, 'digits, a colon and the secret, as BotFather shows it').optional().describe('Token of the Telegram bot (t.me/BotFather). Empty: Telegram stays off.'),
  OPERATORS: list.pipe(z.array(z.string().regex(/^(discord|telegram):\d+$/, 'ids such as discord:123 or telegram:456'))).default([]).describe('Who owns the installation: platform ids, separated by commas.'),
  BASE_MODEL: z.string().default('models/base').describe('A folder, or a hub name such as flax-community/gpt-2-spanish or bigscience/bloom-560m.'),
  PERSONAS_FOLDER: z.string().default('personas').describe('Where the personas are, a folder each.'),
  MODELS_FOLDER: z.string().default('models').describe('Where models are kept: downloads, caches and adapters.'),
  PERSONA: z.string().regex(/^[a-z0-9_]{1,32}$/).default('martin_fierro').describe('The persona of a chat that has chosen none.'),
  LANGUAGE: z.enum(['es', 'en']).default('es').describe('The language of what everybody reads, where the platform does not say.'),
  LABEL: flag.default(true).describe('Whether answers are labelled as generated imitation.'),
  DEVICE: z.enum(['auto', 'cuda', 'webgpu', 'cpu']).default('auto').describe('Where the model runs.'),
  ENGINE_MEMORY: bytes.optional().describe('The most memory models may take; default: half of the machine’s.'),
  ENGINE_ROWS: z.coerce.number().int().min(1).max(256).default(32).describe('Answers written at the same time.'),
  ENGINE_THREADS: z.coerce.number().int().min(1).optional().describe('Processor threads of the engine; default: as many as cores, 4 at most.'),
  QUEUE_LIMIT: z.coerce.number().int().min(1).default(100).describe('Requests that may wait; one more is refused at once.'),
  PERSON_LIMIT: z.coerce.number().int().min(1).default(2).describe('Answers one person may have in the making.'),
  PERSON_PER_MINUTE: z.coerce.number().int().min(1).default(10).describe('Answers one person may ask for in a minute.'),
  CHAT_LIMIT: z.coerce.number().int().min(1).default(8).describe('Answers one chat may have in the making.'),
  CONTEXT_MINUTES: z.coerce.number().min(0).default(30).describe('How long a conversation is remembered, in memory only.'),
  DATABASE_URL: z.string().regex(/^(file:|postgres(ql)?:)/, 'file:… or postgresql:…').default('file:./data/bot.db').describe('SQLite file or PostgreSQL address.'),
  HEALTH_PORT: z.coerce.number().int().min(0).max(65535).default(8717).describe('Port of /health and /metrics on 127.0.0.1; 0 turns them off.'),
  LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info').describe('How much the log says.'),
  HF_ENDPOINT: origin.default('https://huggingface.co').describe('The model hub.'),
  HF_TOKEN: z.string().optional().describe('Token for gated or private models.'),
  DISCORD_API_URL: origin.default('https://discord.com/api').describe('Discord’s API, or a proxy of it.'),
  DISCORD_GUILD: z.string().regex(/^\d+$/).optional().describe('Register commands in this server only (for development: they appear at once).'),
  TELEGRAM_API_ROOT: origin.default('https://api.telegram.org').describe('Telegram’s API, or a Bot API server of your own.'),
});
export type Config = z.infer<typeof settings>;

/** Settings whose values must never be printed. */
export const secrets = ['DISCORD_TOKEN', 'TELEGRAM_TOKEN', 'HF_TOKEN', 'DATABASE_URL'] as const;

/** Reads the settings; an empty value counts as unset. All mistakes at once, each with its name and what was expected, never its value. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
  const { data, error } = settings.safeParse(given);
  if (data) return data;
  throw new SetupError(['The configuration has mistakes:', ...error.issues.map((issue) => `  ${issue.path[0]?.toString()}: expected ${issue.message.replace(/^Invalid input: expected /, '')}`), 'Correct them in .env; .env.example explains each setting.'].join('\n'));
}

function readBytes(text: string): number {
  const [, amount, unit] = /^([\d.]+)\s*(\w+)$/.exec(text) ?? [];
  const power = unit?.[0]?.toUpperCase() === 'G' ? 3 : 2;
  return Number(amount) * (/i/i.test(unit ?? '') ? 1024 : 1000) ** power;
}
