/** Migrations at start: applied whole and once, in Prisma's own books, and never over another history. */
import { PrismaLibSql } from '@prisma/adapter-libsql';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '../../src/storage/migrate.ts';
import { schemaFor } from '../../scripts/migration/schema.ts';
import { bothWays } from './drift.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'migrate-'));
  cpSync('prisma/migrations', join(folder, 'migrations'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const database = (): PrismaLibSql => new PrismaLibSql({ url: `file:${join(folder, 'x.db')}`, timeout: 5000 });
const run = (): Promise<string[]> => migrate(database(), join(folder, 'migrations'));
function add(name: string, sql: string): void {
  mkdirSync(join(folder, 'migrations', name), { recursive: true });
  writeFileSync(join(folder, 'migrations', name, 'migration.sql'), sql);
}
async function rowsOf(sql: string): Promise<unknown[][]> {
  const db = await database().connect();
  try { return (await db.queryRaw({ sql, args: [], argTypes: [] })).rows; } finally { await db.dispose(); }
}

describe('migrations', () => {
  it('are applied once', async () => {
    expect(await run()).toEqual(['20261124000000_talk']);
    expect(await run()).toEqual([]);
    expect(await rowsOf('SELECT migration_name, applied_steps_count, finished_at IS NULL FROM _prisma_migrations')).toEqual([['20261124000000_talk', 1, 0]]);
  });
  it('go on from where an older version stopped', async () => {
    await run();
    add('20270101000000_more', 'CREATE TABLE "More" ("id" TEXT);\nINSERT INTO "More" VALUES (\'a\');\n');
    expect(await run()).toEqual(['20270101000000_more']);
    expect(await rowsOf('SELECT id FROM "More"')).toEqual([['a']]);
  });
  it('leave nothing behind when one fails', async () => {
    await run();
    add('20270101000000_bad', 'CREATE TABLE "Half" ("id" TEXT);\nCREATE TABLE "Chat" ("id" TEXT);');
    await expect(run()).rejects.toThrow(/20270101000000_bad cannot be applied: .*already exists/);
    expect(await rowsOf(`SELECT name FROM sqlite_master WHERE name = 'Half'`)).toEqual([]);
    expect(await rowsOf('SELECT count(*) FROM _prisma_migrations')).toEqual([[1]]);
  });
  it('are refused where they were changed after they were applied', async () => {
    await run();
    add('20261124000000_talk', 'CREATE TABLE "Other" ("id" TEXT);');
    await expect(run()).rejects.toThrow('20261124000000_talk was changed after it was applied here');
  });
  it('are done once when two bots start on a new database at once', async () => {
    await Promise.all([run(), run(), run()]);
    expect(await rowsOf('SELECT count(*) FROM _prisma_migrations')).toEqual([[1]]);
  });
  it('lead to what prisma/schema.prisma says', async () => {
    const urls = ['migrated', 'designed'].map((name) => `file:${join(folder, name)}.db`) as [string, string];
    const { migrated, designed } = await bothWays('sqlite', urls);
    expect(migrated.length).toBeGreaterThan(20);
    expect(migrated).toEqual(designed);
  });
  it('would be found wanting if the schema had grown without one', async () => {
    const urls = ['old', 'grown'].map((name) => `file:${join(folder, name)}.db`) as [string, string];
    const { migrated, designed } = await bothWays('sqlite', urls, schemaFor('sqlite').replace('model Chat {', 'model Chat {\n  added String?'));
    expect(designed).toEqual(expect.arrayContaining([...migrated, ['Chat', 'added', 'TEXT', 0, null, 0]]));
  });
});
