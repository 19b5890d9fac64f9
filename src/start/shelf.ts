/** The bot's shelf over the database. */
import type { Shelf } from '../bot.ts';
import { recordAnswer } from '../storage/answers.ts';
import { chatSettings, forgetChat, moveChat, setChatPersona } from '../storage/chats.ts';
import type { Database } from '../storage/database.ts';
import { claimDelivery } from '../storage/deliveries.ts';
import { vote, votesOf } from '../storage/votes.ts';

export const shelfOver = (db: Database): Shelf => ({
  claim: (delivery) => claimDelivery(db, delivery),
  personaOf: async (chat) => (await chatSettings(db, chat)).persona,
  choose: (chat, persona) => setChatPersona(db, chat, persona),
  move: (from, to) => moveChat(db, from, to),
  forget: (chat) => forgetChat(db, chat),
  record: (answer) => recordAnswer(db, answer),
  vote: (one) => vote(db, one),
  votes: (persona) => votesOf(db, persona),
});
