/** What people do on the fake Telegram: write, reply, press, type an inline query, move, throw the bot out. Each returns what it caused. */
import type { CallbackQuery, Message, MessageEntity, Update, User } from 'grammy/types';
import { usualPerson, type FakeOptions, type Query, type Said, type World } from './world.ts';

export interface Writing {
  readonly chat?: number; // a group's negative id; else the writer's private chat
  readonly from?: Partial<User>;
  readonly replyTo?: Said;
  readonly extra?: Partial<Message>;
  readonly entities?: MessageEntity[];
}
export type Acts = ReturnType<typeof createActs>;

export function createActs(world: World, options: FakeOptions, wake: () => void) {
  const { me } = world;
  function deliver(update: Omit<Update, 'update_id'>): number {
    const id = world.push(update);
    wake();
    return id;
  }
  function writer(from: Partial<User> | undefined): User {
    const user = { ...usualPerson, ...from };
    world.people.set(user.id, user);
    return user;
  }
  function compose(text: string, { chat: where, from, replyTo, extra, entities }: Writing): Message {
    const user = writer(from);
    const chat = where ?? user.id;
    world.chat(chat);
    const message = { message_id: world.nextMessage(), date: Math.floor(Date.now() / 1000), chat: world.chatJson(chat), from: user, text, entities: entities ?? entitiesIn(text), ...(replyTo ? { reply_to_message: { message_id: replyTo.id, date: 0, chat: world.chatJson(chat), from: me, text: replyTo.text } } : {}), ...extra } as Message;
    world.heard.set(`${chat}/${message.message_id}`, message);
    return message;
  }
  /** With privacy mode on, Telegram keeps a group's talk from the bot. */
  function isShown({ chat, text = '', reply_to_message: to }: Message): boolean {
    if (chat.type === 'private' || !(options.isPrivacyOn ?? true)) return true;
    return text.startsWith('/') || to?.from?.id === me.id;
  }
  return {
    /** The update's id; undefined where Telegram would not show it to the bot. */
    say(text: string, writing: Writing = {}): number | undefined {
      const message = compose(text, writing);
      return isShown(message) ? deliver({ message } as Omit<Update, 'update_id'>) : undefined;
    },
    edit(text: string, writing: Writing = {}): number { return deliver({ edited_message: { ...compose(text, writing), edit_date: 1 } } as Omit<Update, 'update_id'>); },
    /** The same delivery once more. */
    redeliver(update: number): void {
      const known = world.delivered.get(update) ?? world.updates.find(({ update_id }) => update_id === update);
      if (known) world.again.push(known);
      wake();
    },
    press(message: Said, label: string, from?: Partial<User>): Query {
      const data = message.keyboard.flat().find((key) => key.text === label);
      if (!data || !('callback_data' in data)) throw new Error(`no button «${label}» under «${message.text.slice(0, 40)}»`);
      const query: Query = { id: world.nextQuery(), at: Date.now(), kind: 'callback' };
      world.queries.set(query.id, query);
      const callback_query = { id: query.id, from: writer(from), chat_instance: '1', data: data.callback_data, message: { message_id: message.id, date: 1, chat: world.chatJson(message.chat), from: me, text: message.text } } as CallbackQuery;
      deliver({ callback_query });
      return query;
    },
    type(text: string, from?: Partial<User>): Query {
      const query: Query = { id: world.nextQuery(), at: Date.now(), kind: 'inline' };
      world.queries.set(query.id, query);
      deliver({ inline_query: { id: query.id, from: writer(from), query: text, offset: '' } });
      return query;
    },
    /** A group becomes a supergroup; with its two service messages, unless the bot is to find out by itself. */
    migrate(from: number, to: number, isTold = true): void {
      const old = world.chat(from);
      old.movedTo = to;
      world.chat(to).title = old.title;
      if (!isTold) return;
      deliver({ message: { message_id: world.nextMessage(), date: 1, chat: world.chatJson(from), from: usualPerson, migrate_to_chat_id: to } as Message & Update.NonChannel });
      deliver({ message: { message_id: world.nextMessage(), date: 1, chat: world.chatJson(to), from: usualPerson, migrate_from_chat_id: from } as Message & Update.NonChannel });
    },
    /** The bot comes ('member', 'administrator') or goes ('kicked', 'left'). */
    membership(chat: number, before: string, after: string, from?: Partial<User>): void {
      world.chat(chat).isClosed = after === 'kicked' || after === 'left';
      deliver({ my_chat_member: { chat: world.chatJson(chat), from: writer(from), date: 1, old_chat_member: { user: me, status: before }, new_chat_member: { user: me, status: after } } as Update['my_chat_member'] & object });
    },
    stopDraft(chat: number): void {
      deliver({ stopped_message_generation: { chat: world.chatJson(chat), draft_id: world.chat(chat).draft?.id ?? 0 } } as Omit<Update, 'update_id'>);
    },
  };
}

/** As Telegram marks them by itself. */
function entitiesIn(text: string): MessageEntity[] {
  const marks = (pattern: RegExp, type: 'bot_command' | 'mention'): MessageEntity[] => [...text.matchAll(pattern)].map(({ index, 0: found }) => ({ type, offset: index, length: found.length }));
  return [...marks(/(?<=^|\s)\/\w{1,32}(@\w+)?/g, 'bot_command'), ...marks(/(?<![\w/])@\w{4,32}/g, 'mention')];
}
