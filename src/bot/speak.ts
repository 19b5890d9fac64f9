/** An ask becomes an answer: the persona's prompt goes to the engine, its words come back laid out, with what the platforms need beside them. */
import { createHash, randomBytes, randomInt } from 'node:crypto';
import type { Chat, Part, Person } from '../command.ts';
import type { Engine, Event, Request, Sampling, Segment } from '../engine/protocol.ts';
import { UserError } from '../errors.ts';
import { layoutOf, type Layout } from '../persona/finish.ts';
import type { Persona } from '../persona/persona.ts';
import { promptOf, type Ask } from '../persona/prompt.ts';
import type { AnswerRecord } from '../storage/answers.ts';
import { whenWritten, whileWriting } from './buttons.ts';
import type { Remembered } from './memory.ts';
import { label, queued, setupFault, silent, stopped } from './words.ts';

export interface Asked {
  readonly persona: Persona;
  readonly ask: Ask;
  readonly person: Person;
  readonly chat: Chat;
  readonly signal: AbortSignal;
  /** Stops this answer, from /para or its button. */
  readonly started: (id: string, stop: () => void) => void;
}
export interface Desk {
  readonly engine: Engine;
  readonly record: (record: AnswerRecord) => Promise<void>;
  readonly remember: (answer: Remembered) => void;
}

/** Verses of a song, sentences of a speech, where nothing is said. */
const usualLength = { song: 2, verse: 1, speech: 5, reply: 3 } as const;

export async function* speak({ persona, ask, person, chat, signal, started }: Asked, { engine, record, remember }: Desk): AsyncGenerator<Part> {
  const id = randomBytes(4).toString('hex');
  const prompt = promptOf(persona, ask);
  const request = requestOf(id, persona, prompt);
  const stop = new AbortController();
  const language = chat.group ? chat.language : person.language;
  const layout = layoutOf(ask.form, persona.kind === 'lyrics' || persona.kind === 'verse', ask.length ?? usualLength[ask.form], persona.language);
  started(id, () => stop.abort());
  yield { speaker: { id: persona.id, name: persona.title, ...(persona.avatar ? { avatar: persona.avatar } : {}) } };
  yield { buttons: whileWriting(id, person.id, language) };
  const told = yield* tell(engine.generate(request, { key: chat.id, signal: AbortSignal.any([signal, stop.signal]) }), layout, language, persona);
  const facts = { persona: persona.id, version: persona.version, seed: request.seed, tokens: told.tokens, finish: told.finish };
  remember({ id, ...facts, ask, prompt, sampling: request.sampling, text: told.text, chat: chat.id, person: person.id });
  await record({ id, ...facts, base: persona.baseName, voice: JSON.stringify(request.voice), settings: JSON.stringify({ sampling: request.sampling, endTokens: request.endTokens, form: ask.form, length: ask.length ?? usualLength[ask.form], kind: persona.kind, language: persona.language }), prompt: hashPrompt(prompt) });
  if (persona.label && told.text !== '') yield { label: label[language] };
  yield { answer: id };
  yield { told: facts };
  yield { buttons: whenWritten(id, person.id, language) };
}

export const hashPrompt = (prompt: readonly Segment[]): string => createHash('sha256').update(JSON.stringify(prompt)).digest('hex');

function requestOf(id: string, persona: Persona, prompt: readonly Segment[]): Request {
  const sampling: Sampling = persona.sampling;
  return { id, voice: { base: persona.base, ...(persona.adapter ? { adapter: persona.adapter } : {}) }, prompt, sampling, seed: randomInt(2 ** 32), ...(persona.end.length > 0 ? { endTokens: persona.end } : {}) };
}

interface Told { readonly text: string; readonly tokens: number; readonly finish: 'stop' | 'length' | 'cancel' }

/** Events as parts; reading stops, and with it the writing, when the layout has all it wants. */
async function* tell(events: AsyncIterable<Event>, layout: Layout, language: 'es' | 'en', persona: Persona): AsyncGenerator<Part, Told> {
  let text = '';
  let isNotice = false;
  let [tokens, finish]: [number, Told['finish']] = [0, 'stop'];
  for await (const event of events) {
    if (event.type === 'place') { isNotice = true; yield { replace: queued(event.place)[language] }; }
    if (event.type === 'started' && isNotice) { isNotice = false; yield { replace: '' }; }
    if (event.type === 'failed') throw event.kind === 'setup' ? new UserError(setupFault(event.message)) : new Error(`${persona.id}: ${event.message}`);
    if (event.type === 'words') { tokens = event.tokens; const words = layout.push(event.text); text += words; if (words !== '') yield { append: words }; }
    if (event.type === 'end') [tokens, finish] = [event.tokens, event.finish];
    if (layout.isComplete) break;
  }
  const rest = layout.end(finish === 'stop' ? 'stop' : 'length');
  text += rest;
  if (rest !== '') yield { append: rest };
  if (text.trim() === '') yield { replace: (finish === 'cancel' ? stopped : silent)[language] };
  return { text, tokens, finish };
}
