/** Applies the committed migrations at start and keeps Prisma's own bookkeeping (its table _prisma_migrations), as `prisma migrate deploy` would. Knows no tables. */
import type { SqlDriverAdapter, SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SetupError } from '../errors.ts';

const bookkeeping = (time: string): string => `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL, "checksum" VARCHAR(64) NOT NULL, "finished_at" ${time}, "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT, "rolled_back_at" ${time}, "started_at" ${time} NOT NULL DEFAULT CURRENT_TIMESTAMP, "applied_steps_count" INTEGER NOT NULL DEFAULT 0)`;

interface Migration { readonly name: string; readonly sql: string; readonly checksum: string }

/** Returns the names of what was applied. @throws SetupError for a history that is not this one's. */
export async function migrate(factory: SqlMigrationAwareDriverAdapterFactory, folder: string): Promise<string[]> {
  const db = await factory.connect();
  try {
    await db.executeScript(bookkeeping(isSqlite(db) ? 'DATETIME' : 'TIMESTAMPTZ'));
    const done = await applied(db);
    const fresh = (await readMigrations(folder)).filter((migration) => isNew(migration, done));
    for (const migration of fresh) await apply(db, migration);
    return fresh.map(({ name }) => name);
  } finally {
    await db.dispose();
  }
}
/** The names of what `migrate` would apply. Changes nothing. */
export async function waiting(factory: SqlMigrationAwareDriverAdapterFactory, folder: string): Promise<string[]> {
  const db = await factory.connect();
  try {
    const done = await applied(db).catch((cause: unknown) => { if (hasNoBooks(cause)) return new Map<string, Applied>(); throw cause; });
    return (await readMigrations(folder)).filter((migration) => isNew(migration, done)).map(({ name }) => name);
  } finally {
    await db.dispose();
  }
}
/** As PostgreSQL's driver and SQLite's say it. */
const hasNoBooks = (cause: unknown): boolean => cause instanceof Error && /TableDoesNotExist|no such table/.test(cause.message);
const isSqlite = ({ provider }: SqlDriverAdapter): boolean => provider === 'sqlite';

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name).toSorted();
  return Promise.all(names.map(async (name) => {
    const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
    return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
  }));
}

interface Applied { readonly checksum: string; readonly isFinished: boolean }
async function applied(db: SqlDriverAdapter): Promise<Map<string, Applied>> {
  const { rows } = await db.queryRaw({ sql: 'SELECT migration_name, checksum, finished_at FROM "_prisma_migrations" WHERE rolled_back_at IS NULL', args: [], argTypes: [] });
  return new Map(rows.map(([name, checksum, finished]) => [String(name), { checksum: String(checksum), isFinished: finished !== null }]));
}

function isNew({ name, checksum }: Migration, done: ReadonlyMap<string, Applied>): boolean {
  const earlier = done.get(name);
  if (earlier && !earlier.isFinished) throw new SetupError(`the migration ${name} broke off earlier: restore the database from a backup, or finish it by hand`, 3);
  if (earlier && earlier.checksum !== checksum) throw new SetupError(`the migration ${name} was changed after it was applied here: the code and this database do not belong together`, 3);
  return !earlier;
}

/** Whole or not at all. Of two bots that start on a new database at once, the later finds it done. */
async function apply(db: SqlDriverAdapter, migration: Migration): Promise<void> {
  await db.executeScript(transaction(db, migration)).catch(async (cause: unknown) => {
    await db.executeScript('ROLLBACK').catch(() => undefined); // where the driver has not done so
    if (isNew(migration, await applied(db))) throw new SetupError(`the migration ${migration.name} cannot be applied: ${cause instanceof Error ? cause.message : String(cause)}`, 3);
  });
}

function transaction(db: SqlDriverAdapter, { name, sql, checksum }: Migration): string {
  const now = isSqlite(db) ? String(Date.now()) : 'now()';
  const row = `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, started_at, finished_at, applied_steps_count) VALUES ('${randomUUID()}', '${checksum}', '${name}', ${now}, ${now}, 1)`;
  return [isSqlite(db) ? 'BEGIN IMMEDIATE' : 'BEGIN', row, sql.trim().replace(/;$/, ''), 'COMMIT'].join(';\n');
}
