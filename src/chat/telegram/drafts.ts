/** Drafts: previews in private chats that change without edits, for 30 seconds each, where the server has them. Knows no answers. */
import { GrammyError, type Api } from 'grammy';
import type { Message } from '../deliver.ts';
import { isGroup } from './pace.ts';
import { render } from './rendering.ts';

export interface Draft {
  isPossible(): boolean;
  /** False where drafts are refused: a message must do. */
  show(message: Message): Promise<boolean>;
  end(): void;
}
export type Drafts = ReturnType<typeof createDrafts>;

/** Since Bot API 10.3 the person gets a button that stops a draft; older servers pass over the parameter. */
const stoppable = { can_stop: true };
const draftIds = 2 ** 31 - 1;

export function createDrafts(api: Api, life: number /* milliseconds after which a draft is shown again, lest it fade */) {
  const refusing = new Set<number>(); // chats
  const stops = new Map<number, () => void>(); // draft → stop
  let isMissing = false;
  let last = Date.now() % draftIds;

  /** 404: the server has none; another refusal is this chat's. What passes (5xx, a drop) costs one picture of many. */
  function explain(cause: unknown, chat: number): boolean {
    if (!(cause instanceof GrammyError) || cause.error_code >= 502 || cause.error_code === 500 || cause.error_code === 429) return true;
    if (cause.error_code === 403) throw cause;
    if (cause.error_code === 400) refusing.add(chat);
    else isMissing = true;
    return false;
  }
  function open(chat: number, thread: number | undefined, stop: () => void): Draft {
    const id = (last = (last % draftIds) + 1);
    let refresh: NodeJS.Timeout | undefined;
    const isPossible = (): boolean => !isMissing && !isGroup(chat) && !refusing.has(chat);
    async function show(message: Message): Promise<boolean> {
      end();
      if (!isPossible()) return false;
      const { text, entities } = render({ ...message, buttons: [] });
      const isShown = await api.sendMessageDraft(chat, id, text, { ...stoppable, entities, ...(thread === undefined ? {} : { message_thread_id: thread }) }).catch((cause: unknown) => explain(cause, chat));
      if (isShown) { stops.set(id, stop); refresh = setTimeout(() => { show(message).catch(() => undefined); }, life).unref(); }
      return isShown;
    }
    function end(): void {
      clearTimeout(refresh);
      stops.delete(id);
    }
    return { isPossible, show, end };
  }
  return { open, /** The person pressed the draft's stop button. */ stop: (id: number): void => stops.get(id)?.() };
}
