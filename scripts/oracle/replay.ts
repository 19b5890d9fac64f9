/** `oracle --replay ID`: an answer once more, from its recorded voice, seed and settings and its prompt, which comes from the running bot's memory or a file. */
import { availableParallelism, totalmem } from 'node:os';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hashPrompt } from '../../src/bot/speak.ts';
import type { Config } from '../../src/config.ts';
import { replay as write } from '../../src/engine/replay.ts';
import type { Request, Sampling, Segment, Voice } from '../../src/engine/protocol.ts';
import { SetupError } from '../../src/errors.ts';
import { layoutOf } from '../../src/persona/finish.ts';
import { readSettings } from '../../src/start/settings.ts';
import { findAnswer, type AnswerRecord } from '../../src/storage/answers.ts';
import { openDatabase, type Database } from '../../src/storage/database.ts';
import { holderOf } from '../../src/storage/instance.ts';

export interface Replayed { readonly id: string; readonly persona: string; readonly version: string; readonly seed: number; readonly finish: string; readonly tokens: number; readonly text: string }
interface Settings { readonly sampling: Sampling; readonly endTokens?: readonly string[]; readonly form: 'song' | 'verse' | 'speech' | 'reply'; readonly length: number; readonly kind: string; readonly language: 'es' | 'en' }

/** The prompt as `--prompt FILE` holds it: the segments, or a plain text. */
const segments = z.array(z.union([z.strictObject({ control: z.string() }), z.strictObject({ text: z.string(), drop: z.number().optional() })]));

export async function replay(id: string, promptFile: string | undefined): Promise<Replayed> {
  const config = readSettings('.env', process.env);
  const db = await openDatabase(config.DATABASE_URL);
  try {
    const record = await findAnswer(db, id);
    if (!record) throw new SetupError(`expected the id of a recorded answer (under «de dónde»), got ${id}: there is none in this database`);
    const prompt = promptFile === undefined ? await fromMemory(id, db, config) : await fromFile(promptFile);
    if (hashPrompt(prompt) !== record.prompt) throw new SetupError(`the prompt is not the one that was answered: its sha256 is ${hashPrompt(prompt).slice(0, 12)}…, recorded is ${record.prompt.slice(0, 12)}…`);
    return await writeAgain(record, prompt, config);
  } finally {
    await db.$disconnect();
  }
}

async function fromFile(file: string): Promise<Segment[]> {
  const text = await readFile(file, 'utf8').catch(() => { throw new SetupError(`expected the prompt in ${file}, found no such file`); });
  try { return read(JSON.parse(text)); } catch { return [{ text }]; }
}
const read = (value: unknown): Segment[] => segments.parse(value).map((segment) => ('control' in segment ? segment : { text: segment.text, ...(segment.drop === undefined ? {} : { drop: segment.drop }) }));

/** The running bot tells it to whoever can read its database. */
async function fromMemory(id: string, db: Database, { HEALTH_PORT }: Config): Promise<Segment[]> {
  const bot = await holderOf(db);
  const response = bot && await fetch(`http://127.0.0.1:${HEALTH_PORT}/prompts/${id}`, { headers: { authorization: `Bearer ${bot.holder}` } }).catch(() => undefined);
  if (!response?.ok) throw new SetupError(`the prompt of ${id} is in no running bot’s memory (any more): give it with --prompt FILE`, 3);
  return read(await response.json());
}

async function writeAgain(record: AnswerRecord, prompt: readonly Segment[], config: Config): Promise<Replayed> {
  const { sampling, endTokens, form, length, kind, language } = JSON.parse(record.settings) as Settings;
  const request: Request = { id: record.id, voice: JSON.parse(record.voice) as Voice, prompt, sampling, seed: record.seed, ...(endTokens ? { endTokens } : {}) };
  const layout = layoutOf(form, kind === 'lyrics' || kind === 'verse', length, language);
  let text = '';
  let [tokens, finish] = [0, 'stop'];
  for await (const event of write(request, { device: 'cpu', memory: totalmem() / 2, threads: config.ENGINE_THREADS ?? Math.min(4, availableParallelism()), cache: join(config.MODELS_FOLDER, 'cache') })) {
    if (event.type === 'failed') throw new SetupError(event.message, 3);
    if (event.type === 'words') { tokens = event.tokens; text += layout.push(event.text); }
    if (event.type === 'end') [tokens, finish] = [event.tokens, event.finish];
    if (layout.isComplete) break;
  }
  text += layout.end(finish === 'stop' ? 'stop' : 'length');
  return { id: record.id, persona: record.persona, version: record.version, seed: record.seed, finish, tokens, text };
}
