/** What the fake Telegram knows: chats, who is in them, messages, updates not yet confirmed. Knows no HTTP. */
import type { InlineKeyboardMarkup, Message, MessageEntity, Update, User, UserFromGetMe } from 'grammy/types';

export interface FakeOptions {
  readonly token?: string;
  readonly username?: string;
  readonly hasDrafts?: boolean; // sendMessageDraft, as in newer servers; true
  readonly isPrivacyOn?: boolean; // groups show commands and replies only; true
  readonly isInlineOn?: boolean; // true
  readonly groupLimit?: number; // messages and edits in a group in each `window`; 20
  readonly window?: number; // milliseconds; 60,000
  readonly queryLife?: number; // milliseconds in which a query may be answered; 10,000
  readonly port?: number;
}

/** A message of the bot's as it stands. */
export interface Said {
  readonly id: number;
  readonly chat: number;
  text: string;
  entities: MessageEntity[];
  keyboard: InlineKeyboardMarkup['inline_keyboard'];
  readonly replyTo?: number;
  readonly thread?: number;
  edits: number;
  isDeleted: boolean;
  readonly parameters: Readonly<Record<string, unknown>>;
}
export interface FakeChat {
  readonly id: number;
  readonly type: 'private' | 'group' | 'supergroup';
  title: string;
  movedTo?: number;
  /** The bot is out: blocked in private, kicked or left in a group. */
  isClosed: boolean;
  isMuted: boolean;
  readonly administrators: Set<number>;
  readonly spoken: number[]; // when the bot posted or edited
  draft?: { readonly id: number; readonly text: string };
}
export interface Query { readonly id: string; readonly at: number; readonly kind: 'callback' | 'inline'; answer?: Readonly<Record<string, unknown>>; answeredAfter?: number }

export const usualPerson: User = { id: 7, is_bot: false, first_name: 'Ana', language_code: 'es', username: 'ana' };

export type World = ReturnType<typeof createWorld>;

export function createWorld(options: FakeOptions) {
  const me: UserFromGetMe = {
    id: 42, is_bot: true, first_name: 'Ventrílocuo', username: options.username ?? 'persona_bot', can_join_groups: true, can_read_all_group_messages: !(options.isPrivacyOn ?? true), can_manage_bots: false,
    supports_inline_queries: options.isInlineOn ?? true, can_connect_to_business: false, has_main_web_app: false, has_topics_enabled: false, allows_users_to_create_topics: false,
  } as UserFromGetMe;
  const chats = new Map<number, FakeChat>();
  const people = new Map<number, User>();
  const said: Said[] = [];
  const heard = new Map<string, Message>(); // chat/id → a person's message
  const queries = new Map<string, Query>();
  const updates: Update[] = [];
  const again: Update[] = []; // delivered once more, whatever the offset
  const delivered = new Map<number, Update>();
  const commands = new Map<string, unknown>();
  let lastUpdate = 1000;
  let lastMessage = 0;
  let lastQuery = 0;

  function chat(id: number): FakeChat {
    const known = chats.get(id);
    if (known) return known;
    const fresh: FakeChat = { id, type: id > 0 ? 'private' : id < -1_000_000_000_000 ? 'supergroup' : 'group', title: 'La peña', isClosed: false, isMuted: false, administrators: new Set(), spoken: [] };
    chats.set(id, fresh);
    return fresh;
  }
  const person = (id: number): User => people.get(id) ?? { ...usualPerson, id };
  function push(update: Omit<Update, 'update_id'>): number {
    updates.push({ ...update, update_id: ++lastUpdate } as Update);
    return lastUpdate;
  }
  return {
    me, chats, people, said, heard, queries, updates, again, delivered, commands, chat, person, push,
    nextMessage: (): number => ++lastMessage,
    nextQuery: (): string => `query-${++lastQuery}`,
    chatJson: (id: number) => { const { type, title } = chat(id); return type === 'private' ? { id, type, first_name: person(id).first_name } : { id, type, title }; },
    standing: (id: number): Said[] => said.filter((one) => one.chat === id && !one.isDeleted),
  };
}
