/** Faults of a Telegram bot: each takes one line of sense away. */
import type { Fault } from './plant.ts';

const at = (file: string): string => `src/chat/telegram/${file}.ts`;
const [talk, groups, trouble, inline] = ['', '-groups', '-trouble', '-inline'].map((name) => [`tests/chat/telegram${name}.test.ts`]) as [string[], string[], string[], string[]];

export const telegramFaults: readonly Fault[] = [
  { name: 'Telegram: an update delivered twice is handled twice', file: at('received'), find: 'if (!isNew(update)) return;', replace: 'isNew(update);', tests: trouble },
  { name: 'Telegram: @names in an answer call people', file: at('rendering'), find: '...quoted(words, start),', replace: '...[],', tests: talk },
  { name: 'Telegram: a pressed button is never acknowledged', file: at('presses'), find: 'api.answerCallbackQuery(query.id, notice).then(() => undefined, () => undefined)', replace: 'Promise.resolve(notice).then(() => undefined)', tests: talk },
  { name: 'Telegram: a pressed button waits for a slow bot', file: at('presses'), find: 'if (!isQuick) await acknowledge();', replace: '', tests: talk },
  { name: 'Telegram: commands for another bot are obeyed', file: at('hearing'), find: 'if (target !== undefined && target.toLowerCase() !== me.username.toLowerCase()) return undefined;', replace: '', tests: talk },
  { name: 'Telegram: other bots are answered', file: at('hearing'), find: 'message.from.is_bot || ', replace: '', tests: groups },
  { name: 'Telegram: a draft never becomes a message', file: at('answers'), find: 'await sink.finish();', replace: '', tests: talk },
  { name: 'Telegram: an edit that changes nothing is sent', file: at('sink'), find: `    if (slot.shown === JSON.stringify(rendered)) return;
    await pacer`, replace: '    await pacer', tests: groups },
  { name: 'Telegram: a group is flooded', file: at('pace'), find: 'if (wait > 0) await rest(wait);', replace: '', tests: groups },
  { name: 'Telegram: messages may be longer than Telegram takes', file: at('rendering'), find: 'export const answerLimit = textLimit - nameLimit - 1;', replace: 'export const answerLimit = textLimit * 2;', tests: talk },
  { name: 'Telegram: retry_after is passed over', file: at('client'), find: 'trying(retry), patience, following(homes)', replace: 'trying(patience && retry), following(homes)', tests: trouble },
  { name: 'Telegram: a broken connection loses the answer', file: at('client'), find: 'if (isLast || signal?.aborted) throw cause;', replace: 'throw cause;', tests: trouble },
  { name: 'Telegram: a group that moved is written to at its old address', file: at('client'), find: 'return isAboutMessage ? result : call', replace: 'return isAboutMessage || next ? result : call', tests: groups },
  { name: 'Telegram: an answer that ended stays pending', file: at('answers'), find: 'if (!isQuick) await pending.close(delivery);', replace: '', tests: groups },
  { name: 'Telegram: the apology after a crash does not know the message', file: at('answers'), find: '...(at ? { chat: at.chat, message: at.id } : {})', replace: '...(at ? {} : {})', tests: trouble },
  { name: 'Telegram: stopping forgets to confirm what was received', file: 'src/chat/telegram.ts', find: 'if (last !== undefined) await', replace: 'if (last === -1) await', tests: trouble },
  { name: 'Telegram: stopping cuts answers off without a word', file: at('interrupt'), find: 'return yield* farewell(hasText, apology);', replace: 'return;', tests: trouble },
  { name: 'Telegram: every keystroke of an inline query is answered', file: at('inline'), find: 'newest.get(query.from.id)?.abort();', replace: '', tests: inline },
  { name: 'Telegram: an inline query waits for ever', file: at('inline'), find: 'Promise.race([write(incoming, abort.signal), deadline])', replace: 'Promise.race([write(incoming, abort.signal), deadline.then(() => new Promise<undefined>(() => undefined))])', tests: inline },
  { name: 'Telegram: a wrong token is printed', file: at('client'), find: 'TELEGRAM_TOKEN: Telegram does not know this token;', replace: 'TELEGRAM_TOKEN: Telegram does not know this token 42:AAwrong_canary_token_xxxxxxxx;', tests: trouble },
  { name: 'Telegram: link previews are shown', file: at('rendering'), find: 'entities, link_preview_options: { is_disabled: true }, ...', replace: 'entities, link_preview_options: { is_disabled: false } as never, ...', tests: talk },
];
