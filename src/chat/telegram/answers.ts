/** The answers being told: asked of the bot, shown as they come, kept as pending until they end. Knows no updates. */
import { setTimeout as rest } from 'node:timers/promises';
import type { Bot, Incoming, Reply } from '../../command.ts';
import type { Log } from '../../log.ts';
import { createMemory } from '../../bot/memory.ts';
import { deliver } from '../deliver.ts';
import type { Pending } from '../platform.ts';
import { isGone } from './client.ts';
import { noDrafts } from './drafts.ts';
import { interruptible } from './interrupt.ts';
import { spellPlace } from './pending.ts';
import { createSink, type Place, type Room, type Stage } from './sink.ts';
import { keepTyping } from './typing.ts';
import { interrupted } from './words.ts';

export interface AnswersOptions {
  readonly bot: Bot;
  readonly stage: Stage;
  readonly pending: Pending;
  readonly log: Log;
  readonly typing: number; // milliseconds between two chat actions
}
/** What the bot answers to something that came in; `abort` stops the writing of it. */
export interface Asked { readonly incoming: Incoming; readonly reply: Reply; readonly abort: AbortController }
interface Telling { readonly closing: AbortController; readonly abort: AbortController; readonly done: Promise<void> }
export type Answers = ReturnType<typeof createAnswers>;

const day = 86_400_000; // milliseconds
const lastWords = 10_000; // milliseconds that apologies may take

export function createAnswers(options: AnswersOptions) {
  const { bot, stage, pending, log } = options;
  const telling = new Set<Telling>();
  const told = createMemory<string>(5_000, day); // message → its answer

  async function ask(incoming: Incoming): Promise<Asked | undefined> {
    const abort = new AbortController();
    const reply = await bot.answer(incoming, { signal: abort.signal });
    return reply === undefined ? undefined : { incoming, reply, abort };
  }
  /** Returns at once; the telling goes on by itself. */
  function tell(asked: Asked, room: Room): void {
    const closing = new AbortController();
    const done = show(asked, room, closing.signal).catch((cause: unknown) => explain(cause, asked)).finally(() => telling.delete(one));
    const one: Telling = { closing, abort: asked.abort, done };
    telling.add(one);
  }
  async function show({ incoming, reply, abort }: Asked, room: Room, closing: AbortSignal): Promise<void> {
    const delivery = `telegram:${incoming.delivery}`;
    const language = incoming.chat.group ? incoming.chat.language : incoming.person.language;
    const isQuick = typeof reply === 'string';
    const spell = (at?: Place): string => spellPlace({ ...room, language, ...(at ? { chat: at.chat, message: at.id } : {}) });
    const leave = stage.pacer.enter(room.chat);
    const stopTyping = isQuick ? (): void => undefined : keepTyping(stage.api, room, options.typing);
    let isOpen = !isQuick;
    const sink = createSink(isQuick ? { ...stage, drafts: noDrafts } : stage, room, {
      spoke: stopTyping,
      stopped: () => abort.abort(),
      async stood(at) { if (isOpen) { isOpen = false; await pending.open(delivery, spell(at)); } },
    });
    try {
      if (!isQuick) await pending.open(delivery, spell());
      await deliver(interruptible(reply, closing, interrupted[language]), sink);
      await sink.finish();
    } finally {
      stopTyping();
      leave();
      for (const { chat, id, message } of sink.standing()) if (message.answer !== undefined) told.set(`${chat}/${id}`, message.answer);
      if (!isQuick) await pending.close(delivery);
    }
  }
  function explain(cause: unknown, { incoming, abort }: Asked): void {
    abort.abort();
    if (isGone(cause)) log.debug({ platform: 'telegram', chat: incoming.chat.id }, 'nobody left to answer');
    else log.error({ platform: 'telegram', chat: incoming.chat.id, delivery: incoming.delivery, cause }, 'an answer could not be shown');
  }
  return {
    ask, tell,
    /** The answer that a message of ours tells, while it is remembered. */
    toldBy: (chat: number, message: number): string | undefined => told.get(`${chat}/${message}`),
    /** Answers get `grace` milliseconds to end, then an apology. */
    async stop(grace: number): Promise<void> {
      await Promise.race([ended(telling), rest(grace, undefined, { ref: false })]);
      for (const { closing, abort } of telling) { closing.abort(); abort.abort(); }
      await Promise.race([ended(telling), rest(lastWords, undefined, { ref: false })]);
    },
  };
}

const ended = (telling: Iterable<Telling>): Promise<unknown> => Promise.all([...telling].map(({ done }) => done));
