/** Inline mode: the words typed after @bot in any chat become a short text to send. Knows no conversation. */
import { setTimeout as rest } from 'node:timers/promises';
import type { Api } from 'grammy';
import type { InlineQuery, InlineQueryResult } from 'grammy/types';
import type { Bot, Inline } from '../../command.ts';
import { collect, type Collected } from '../collect.ts';
import { splitText } from '../split.ts';
import type { Pace } from './pace.ts';
import { render, textLimit } from './rendering.ts';
import { askInChat, inlineTitle } from './words.ts';

const longestTitle = 60; // characters that clients show
const longestDescription = 120;

/** Only the newest query of a person counts: Telegram sends one at every pause of their typing. */
export function createInline({ api, bot, pace }: { readonly api: Api; readonly bot: Bot; readonly pace: Pace }) {
  const newest = new Map<number, AbortController>(); // person → their query

  async function write(incoming: Inline, signal: AbortSignal): Promise<Collected | undefined> {
    await rest(pace.inlineSettle, undefined, { signal });
    const reply = await bot.answer(incoming, { signal });
    return reply === undefined ? undefined : collect(reply);
  }
  async function answer(query: InlineQuery, incoming: Inline): Promise<void> {
    newest.get(query.from.id)?.abort();
    const abort = new AbortController();
    newest.set(query.from.id, abort);
    try {
      const { language } = incoming.person;
      const deadline = rest(pace.inlineDeadline, undefined, { ref: false });
      const written = incoming.text === '' ? undefined : await Promise.race([write(incoming, abort.signal), deadline]);
      const results = written && isTellable(written) ? [article(query, written, inlineTitle(incoming.text)[language])] : [];
      const button = results.length > 0 ? {} : { button: { text: askInChat[language], start_parameter: 'inline' } };
      if (newest.get(query.from.id) === abort) await api.answerInlineQuery(query.id, results, { is_personal: true, cache_time: 0, ...button });
    } catch (cause) {
      if (!abort.signal.aborted) throw cause;
    } finally {
      abort.abort();
      if (newest.get(query.from.id) === abort) newest.delete(query.from.id);
    }
  }
  return { answer, stop: (): void => { for (const abort of newest.values()) abort.abort(); } };
}

const isTellable = ({ text, failed }: Collected): boolean => failed === undefined && text.trim() !== '';

function article({ id }: InlineQuery, { text, label }: Collected, title: string): InlineQueryResult {
  const { text: message_text, entities, link_preview_options } = render({ text: splitText(text, textLimit - label.length - 2)[0] ?? '', label, buttons: [] });
  return { type: 'article', id: id.slice(-64), title: title.slice(0, longestTitle), description: text.trim().slice(0, longestDescription), input_message_content: { message_text, entities, link_preview_options } };
}
