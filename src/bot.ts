/** One Incoming in, one Reply out: a command, a mention, a button, an inline query, or silence. Knows no platform and no model. */
import type { Bot, Chat, Choice, Command, Completion, Context, Incoming, Part, Person, Reply, Status } from './command.ts';
import type { Engine } from './engine/protocol.ts';
import { UserError, type Words } from './errors.ts';
import type { Persona } from './persona/persona.ts';
import type { Ask } from './persona/prompt.ts';
import type { AnswerRecord } from './storage/answers.ts';
import type { Count, Vote } from './storage/votes.ts';
import { parseLine, valuesOf } from './bot/arguments.ts';
import { mayPress, parseButton, type Pressed } from './bot/buttons.ts';
import { complete } from './bot/complete.ts';
import { explained, guarded, type Report } from './bot/failures.ts';
import { createLimits, type LimitOptions } from './bot/limits.ts';
import { createConversations, createMemory, type Remembered } from './bot/memory.ts';
import { nearest, plain } from './bot/nearest.ts';
import { speak } from './bot/speak.ts';
import { emptyMention, noAnswerYet, notAllowed, notYours, origin, thanks, tooOld, unknownCommand, unknownPersona } from './bot/words.ts';

/** What the bot keeps, as it needs it (storage/*). */
export interface Shelf {
  claim(delivery: string): Promise<boolean>;
  personaOf(chat: string): Promise<string | undefined>;
  choose(chat: string, persona: string): Promise<void>;
  move(from: string, to: string): Promise<void>;
  forget(chat: string): Promise<void>;
  record(answer: AnswerRecord): Promise<void>;
  vote(vote: Vote): Promise<void>;
  votes(persona: string): Promise<Count[]>;
}
export interface BotOptions {
  readonly engine: Engine;
  readonly personas: readonly Persona[];
  readonly commands: readonly Command[];
  readonly shelf: Shelf;
  readonly usualPersona: string;
  readonly limits: LimitOptions;
  readonly contextLifetime: number; // milliseconds
  readonly platforms: () => Readonly<Record<string, string>>;
  readonly report: Report;
  readonly now?: () => number;
}

export const roles = ['anyone', 'administrator', 'operator'] as const;
const answersKept = 500;

export function createBot(options: BotOptions): Bot & { readonly answers: { get(id: string): Remembered | undefined } } {
  const { engine, personas, commands, shelf } = options;
  const born = Date.now();
  const limits = createLimits(options.limits, options.now);
  const conversations = createConversations(options.contextLifetime, options.now);
  const answers = createMemory<Remembered>(answersKept, Math.max(options.contextLifetime, 60_000), options.now);
  const latest = createMemory<string>(2000, Math.max(options.contextLifetime, 60_000), options.now); // person and chat → answer
  const writing = new Map<string, { person: string; chat: string; stop: () => void }>();

  // ---------------------------------------------------------------- finding
  function findPersona(typed: string): Persona {
    const wanted = plain(typed);
    const by = (fits: (name: string) => boolean): Persona[] => personas.filter(({ id, title }) => fits(plain(id)) || fits(plain(title)));
    const [exact] = by((name) => name === wanted);
    const [near, ...others] = by((name) => wanted.length >= 3 && name.includes(wanted));
    const found = exact ?? (others.length === 0 ? near : undefined);
    if (found) return found;
    throw new UserError(unknownPersona(typed.slice(0, 60), personas.map(({ id }) => id), nearest(typed, personas.flatMap(({ id, title }) => [id, title]))));
  }
  function findCommand(typed: string): Command {
    const wanted = plain(typed);
    const found = commands.find(({ name, english, aliases }) => [name, english, ...aliases].some((one) => plain(one) === wanted));
    if (found) return found;
    throw new UserError(unknownCommand(typed.slice(0, 40), commands.map(({ name }) => name), nearest(typed, commands.flatMap(({ name, english }) => [name, english]))));
  }
  const personaOf = async (chat: Chat): Promise<Persona> => {
    const chosen = await shelf.personaOf(chat.id);
    return personas.find(({ id }) => id === chosen) ?? personas.find(({ id }) => id === options.usualPersona) ?? (personas[0] as Persona);
  };
  const mine = (person: Person, chat: Chat): string => `${person.id} ${chat.id}`;
  const remembered = (id: string | undefined): Remembered => {
    const found = id === undefined ? undefined : answers.get(id);
    if (!found) throw new UserError(id === undefined ? noAnswerYet : tooOld);
    return found;
  };

  // ---------------------------------------------------------------- speaking
  function write(persona: Persona, ask: Ask, person: Person, chat: Chat, signal: AbortSignal): Reply {
    const leave = person.role === 'operator' ? (): void => undefined : limits.enter(person.id, chat.id);
    let own = '';
    const started = (id: string, stop: () => void): void => { own = id; writing.set(id, { person: person.id, chat: chat.id, stop }); };
    const remember = (answer: Remembered): void => {
      answers.set(answer.id, answer);
      latest.set(mine(person, chat), answer.id);
      conversations.add(chat.id, ...(ask.about ? [{ who: 'person' as const, text: ask.about }] : []), { who: 'persona', text: answer.text });
    };
    const parts = speak({ persona, ask, person, chat, signal, started }, { engine, remember, record: (record) => shelf.record(record) });
    async function* written(): AsyncGenerator<Part> {
      try { yield* parts; } finally { leave(); writing.delete(own); }
    }
    return written();
  }
  const again = ({ ask, persona }: Remembered, person: Person, chat: Chat, signal: AbortSignal): Reply => write(findPersona(persona), ask, person, chat, signal);
  function more({ ask, persona, text }: Remembered, person: Person, chat: Chat, signal: AbortSignal): Reply {
    return write(findPersona(persona), { ...ask, form: ask.form === 'song' ? 'verse' : ask.form, soFar: `${ask.soFar ?? ''}${text}${ask.form === 'song' || ask.form === 'verse' ? '\n\n' : ' '}` }, person, chat, signal);
  }
  function stopAll(person: Person, chat: Chat): number {
    const own = [...writing.values()].filter((one) => one.person === person.id && one.chat === chat.id);
    own.forEach(({ stop }) => stop());
    return own.length;
  }
  async function status(): Promise<Status> {
    const votes = await Promise.all(personas.map(async ({ id }) => ({ persona: id, ...(await shelf.votes(id)).reduce((sum, { up, down }) => ({ up: sum.up + up, down: sum.down + down }), { up: 0, down: 0 }) })));
    return { engine: await engine.status(), uptime: Date.now() - born, platforms: options.platforms(), votes };
  }

  // ---------------------------------------------------------------- answering
  function contextOf({ platform, person, chat }: Incoming, signal: AbortSignal): Context {
    return {
      platform, person, chat, commands, personas, status,
      say: (words: Words) => words[person.language],
      current: () => personaOf(chat),
      async choose(id) { const persona = findPersona(id); await shelf.choose(chat.id, persona.id); conversations.forget(chat.id); return persona; },
      speak: async (id, ask) => write(id === '' ? await personaOf(chat) : findPersona(id), ask, person, chat, signal),
      again: async () => again(remembered(latest.get(mine(person, chat))), person, chat, signal),
      more: async () => more(remembered(latest.get(mine(person, chat))), person, chat, signal),
      stop: () => stopAll(person, chat),
      forget: () => { conversations.forget(chat.id); latest.delete(mine(person, chat)); },
    };
  }
  async function obey(incoming: Incoming & { kind: 'command' }, signal: AbortSignal): Promise<Reply> {
    const command = findCommand(incoming.name);
    if (command.who !== 'anyone' && roles.indexOf(incoming.person.role) < roles.indexOf(command.who)) throw new UserError(notAllowed(command.who));
    const given = incoming.line === undefined ? incoming.options : parseLine(incoming.line, command);
    return command.run(valuesOf(given, command, (typed) => findPersona(typed).id), contextOf(incoming, signal));
  }
  async function reply(text: string, persona: Persona, { person, chat }: Incoming, signal: AbortSignal): Promise<Reply> {
    if (text.trim() === '') throw new UserError(emptyMention);
    return write(persona, { form: 'reply', about: text.slice(0, 1000), turns: conversations.turns(chat.id) }, person, chat, signal);
  }
  async function press(pressed: Pressed, { person, chat }: Incoming, signal: AbortSignal): Promise<Reply> {
    if (!mayPress(pressed, person.id)) throw new UserError(notYours);
    if (pressed.verb === 'para') { writing.get(pressed.answer)?.stop(); return ''; }
    const answer = remembered(pressed.answer);
    if (pressed.verb === 'otra') return again(answer, person, chat, signal);
    if (pressed.verb === 'sigue') return more(answer, person, chat, signal);
    if (pressed.verb === 'origen') return origin(originOf(answer))[person.language];
    await shelf.vote({ answer: answer.id, person: person.id, persona: answer.persona, version: answer.version, value: pressed.verb === 'bien' ? 1 : -1 });
    return thanks[person.language];
  }
  function originOf({ id, persona, version, seed, sampling }: Remembered) {
    const { title, baseName } = findPersona(persona);
    return { id, persona, version, seed, title, base: baseName, settings: Object.entries(sampling).filter(([, value]) => !Array.isArray(value)).map(([name, value]) => `${name} ${String(value)}`).join(', ') };
  }

  async function dispatch(incoming: Incoming, signal: AbortSignal): Promise<Reply> {
    if (incoming.kind === 'command') return obey(incoming, signal);
    if (incoming.kind === 'mention') return reply(incoming.text, await personaOf(incoming.chat), incoming, signal);
    if (incoming.kind === 'inline') return write(await personaOf(incoming.chat), { form: 'verse', about: incoming.text }, incoming.person, incoming.chat, signal);
    const pressed = parseButton(incoming.button);
    if (!pressed) throw new UserError(tooOld);
    if (incoming.kind === 'submission') return reply(incoming.text, findPersona(remembered(pressed.answer).persona), incoming, signal);
    return press(pressed, incoming, signal);
  }
  return {
    commands, answers,
    async answer(incoming, { signal }) {
      try {
        if (incoming.kind !== 'inline' && !(await shelf.claim(`${incoming.platform}:${incoming.delivery}`))) return undefined;
        const answered = await dispatch(incoming, signal);
        return typeof answered === 'string' ? answered : guarded(answered, incoming, options.report);
      } catch (cause) {
        return explained(cause, incoming, options.report);
      }
    },
    complete: (completion: Completion): Choice[] => complete(completion, commands, personas),
    moved: async (from, to) => { await shelf.move(from, to); },
    left: async (chat) => { conversations.forget(chat); await shelf.forget(chat); },
  };
}
