/**
 * A tokenizer's files (tokenizer.json, or GPT-2's older vocab.json and merges.txt with what was added beside them) as one definition in the form of the
 * Hugging Face tokenizers library. Knows no text.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SetupError } from '../errors.ts';

export interface AddedToken { readonly id: number; readonly content: string; readonly special: boolean }
export interface Definition {
  readonly added_tokens: readonly AddedToken[];
  readonly model: { readonly type: string; readonly vocab: Readonly<Record<string, number>> };
  readonly decoder: Part | null;
  readonly [part: string]: unknown;
}
interface Part { readonly type: string; readonly decoders?: readonly Part[] }

/** Spelled as control tokens are. Those that `add_tokens` brought are often not marked special, and control all the same. */
const isSpelledAsControl = (content: string): boolean => /^<\|.*\|>$|^<\/?s>$|^<(unk|pad|mask|bos|eos)>$|^\[(PAD|UNK|CLS|SEP|MASK|BOS|EOS)\]$/i.test(content);

/** @throws SetupError naming what the folder lacks, or what kind of tokenizer it has. */
export async function readDefinition(folder: string): Promise<Definition> {
  const definition = await readJson<Definition>(folder, 'tokenizer.json') ?? await fromParts(folder);
  const { model, decoder, added_tokens: added } = definition;
  if (model?.type !== 'BPE' || !isByteLevel(decoder)) throw new SetupError(`expected a byte-level BPE tokenizer, as GPT-2 and BLOOM have, in ${folder}; it has ${model?.type ?? 'none'} decoded by ${decoder?.type ?? 'nothing'}`);
  return { ...definition, added_tokens: (added ?? []).map((token) => ({ ...token, special: token.special || isSpelledAsControl(token.content) })) };
}

const isByteLevel = (decoder: Part | null | undefined): boolean => decoder?.type === 'ByteLevel' || (decoder?.decoders ?? []).some(isByteLevel);

async function readJson<T>(folder: string, name: string): Promise<T | undefined> {
  const path = join(folder, name);
  if (!existsSync(path)) return undefined;
  try { return JSON.parse(await readFile(path, 'utf8')) as T; } catch { throw new SetupError(`${path} is not JSON: download it again`); }
}

type Named = string | { readonly content: string };
interface Settings { readonly add_prefix_space?: boolean; readonly added_tokens_decoder?: Readonly<Record<string, { readonly content: string; readonly special?: boolean }>> }

/** GPT-2's own two files: its splitting, its merges, and the tokens that other files say were added or are special. */
async function fromParts(folder: string): Promise<Definition> {
  const vocab = await readJson<Record<string, number>>(folder, 'vocab.json');
  const merges = await readFile(join(folder, 'merges.txt'), 'utf8').catch(() => undefined);
  if (!vocab || merges === undefined) throw new SetupError(`expected tokenizer.json, or vocab.json and merges.txt, in ${folder}`);
  const settings = await readJson<Settings>(folder, 'tokenizer_config.json') ?? {};
  const byteLevel = { type: 'ByteLevel', add_prefix_space: settings.add_prefix_space ?? false, trim_offsets: true, use_regex: true };
  return {
    version: '1.0', normalizer: null, pre_tokenizer: byteLevel, post_processor: null, decoder: byteLevel,
    added_tokens: (await addedTokens(folder, vocab, settings)).map((token) => ({ ...token, single_word: false, lstrip: false, rstrip: false, normalized: false })),
    model: { type: 'BPE', vocab, merges: merges.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#version')), unk_token: null, continuing_subword_prefix: '', end_of_word_suffix: '', fuse_unk: false },
  } as Definition;
}

async function addedTokens(folder: string, vocab: Readonly<Record<string, number>>, { added_tokens_decoder: listed = {} }: Settings): Promise<AddedToken[]> {
  const later = Object.entries(await readJson<Record<string, number>>(folder, 'added_tokens.json') ?? {});
  const roles = Object.values(await readJson<Record<string, Named | readonly Named[]>>(folder, 'special_tokens_map.json') ?? {}).flat().map((token) => (typeof token === 'string' ? token : token.content));
  const tokens = new Map<string, AddedToken>();
  const put = (content: string, id: number | undefined, special: boolean): void => { if (id !== undefined) tokens.set(content, { id, content, special: special || roles.includes(content) }); };
  for (const content of Object.keys(vocab)) if (/^<\|.*\|>$|^<\/?s>$|^<(unk|pad)>$/.test(content)) put(content, vocab[content], true);
  for (const [content, id] of later) put(content, id, false);
  for (const [id, { content, special = false }] of Object.entries(listed)) put(content, Number(id), special);
  for (const content of roles) put(content, tokens.get(content)?.id ?? vocab[content], true);
  return [...tokens.values()];
}
