/** Drafts: previews in private chats that change without edits, for 30 seconds each, where the server has them. Knows no answers. */
import { GrammyError, type Api } from 'grammy';
import { isGroup } from './pace.ts';
import type { Rendered } from './rendering.ts';

export interface Draft {
  isPossible(): boolean;
  /** False where drafts are refused: a message must do. */
  show(rendered: Rendered): Promise<boolean>;
  end(): void;
}
export interface Drafts {
  open(chat: number, thread: number | undefined, stop: () => void): Draft;
  /** The person pressed the draft's stop button. */
  stop(draft: number): void;
}
/** For words that are there at once. */
export const noDrafts: Drafts = { open: () => ({ isPossible: () => false, show: async () => false, end: () => undefined }), stop: () => undefined };

/** Since Bot API 10.3 the person gets a button that stops a draft; older servers pass over the parameter. */
const stoppable = { can_stop: true };
const draftIds = 2 ** 31 - 1;
const strikesAllowed = 3; // failures one after another that may pass, over all chats

export function createDrafts(api: Api, life: number /* milliseconds after which a draft is shown again, lest it fade */): Drafts {
  const refusing = new Set<number>(); // chats
  const stops = new Map<number, () => void>(); // draft → stop
  let isMissing = false;
  let strikes = 0;
  let last = Date.now() % draftIds;

  /** 404: the server has none; 400: this chat takes none; the rest may pass. False: a message must do. */
  function weigh(cause: unknown, chat: number): false {
    const code = cause instanceof GrammyError ? cause.error_code : 0;
    if (code === 403) throw cause;
    if (code === 400) refusing.add(chat);
    else if (code === 404 || ++strikes >= strikesAllowed) isMissing = true;
    return false;
  }
  function open(chat: number, thread: number | undefined, stop: () => void): Draft {
    const id = (last = (last % draftIds) + 1);
    const topic = thread === undefined ? {} : { message_thread_id: thread };
    let refresh: NodeJS.Timeout | undefined;
    const isPossible = (): boolean => !isMissing && !isGroup(chat) && !refusing.has(chat);
    const end = (): void => { clearTimeout(refresh); stops.delete(id); };
    async function show(rendered: Rendered): Promise<boolean> {
      end();
      if (!isPossible()) return false;
      stops.set(id, stop);
      const isShown = await api.sendMessageDraft(chat, id, rendered.text, { ...stoppable, ...topic, entities: rendered.entities }).then(() => { strikes = 0; return true; }, (cause: unknown) => weigh(cause, chat));
      if (isShown) refresh = setTimeout(() => { show(rendered).catch(() => undefined); }, life).unref();
      else end();
      return isShown;
    }
    return { isPossible, show, end };
  }
  return { open, stop: (id) => stops.get(id)?.() };
}
