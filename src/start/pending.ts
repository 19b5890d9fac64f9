/** A platform's pending answers over the database. */
import type { Pending } from '../chat/platform.ts';
import type { Database } from '../storage/database.ts';
import { closeInteraction, openInteraction, pendingInteractions } from '../storage/interactions.ts';

export const pendingOver = (db: Database, platform: string): Pending => ({
  open: (delivery, place) => openInteraction(db, { delivery, platform, place }),
  close: (delivery) => closeInteraction(db, delivery),
  left: () => pendingInteractions(db, platform),
});
