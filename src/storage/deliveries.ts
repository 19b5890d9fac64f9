/** Which deliveries were answered already: platforms deliver again after a drop or a restart. */
import type { Database } from './database.ts';

/** Longer than any platform delivers again (Telegram keeps updates for 24 hours). */
const kept = 48 * 3600 * 1000; // milliseconds

/** True the first time, atomically. */
export async function claimDelivery(db: Database, id: string): Promise<boolean> {
  return db.delivery.create({ data: { id } }).then(() => true, (cause: unknown) => { if (isTaken(cause)) return false; throw cause; });
}

/** Prisma's P2002: a unique value is there already. */
const isTaken = (cause: unknown): boolean => typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 'P2002';

export async function tidyDeliveries(db: Database, now = Date.now()): Promise<void> {
  await db.delivery.deleteMany({ where: { at: { lt: new Date(now - kept) } } });
}
