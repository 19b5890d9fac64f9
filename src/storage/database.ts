/** Opens the database that DATABASE_URL names, SQLite or PostgreSQL, with its migrations applied. Knows no tables' meaning. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupError } from '../errors.ts';
import type { PrismaClient } from './generated/sqlite/client.ts';
import { migrate } from './migrate.ts';

/** One schema serves both databases, so one type does. */
export type Database = PrismaClient;

/** The repository's root, from src as from dist/src. */
const root = new URL(import.meta.url.includes('/dist/') ? '../../../' : '../../', import.meta.url);
const migrations = (folder: string): string => fileURLToPath(new URL(folder, root));
/** Milliseconds that a writer waits for another. */
const busyTimeout = 5000;

/** @throws SetupError when it cannot be reached; never with the address, which may hold a password. */
export async function openDatabase(url: string): Promise<Database> {
  try {
    return isPostgres(url) ? await openPostgres(url) : await openSqlite(url);
  } catch (cause) {
    if (cause instanceof SetupError) throw cause;
    throw new SetupError(`DATABASE_URL: the database cannot be opened (${withoutAddress(cause, url)}): check that it is there and may be written`, 3);
  }
}

async function openSqlite(url: string): Promise<Database> {
  mkdirSync(dirname(pathOf(url)), { recursive: true, mode: 0o700 });
  const [{ PrismaLibSql }, client] = await Promise.all([import('@prisma/adapter-libsql'), import('./generated/sqlite/client.ts')]);
  const adapter = new PrismaLibSql({ url, intMode: 'bigint', timeout: busyTimeout });
  await migrate(adapter, migrations('prisma/migrations'));
  const db = new client.PrismaClient({ adapter });
  await db.$queryRaw`PRAGMA journal_mode = WAL`; // one wait for the disk a write, not three: the driver waits on the event loop
  return db;
}

/** The file of a SQLite address. */
export const pathOf = (url: string): string => url.replace(/^file:(\/\/(?=\/))?/, '').replace(/\?.*$/, '');
export const isPostgres = (url: string): boolean => /^postgres(ql)?:/.test(url);

async function openPostgres(url: string): Promise<Database> {
  const [{ PrismaPg }, client] = await Promise.all([import('@prisma/adapter-pg'), import('./generated/postgres/client.ts')]);
  const adapter = new PrismaPg({ connectionString: url });
  await migrate(adapter, migrations('prisma/postgres/migrations'));
  return new client.PrismaClient({ adapter }) as Database;
}

const withoutAddress = (cause: unknown, url: string): string => (cause instanceof Error ? cause.message : String(cause)).replaceAll(url, 'DATABASE_URL').split('\n').filter(Boolean).at(-1) ?? '';
