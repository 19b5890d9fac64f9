/** The database: can it be had, is it up to date, who uses it. Changes nothing. */
import { existsSync } from 'node:fs';
import type { Config } from '../../src/config.ts';
import { isPostgres, openDatabase, pathOf, waitingMigrations } from '../../src/storage/database.ts';
import { holderOf } from '../../src/storage/instance.ts';
import { ok, warn, type Check } from './check.ts';

export async function checkDatabase({ DATABASE_URL }: Pick<Config, 'DATABASE_URL'>): Promise<Check> {
  const name = isPostgres(DATABASE_URL) ? 'PostgreSQL' : `SQLite, ${pathOf(DATABASE_URL)}`;
  if (!isPostgres(DATABASE_URL) && !existsSync(pathOf(DATABASE_URL))) return ok('database', `${name}: not there yet, the first start makes it`);
  const waiting = await waitingMigrations(DATABASE_URL);
  if (waiting.length > 0) return warn('database', `${name}: ${waiting.join(', ')} to be applied`, 'start the bot: it applies them');
  const db = await openDatabase(DATABASE_URL);
  const holder = await holderOf(db).finally(() => db.$disconnect());
  return ok('database', `${name}: up to date, ${holder ? `used by process ${holder.pid} on ${holder.host}` : 'no bot is running on it'}`);
}
