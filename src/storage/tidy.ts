/** Takes out of the database what has served its time. Knows no platform. */
import type { Database } from './database.ts';
import { tidyDeliveries } from './deliveries.ts';

const day = 24 * 3600 * 1000; // milliseconds
/** Answers can be made again for this long; their votes stay as counts. */
const answersKept = 90 * day;
/** Places of unfinished answers: Discord's live 15 minutes, and nobody waits for a day. */
const interactionsKept = day;

export async function tidyDatabase(db: Database, now = Date.now()): Promise<void> {
  await tidyDeliveries(db, now);
  await db.answer.deleteMany({ where: { createdAt: { lt: new Date(now - answersKept) } } });
  await db.interaction.deleteMany({ where: { at: { lt: new Date(now - interactionsKept) } } });
}
