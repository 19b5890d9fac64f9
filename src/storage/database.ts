/** Opens the database that DATABASE_URL names, SQLite or PostgreSQL, with its migrations applied. Knows no tables' meaning. */
import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupError } from '../errors.ts';
import type { PrismaClient } from './generated/sqlite/client.ts';
import { migrate, waiting } from './migrate.ts';

/** One schema serves both databases, so one type does. */
export type Database = PrismaClient;

/** The repository's root, from src as from dist/src. */
const root = new URL(import.meta.url.endsWith('.ts') ? '../../' : '../../../', import.meta.url);
const migrations = (folder: string): string => fileURLToPath(new URL(folder, root));
/** Milliseconds that a writer waits for another. */
const busyTimeout = 5000;

/** @throws SetupError when it cannot be reached; never with the address, which may hold a password. */
export async function openDatabase(url: string): Promise<Database> {
  try {
    return isPostgres(url) ? await openPostgres(url) : await openSqlite(url);
  } catch (cause) {
    throw asSetupError(cause, url);
  }
}

async function openSqlite(url: string): Promise<Database> {
  mkdirSync(dirname(pathOf(url)), { recursive: true, mode: 0o700 });
  const [{ adapter, folder }, client] = await Promise.all([driver(url), import('./generated/sqlite/client.ts')]);
  await migrate(adapter, folder);
  const db = new client.PrismaClient({ adapter });
  await db.$queryRaw`PRAGMA journal_mode = WAL`; // one wait for the disk a write, not three: the driver waits on the event loop
  return db;
}

async function openPostgres(url: string): Promise<Database> {
  const [{ adapter, folder }, client] = await Promise.all([driver(url), import('./generated/postgres/client.ts')]);
  await migrate(adapter, folder);
  return new client.PrismaClient({ adapter }) as Database;
}

/** The migrations that the next start will apply. Changes nothing. */
export async function waitingMigrations(url: string): Promise<string[]> {
  const { adapter, folder } = await driver(url);
  return waiting(adapter, folder).catch((cause: unknown) => { throw asSetupError(cause, url); });
}

interface Driver { readonly adapter: SqlMigrationAwareDriverAdapterFactory; readonly folder: string /* of its migrations */ }
async function driver(url: string): Promise<Driver> {
  if (isPostgres(url)) return { adapter: new (await import('@prisma/adapter-pg')).PrismaPg({ connectionString: url }), folder: migrations('prisma/postgres/migrations') };
  return { adapter: new (await import('@prisma/adapter-libsql')).PrismaLibSql({ url, intMode: 'bigint', timeout: busyTimeout }), folder: migrations('prisma/migrations') };
}

/** The file of a SQLite address. */
export const pathOf = (url: string): string => url.replace(/^file:(\/\/(?=\/))?/, '').replace(/\?.*$/, '');
export const isPostgres = (url: string): boolean => /^postgres(ql)?:/.test(url);

function asSetupError(cause: unknown, url: string): SetupError {
  if (cause instanceof SetupError) return cause;
  const said = (cause instanceof Error ? cause.message : String(cause)).replaceAll(url, 'DATABASE_URL').split('\n').filter(Boolean).at(-1) ?? '';
  return new SetupError(`DATABASE_URL: the database cannot be opened (${said}): check that it is there and may be written`, 3);
}
