/** A token is never seen again: everything that a started bot writes is read and searched for it, while its servers and its own bugs repeat it at every turn. */
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../fakes/bot.ts';
import { folder, removeFolder, runBot, startBot } from './process.ts';

const canary = 'c4n4ry';
const telegramToken = `7654321:${`${canary}-`.repeat(4)}x`;
const discordToken = `${canary}.`.repeat(5);
const me = { id: 7654321, is_bot: true, first_name: 'Ventrílocuo', username: 'ventrilocuo_bot', can_join_groups: true, can_read_all_group_messages: false, supports_inline_queries: true };

let server: Server;
let root = '';
let asked: string[] = [];
/** Knows who the bot is; refuses everything else with what it was asked, token and all. */
beforeAll(async () => {
  server = createServer((request, response) => {
    const { url = '' } = request;
    asked.push(url);
    const isKnown = url.startsWith('/bot7654321') && /getMe$/i.test(url);
    const status = isKnown ? 200 : url.startsWith('/bot1111111') ? 401 : 500;
    response.writeHead(status, { 'content-type': 'application/json' });
    setTimeout(() => response.end(JSON.stringify(isKnown ? { ok: true, result: me } : { ok: false, error_code: status, description: `no ${url} for ${request.headers.authorization ?? ''}`, message: `${url} ${request.headers.authorization ?? ''}` })), /getUpdates/i.test(url) ? 300 : 0);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => { server.close(); server.closeAllConnections(); removeFolder(); });

/** Throws the token after a while, as a bug in a library might. */
const bug = `data:text/javascript,${encodeURIComponent('const token = process.env.TELEGRAM_TOKEN; if (token) process.on("SIGUSR1", () => { throw new Error(`GET https://api/bot${token}/getMe failed`, { cause: token }); });')}`;

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}

describe('a token', () => {
  it('is in no log, no /health, no /metrics, no crash report and no child’s environment', async () => {
    const port = await freePort();
    const { child, outcome, said } = startBot({
      TELEGRAM_TOKEN: telegramToken, HF_TOKEN: `hf_${canary}`, TELEGRAM_API_ROOT: root, HEALTH_PORT: String(port), LOG_LEVEL: 'debug',
      NODE_OPTIONS: `--import=${bug} --report-on-signal --report-uncaught-exception --report-signal=SIGUSR2 --report-directory=${folder}`,
    });
    await until('the bot to talk to its server', () => asked.some((url) => /getMe/i.test(url)) && asked.length > 3, 15_000);
    const watched = await Promise.all(['health', 'metrics'].map(async (page) => (await fetch(`http://127.0.0.1:${port}/${page}`)).text()));
    child.kill('SIGUSR2');
    const report = await until('a report of Node’s', () => readdirSync(folder).find((name) => name.startsWith('report.')));
    child.kill('SIGUSR1');
    const { status, stdout, stderr } = await outcome;
    expect(status).toBe(1);
    expect(stderr).toContain('GET https://api/bot[secret]/getMe failed');
    expect([stdout, stderr, said(), ...watched, readFileSync(join(folder, report), 'utf8')].filter((text) => text.includes(canary))).toEqual([]);
    expect(watched.join()).toContain('"telegram"');
  });
  it('is in no complaint about itself', async () => {
    asked = [];
    const outcomes = await Promise.all([
      runBot({ TELEGRAM_TOKEN: telegramToken.replace('7654321', '1111111'), TELEGRAM_API_ROOT: root }),
      runBot({ DISCORD_TOKEN: discordToken, DISCORD_API_URL: `${root}/api` }),
      runBot({ DATABASE_URL: `postgresql://bot:${canary}@127.0.0.1:1/bot` }),
      runBot({ TELEGRAM_TOKEN: canary, DISCORD_TOKEN: canary }),
    ]);
    expect(asked.length).toBeGreaterThan(1);
    expect(outcomes.map(({ status }) => status)).toEqual([2, 3, 3, 2]);
    expect(outcomes.map(({ stderr }) => stderr)).toEqual([expect.stringContaining('TELEGRAM_TOKEN'), expect.stringContaining('DISCORD_API_URL'), expect.stringContaining('DATABASE_URL'), expect.stringContaining('DISCORD_TOKEN: expected')]);
    expect(outcomes.flatMap(({ stdout, stderr }) => [stdout, stderr]).filter((text) => text.includes(canary))).toEqual([]);
  });
});
