/** PostgreSQL by DATABASE_URL alone: the same behaviour as the embedded database's. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type Database } from '../../src/storage/database.ts';
import { startPostgres, type Postgres } from '../fakes/postgres.ts';
import { behaviour } from './behaviour.ts';
import { bothWays } from './drift.ts';

let server: Postgres;
let db: Database;
beforeAll(async () => {
  server = await startPostgres();
  db = await openDatabase(server.url);
});
afterAll(async () => {
  await db.$disconnect();
  await server.stop();
});

describe('PostgreSQL', () => behaviour(() => db));

describe('opening PostgreSQL', () => {
  it('finds its migrations applied the second time', async () => {
    const again = await openDatabase(server.url);
    expect(await again.$queryRaw`SELECT count(*)::int AS applied FROM _prisma_migrations`).toEqual([{ applied: 1 }]);
    await again.$disconnect();
  });
  it('makes of an empty database what prisma/schema.prisma says', async () => {
    for (const name of ['migrated', 'designed']) await db.$executeRawUnsafe(`CREATE DATABASE ${name}`);
    const { migrated, designed } = await bothWays('postgresql', [server.url.replace('/postgres', '/migrated'), server.url.replace('/postgres', '/designed')]);
    expect(migrated.length).toBeGreaterThan(20);
    expect(migrated).toEqual(designed);
  });
  it('says what is wrong without the address and its password', async () => {
    const wrong = server.url.replace('/postgres', '/nowhere').replace('unused', 'c4n4ry-password');
    const failure = await openDatabase(wrong).then(() => '', (cause: unknown) => String(cause));
    expect(failure).toMatch(/DATABASE_URL: the database cannot be opened \(DatabaseDoesNotExist\)/);
    expect(failure).not.toMatch(/c4n4ry|127\.0\.0\.1:\d+\//);
  });
});
