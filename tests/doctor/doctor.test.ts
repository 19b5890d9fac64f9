/** The doctor, from the outside and line by line. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Check } from '../../scripts/doctor/check.ts';
import { checkDatabase } from '../../scripts/doctor/database.ts';
import { checkMemory, checkNode } from '../../scripts/doctor/machine.ts';
import { checkBase, checkPersonas, checkSums, hashOf, readSums } from '../../scripts/doctor/models.ts';
import { discordChecks, telegramChecks } from '../../scripts/doctor/tokens.ts';
import { readConfig } from '../../src/config.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { claimInstance } from '../../src/storage/instance.ts';

const canary = 'c4n4ry';
const discordToken = `MTA4.${`${canary}-`.repeat(4)}`;
const telegramToken = `42:AA${`${canary}-`.repeat(4)}`;
const lines = (checks: readonly Check[]): string[] => checks.map(({ name, status }) => `${name} ${status}`);

let folder = '';
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'doctor-')); });
afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome { readonly status: number; readonly stdout: string; readonly stderr: string }
const doctor = (environment: NodeJS.ProcessEnv, ...options: string[]): Promise<Outcome> => new Promise((resolve) => {
  execFile(process.execPath, ['dist/scripts/doctor.js', ...options], { env: { PATH: process.env['PATH'], HOME: folder, DATABASE_URL: `file:${folder}/none.db`, DISCORD_TOKEN: '', TELEGRAM_TOKEN: '', ...environment } }, (cause, stdout, stderr) => resolve({ status: typeof cause?.code === 'number' ? cause.code : 0, stdout, stderr }));
});

describe('npm run doctor', () => {
  it('examines everything, the golden folders on the processor among it, and is content with a fresh clone', async () => {
    const { status, stdout, stderr } = await doctor({}, '--json');
    const document = JSON.parse(stdout) as { checks: Check[]; ok: boolean; tool: string };
    expect([status, stderr, document.tool, document.ok]).toEqual([0, '', 'doctor', true]);
    expect(document).toMatchObject({ schema: 1, commit: expect.stringMatching(/^[0-9a-f]{40}$/), machine: { node: process.version, ort: '1.30.0' } });
    expect(document.checks.map(({ name }) => name)).toEqual(expect.arrayContaining(['node', 'configuration', 'memory', 'disk', 'database', 'models', 'base', 'personas', 'discord', 'telegram', 'device cuda', 'device webgpu', 'device cpu', 'golden cpu']));
    expect(document.checks.find(({ name }) => name === 'golden cpu')).toMatchObject({ status: 'ok', detail: expect.stringMatching(/gpt2: [1-9]\d* checks, .*bloom: [1-9]\d* checks/) });
    expect(document.checks.filter(({ status: one, remedy }) => (one === 'ok') !== (remedy === ''))).toEqual([]);
  });
  it('ends with 1 and a remedy for each line that fails, and never shows a secret', async () => {
    const { status, stdout, stderr } = await doctor({ TELEGRAM_TOKEN: telegramToken, TELEGRAM_API_ROOT: 'http://127.0.0.1:1', DATABASE_URL: `postgresql://bot:${canary}@127.0.0.1:1/bot`, PERSONA: 'nobody' });
    expect(status).toBe(1);
    expect(stdout).toMatch(/✗ database: DATABASE_URL: .*\n {4}→ check DATABASE_URL/);
    expect(stdout).toMatch(/✗ telegram: the token could not be checked\n {4}→ TELEGRAM_API_ROOT: /);
    expect(stdout).toMatch(/✗ personas: PERSONA=nobody is none of dario, .*\n {4}→ correct PERSONA/);
    expect(stdout + stderr).not.toContain(canary);
  });
  it('tells the mistakes of the configuration and goes on with the rest', async () => {
    const { status, stdout } = await doctor({ HEALTH_PORT: 'x', DEVICE: 'gpu' });
    expect(status).toBe(1);
    expect(stdout).toContain('✗ configuration: DEVICE: expected one of "auto"|"cuda"|"webgpu"|"cpu"; HEALTH_PORT: expected a whole number from 0\n    → correct these in .env');
    expect(stdout).toContain('✓ models:');
  });
});

describe('the machine', () => {
  it.each([['20.18.9', 'fail'], ['18.20.0', 'fail'], ['20.19.0', 'ok'], ['22.0.0', 'ok'], ['26.1.0', 'ok']])('Node %s is %s', (version, status) => expect(checkNode(version).status).toBe(status));
  it('wants memory for the model', () => {
    expect([0.2e9, 0.7e9, 4e9].map((free) => checkMemory({ ENGINE_MEMORY: undefined }, free, 8e9).status)).toEqual(['fail', 'warn', 'ok']);
    expect(checkMemory({ ENGINE_MEMORY: 16e9 }, 4e9, 8e9)).toMatchObject({ status: 'warn', remedy: expect.stringContaining('ENGINE_MEMORY') });
  });
});

describe('the database', () => {
  it('is not touched: a missing file stays missing, an empty one is told to lack its migrations', async () => {
    expect(await checkDatabase({ DATABASE_URL: `file:${folder}/missing.db` })).toMatchObject({ status: 'ok', detail: expect.stringContaining('not there yet') });
    writeFileSync(join(folder, 'empty.db'), '');
    const empty = { DATABASE_URL: `file:${folder}/empty.db` };
    expect(await checkDatabase(empty)).toMatchObject({ status: 'warn', detail: expect.stringContaining('20261124000000_talk to be applied') });
    expect(await checkDatabase(empty)).toMatchObject({ status: 'warn' });
  });
  it('says whether a bot is running on it', async () => {
    const DATABASE_URL = `file:${folder}/used.db`;
    const db = await openDatabase(DATABASE_URL);
    expect((await checkDatabase({ DATABASE_URL })).detail).toContain('up to date, no bot is running on it');
    const claim = await claimInstance(db, () => undefined);
    await db.instance.updateMany({ data: { pid: process.ppid } });
    expect((await checkDatabase({ DATABASE_URL })).detail).toContain(`used by process ${process.ppid} on `);
    await claim.release();
    await db.$disconnect();
  });
});

describe('models', () => {
  it('are those that were committed: every shipped file has its line in models/SHA256SUMS', async () => {
    const { stdout } = await new Promise<{ stdout: string }>((resolve) => { execFile('git', ['ls-files', 'models'], (_cause, out) => resolve({ stdout: out })); });
    expect(readSums().map(({ path }) => path).toSorted()).toEqual(stdout.trim().split('\n').filter((path) => !/\.md$|SHA256SUMS$/.test(path)).toSorted());
    expect(await checkSums()).toMatchObject({ status: 'ok', detail: `${readSums().length} shipped files as they should be` });
  });
  it('are hashed as sha256sum does', async () => {
    writeFileSync(join(folder, 'abc'), 'abc');
    expect(await hashOf(join(folder, 'abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'); // FIPS 180-2, B.1
  });
  it('that would have to be downloaded are named, not fetched', async () => {
    const config = readConfig({ BASE_MODEL: 'huggingartists/eminem', MODELS_FOLDER: folder, HF_ENDPOINT: 'http://127.0.0.1:1' });
    expect(checkBase(config)).toMatchObject({ status: 'warn', remedy: expect.stringContaining('npm run fetch -- huggingartists/eminem') });
    expect(await checkPersonas(config)).toMatchObject({ status: 'warn', remedy: 'the next start downloads huggingartists/eminem' });
    cpSync('models/base', join(folder, 'huggingartists--eminem'), { recursive: true });
    expect(checkBase(config).status).toBe('ok');
  });
});

describe('tokens', () => {
  let server: Server | undefined;
  afterEach(() => { server?.close(); server?.closeAllConnections(); });
  async function serve(answers: Readonly<Record<string, object>>): Promise<string> {
    server = createServer(({ url = '', headers }, response) => {
      const found = headers.authorization === undefined || headers.authorization === `Bot ${discordToken}` ? answers[url] : undefined;
      response.writeHead(found ? 200 : headers.authorization === undefined || headers.authorization === `Bot ${discordToken}` ? 404 : 401, { 'content-type': 'application/json' }).end(JSON.stringify(found ?? { ok: false, error_code: 401, description: 'Unauthorized', message: 'Unauthorized' }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const telegram = (root: string, token = telegramToken): Promise<Check[]> => telegramChecks(readConfig({ TELEGRAM_TOKEN: token, TELEGRAM_API_ROOT: root }));
  const discord = (root: string, token = discordToken): Promise<Check[]> => discordChecks(readConfig({ DISCORD_TOKEN: token, DISCORD_API_URL: `${root}/api` }));
  const me = { id: 42, is_bot: true, first_name: 'V', username: 'v_bot', can_read_all_group_messages: false, supports_inline_queries: true };

  it('are not missed: each platform is simply off', async () => expect(lines([...(await discordChecks(readConfig({}))), ...(await telegramChecks(readConfig({})))])).toEqual(['discord ok', 'telegram ok']));
  it('of Telegram: whose it is, where it is found, and whether privacy mode keeps mentions from it', async () => {
    const root = await serve({ [`/bot${telegramToken}/getMe`]: { ok: true, result: me } });
    const checks = await telegram(root);
    expect(lines(checks)).toEqual(['telegram ok', 'telegram invite ok', 'telegram privacy warn', 'telegram inline ok']);
    expect(checks[2]?.remedy).toContain('/setprivacy → Disable');
    expect(checks[1]?.detail).toContain('https://t.me/v_bot?startgroup=');
    expect(await telegram(root, '42:AAanother-token-another')).toMatchObject([{ name: 'telegram', status: 'fail', detail: 'the token is not valid', remedy: expect.stringContaining('t.me/BotFather') }]);
  });
  it('of Discord: whose it is, and the link that invites it with the scopes it needs', async () => {
    const root = await serve({ '/api/v10/applications/@me': { id: '777', name: 'Ventrílocuo', bot_public: false, bot_require_code_grant: false } });
    const checks = await discord(root);
    expect(lines(checks)).toEqual(['discord ok', 'discord invite ok']);
    expect(checks[1]?.detail).toMatch(/client_id=777&scope=bot\+applications\.commands&permissions=\d+ \(for its owner only/);
    expect(await discord(root, 'another.token.of.somebody.else')).toMatchObject([{ name: 'discord', status: 'fail', detail: 'the token is not valid', remedy: expect.stringContaining('Reset Token') }]);
  });
  it('of Discord, where only the older address of the application is known, and where it asks for a code grant', async () => {
    const checks = await discord(await serve({ '/api/v10/oauth2/applications/@me': { id: '777', name: 'V', bot_require_code_grant: true } }));
    expect(lines(checks)).toEqual(['discord ok', 'discord invite fail']);
    expect(checks[1]?.remedy).toContain('Requires OAuth2 Code Grant');
  });
  it('that cannot be checked are told apart from bad ones', async () => expect((await discord('http://127.0.0.1:1'))[0]).toMatchObject({ status: 'fail', detail: 'the token could not be checked', remedy: expect.stringContaining('DISCORD_API_URL') }));
});
