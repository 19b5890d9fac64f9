/** What every database must do for the bot, SQLite and PostgreSQL alike. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { beforeEach, expect, it } from 'vitest';
import { findAnswer, recordAnswer, type AnswerRecord } from '../../src/storage/answers.ts';
import { chatSettings, forgetChat, moveChat, setChatPersona } from '../../src/storage/chats.ts';
import type { Database } from '../../src/storage/database.ts';
import { claimDelivery } from '../../src/storage/deliveries.ts';
import { claimInstance, holderOf } from '../../src/storage/instance.ts';
import { closeInteraction, openInteraction, pendingInteractions } from '../../src/storage/interactions.ts';
import { registered, registerPersonas } from '../../src/storage/personas.ts';
import { tidyDatabase } from '../../src/storage/tidy.ts';
import { vote, votesOf } from '../../src/storage/votes.ts';

const day = 24 * 3600 * 1000; // milliseconds
const unused = (): void => { throw new Error('the claim was lost'); };

export function behaviour(open: () => Database): void {
  let db: Database;
  beforeEach(async () => {
    db = open();
    await Promise.all([db.chat.deleteMany(), db.delivery.deleteMany(), db.answer.deleteMany(), db.vote.deleteMany(), db.interaction.deleteMany(), db.persona.deleteMany(), db.instance.deleteMany()]);
  });
  chats(() => db);
  answers(() => db);
  deliveries(() => db);
  instances(() => db);
}

function chats(db: () => Database): void {
  it('keeps the persona of a chat, whatever the size of its id', async () => {
    await setChatPersona(db(), 'telegram:-1009223372036854775807', 'quijote');
    await setChatPersona(db(), 'telegram:-1009223372036854775807', 'dario');
    expect(await chatSettings(db(), 'telegram:-1009223372036854775807')).toEqual({ persona: 'dario' });
    expect(await chatSettings(db(), 'telegram:1')).toEqual({});
  });
  it('moves a chat to its new id, where what was chosen already stays', async () => {
    await setChatPersona(db(), 'telegram:-1', 'quijote');
    await moveChat(db(), 'telegram:-1', 'telegram:-100');
    await setChatPersona(db(), 'telegram:-2', 'dario');
    await moveChat(db(), 'telegram:-2', 'telegram:-100');
    expect([await chatSettings(db(), 'telegram:-100'), await chatSettings(db(), 'telegram:-1')]).toEqual([{ persona: 'quijote' }, {}]);
    expect(await db().chat.count()).toBe(1);
  });
  it('forgets a chat that it was removed from', async () => {
    await setChatPersona(db(), 'discord:1', 'quijote');
    await forgetChat(db(), 'discord:1');
    expect(await db().chat.count()).toBe(0);
  });
  it('registers personas, and their newest version', async () => {
    const first = { id: 'dario', title: 'Rubén Darío', base: 'models/base', version: 'base' };
    await registerPersonas(db(), [first, { ...first, id: 'ana' }]);
    await registerPersonas(db(), [{ ...first, version: '0b662c43' }]);
    expect(await registered(db())).toEqual([{ ...first, id: 'ana' }, { ...first, version: '0b662c43' }]);
  });
}

const record: AnswerRecord = { id: 'a1b2c3d4', persona: 'dario', version: '0b662c43', base: 'models/base', voice: '{}', seed: 4294967295, settings: '{"topP":0.9}', prompt: 'f'.repeat(64), tokens: 12, finish: 'stop' };

function answers(db: () => Database): void {
  it('gives back how an answer was made, its seed to the last bit', async () => {
    await recordAnswer(db(), record);
    expect(await findAnswer(db(), 'a1b2c3d4')).toMatchObject(record);
    expect(await findAnswer(db(), 'nobody')).toBeUndefined();
  });
  it('counts votes per version, one a person and answer; a changed vote moves the count', async () => {
    const one = { answer: 'a', person: 'discord:1', persona: 'dario', version: 'v1', value: 1 } as const;
    await vote(db(), one);
    await vote(db(), one);
    await vote(db(), { ...one, person: 'discord:2' });
    await vote(db(), { ...one, answer: 'b', version: 'v2', value: -1 });
    expect((await votesOf(db(), 'dario')).toSorted((a, b) => a.version.localeCompare(b.version))).toEqual([{ version: 'v1', up: 2, down: 0 }, { version: 'v2', up: 0, down: 1 }]);
    await vote(db(), { ...one, value: -1 });
    expect((await votesOf(db(), 'dario')).find(({ version }) => version === 'v1')).toEqual({ version: 'v1', up: 1, down: 1 });
    expect(await votesOf(db(), 'quijote')).toEqual([]);
  });
}

function deliveries(db: () => Database): void {
  it('lets one of many claim a delivery', async () => {
    const claims = await Promise.all(Array.from({ length: 20 }, () => claimDelivery(db(), 'telegram:77')));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await claimDelivery(db(), 'telegram:78')).toBe(true);
  });
  it('remembers which interactions wait, by platform, the oldest first', async () => {
    await openInteraction(db(), { delivery: 'd1', platform: 'discord', place: '{"token":"x"}' });
    await openInteraction(db(), { delivery: 't1', platform: 'telegram', place: '{}' });
    await openInteraction(db(), { delivery: 'd2', platform: 'discord', place: '{}' });
    await openInteraction(db(), { delivery: 'd1', platform: 'discord', place: '{"token":"y"}' });
    expect((await pendingInteractions(db(), 'discord')).map(({ delivery, place }) => [delivery, place])).toEqual([['d1', '{"token":"y"}'], ['d2', '{}']]);
    await closeInteraction(db(), 'd1');
    await closeInteraction(db(), 'd1');
    expect((await pendingInteractions(db(), 'discord')).map(({ delivery }) => delivery)).toEqual(['d2']);
  });
  it('takes out what has served its time, and nothing else', async () => {
    await claimDelivery(db(), 'old');
    await recordAnswer(db(), record);
    await openInteraction(db(), { delivery: 'i', platform: 'discord', place: '{}' });
    await tidyDatabase(db(), Date.now() + day / 2);
    expect([await db().delivery.count(), await db().answer.count(), await db().interaction.count()]).toEqual([1, 1, 1]);
    await tidyDatabase(db(), Date.now() + 3 * day);
    expect([await db().delivery.count(), await db().answer.count(), await db().interaction.count()]).toEqual([0, 1, 0]);
    await tidyDatabase(db(), Date.now() + 91 * day);
    expect(await db().answer.count()).toBe(0);
  });
}

function instances(db: () => Database): void {
  const row = (pid: number, host: string, age: number) => ({ id: 'bot', holder: 'other', pid, host, beatAt: new Date(Date.now() - age) });
  const claimAndRelease = async (): Promise<void> => { await (await claimInstance(db(), unused)).release(); };

  it('is free again after the bot that used it has stopped', async () => {
    await claimAndRelease();
    await claimAndRelease();
    expect(await holderOf(db())).toBeUndefined();
  });
  it('refuses a second bot while the first is alive on this machine, and says which one', async () => {
    await db().instance.create({ data: row(process.ppid, hostname(), 1000) });
    await expect(claimAndRelease()).rejects.toThrow(new RegExp(`process ${process.ppid} on .* is using this database: stop it first`));
    expect(await holderOf(db())).toMatchObject({ pid: process.ppid });
  });
  it('refuses it while one on another machine gives signs of life, and takes over when it stops giving them', async () => {
    await db().instance.create({ data: row(1, 'elsewhere', 5_000) });
    await expect(claimAndRelease()).rejects.toThrow('process 1 on elsewhere');
    await db().instance.update({ where: { id: 'bot' }, data: { beatAt: new Date(Date.now() - 30_000) } });
    await claimAndRelease();
  });
  it('takes over at once from one that was killed on this machine', async () => {
    const dead = spawn(process.execPath, ['-e', '']);
    await once(dead, 'exit');
    await db().instance.create({ data: row(dead.pid ?? 0, hostname(), 100) });
    await claimAndRelease();
  });
}
