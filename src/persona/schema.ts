/** persona.yaml: what a persona's folder says, every key with its meaning and default; all mistakes are told at once. Knows no files. */
import { z } from 'zod';
import { SetupError } from '../errors.ts';

const words = z.strictObject({ es: z.string(), en: z.string() });
const text = z.union([words, z.string().transform((both) => ({ es: both, en: both }))]);

export const sampling = z.strictObject({
  temperature: z.number().min(0).max(5).default(0.8).describe('0 always takes the most likely token'),
  topK: z.int().min(0).default(50).describe('only the k most likely; 0 is off'),
  topP: z.number().min(0).max(1).default(0.95).describe('only the most likely that together have this probability; 1 is off'),
  minP: z.number().min(0).max(1).default(0).describe('only those with this share of the most likely one’s probability; 0 is off'),
  repetitionPenalty: z.number().min(1).max(5).default(1.1).describe('1 is off'),
  noRepeatNgram: z.int().min(0).default(0).describe('no run of this many tokens twice; 0 is off'),
  minNew: z.int().min(0).default(16).describe('tokens before it may end'),
  maxNew: z.int().min(1).max(4096).default(300).describe('tokens of an answer'),
  candidates: z.int().min(1).max(8).default(1).describe('texts written, of which the best is told; 1 shows the words as they come'),
});

export const schema = z.strictObject({
  title: z.string().min(1).max(80).describe('its name, as people see it'),
  line: text.default({ es: '', en: '' }).describe('one line for the gallery'),
  sample: z.string().default('').describe('a few words it said'),
  kind: z.enum(['speech', 'lyrics', 'verse', 'prose']).default('speech').describe('how its texts are laid out'),
  language: z.enum(['es', 'en']).default('es').describe('the language it speaks'),
  model: z.string().optional().describe('a whole model of its own: a hub name (huggingartists/eminem) or a folder; default BASE_MODEL'),
  control: z.array(z.string()).default([]).describe('control tokens before its texts, on the base they were trained on'),
  end: z.array(z.string()).default([]).describe('control tokens that end a text, beside the base’s own'),
  prompt: z.strictObject({
    title: z.string().default('{topic}\n\n').describe('how a topic is put before a text'),
    reply: z.string().default('{topic}\n\n').describe('how the words that are answered are put; {topic} begins with a capital, {text} is as it was written'),
    context: z.boolean().default(true).describe('whether earlier turns of the conversation stand before it'),
    bare: z.string().default('').describe('what stands before a text without a topic'),
  }).prefault({}),
  sampling: sampling.prefault({}),
  label: z.boolean().default(true).describe('whether its answers are labelled as generated imitation'),
  avatar: z.string().regex(/^[\w.-]+\.png$/, 'a PNG file in its folder').optional().describe('its picture'),
  sources: z.array(z.strictObject({ file: z.string().regex(/^(?!.*\.\.)[\w./-]+$/, 'a file in its folder'), origin: z.string(), licence: z.string() })).default([]).describe('the texts it learns from'),
});
export type PersonaFile = z.infer<typeof schema>;

/** @throws SetupError with every mistake, its key and what was expected. */
export function parsePersona(value: unknown, file: string): PersonaFile {
  const { data, error } = schema.safeParse(value);
  if (data) return data;
  throw new SetupError([`${file} has mistakes:`, ...error.issues.map(({ path, message }) => `  ${path.join('.') || 'the file'}: ${message}`)].join('\n'));
}
