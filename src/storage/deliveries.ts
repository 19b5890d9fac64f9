/** Which deliveries were answered already: platforms deliver again after a drop or a restart. */
import type { Database } from './database.ts';
import { isTaken } from './taken.ts';

/** Longer than any platform delivers again (Telegram keeps updates for 24 hours). */
const kept = 48 * 3600 * 1000; // milliseconds

/** True the first time, atomically. */
export const claimDelivery = (db: Database, id: string): Promise<boolean> => db.delivery.create({ data: { id } }).then(() => true, isTaken);

export async function tidyDeliveries(db: Database, now = Date.now()): Promise<void> {
  await db.delivery.deleteMany({ where: { at: { lt: new Date(now - kept) } } });
}
