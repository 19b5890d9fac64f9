/** The embedded database, SQLite. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, pathOf, type Database } from '../../src/storage/database.ts';
import { behaviour } from './behaviour.ts';

let folder = '';
let db: Database;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'storage-'));
  db = await openDatabase(`file:${folder}/new/bot.db`);
});
afterAll(async () => {
  await db.$disconnect();
  rmSync(folder, { recursive: true });
});

describe('SQLite', () => behaviour(() => db));

describe('opening SQLite', () => {
  it('makes the folder, for its owner alone', () => expect(statSync(join(folder, 'new')).mode & 0o777).toBe(0o700));
  it('knows the file of an address', () => expect(['file:./data/bot.db', 'file:/srv/bot.db', 'file:///srv/bot.db', 'file:bot.db?x=1'].map(pathOf)).toEqual(['./data/bot.db', '/srv/bot.db', '/srv/bot.db', 'bot.db']));
  it('says what to do when the file cannot be had', async () => {
    await expect(openDatabase(`file:${folder}`)).rejects.toThrow(/DATABASE_URL: the database cannot be opened \(.+\): check that it is there/);
  });
});
