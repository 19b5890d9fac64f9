/** The first-run wizard, key by key, against small servers that know one token each. */
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSettings } from '../../src/start/settings.ts';
import { offerWizard } from '../../src/start/wizard.ts';
import { until } from '../fakes/bot.ts';

const discordToken = 'MTA4c4n4ry.c4n4ry.c4n4ry-c4n4ry';
const telegramToken = '42:AAc4n4ry-c4n4ry-c4n4ry-c4n4ry';
let folder = '';
let server: Server;
let root = '';

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wizard-'));
  server = createServer(({ url = '', headers }, response) => {
    const found = url === '/api/v10/applications/@me' && headers.authorization === `Bot ${discordToken}` ? { id: '777', name: 'Ventrílocuo', bot_public: true }
      : url === `/bot${telegramToken}/getMe` ? { ok: true, result: { id: 42, is_bot: true, first_name: 'V', username: 'v_bot', can_read_all_group_messages: false, supports_inline_queries: true } } : undefined;
    response.writeHead(found ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify(found ?? { ok: false, error_code: 401, description: 'Unauthorized', message: '401: Unauthorized', code: 0 }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => { server.close(); server.closeAllConnections(); rmSync(folder, { recursive: true }); });

function sit(environment: NodeJS.ProcessEnv = {}, isTTY = true) {
  const file = join(folder, '.env');
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = Object.assign(new PassThrough(), { isTTY });
  let screen = '';
  output.setEncoding('utf8').on('data', (piece: string) => { screen += piece; });
  const done = offerWizard({ file, input, output, environment: { LANG: 'en_US.UTF-8', DISCORD_API_URL: `${root}/api`, TELEGRAM_API_ROOT: root, ...environment } });
  return { file, done, screen: () => screen, type: (keys: string): void => { input.write(keys); }, sees: (words: string): Promise<unknown> => until(`«${words}», seeing: ${screen}`, () => screen.includes(words)) };
}

describe('the wizard', () => {
  it('asks three questions, checks the tokens where they belong, and writes what only its owner can read', async () => {
    const { file, done, type, sees, screen } = sit();
    await sees('connect me to Discord or Telegram');
    type('c');
    await sees('Token of the Discord bot');
    type(`${discordToken}\r`);
    await sees('It belongs to Ventrílocuo. Invite it to your server: https://discord.com/oauth2/authorize?client_id=777&scope=bot+applications.commands&permissions=');
    await sees('Token of the Telegram bot');
    type(`${telegramToken}\r`);
    await sees('https://t.me/v_bot?startgroup=');
    await sees('Your id');
    type('discord:123, telegram:456\r');
    await done;
    expect(readSettings(file, {})).toMatchObject({ DISCORD_TOKEN: discordToken, TELEGRAM_TOKEN: telegramToken, OPERATORS: ['discord:123', 'telegram:456'] });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(screen()).not.toContain('c4n4ry');
  });
  it('asks again for what is malformed or unknown to its platform', async () => {
    const { file, done, type, sees } = sit();
    await sees('Enter or Esc');
    type('c');
    await sees('Token of the Discord bot');
    type('short\r');
    await sees('It does not look like a DISCORD_TOKEN');
    type('another.token.that.nobody.knows\r');
    await sees('Discord does not know that token');
    type('\r');
    await sees('Token of the Telegram bot');
    type(`${telegramToken}\r`);
    await sees('Your id');
    type('me\r');
    await sees('I expected ids such as');
    type('\r');
    await done;
    expect(readFileSync(file, 'utf8')).toBe(`# .env.example explains every setting.\nTELEGRAM_TOKEN=${telegramToken}\n`);
  });
  it('says that it could not check a token when its server is out of reach, and goes on', async () => {
    const { file, done, type, sees } = sit({ DISCORD_API_URL: 'http://127.0.0.1:1', LANG: 'es_ES.UTF-8' });
    await sees('Intro o Esc');
    type('c');
    await sees('Token del bot de Discord');
    type(`${discordToken}\r`);
    await sees('No he podido comprobarlo');
    await sees('Token del bot de Telegram');
    type('\r');
    await sees('Tu id');
    type('\r');
    await done;
    expect(readFileSync(file, 'utf8')).toContain(`DISCORD_TOKEN=${discordToken}`);
  });
  it.each([['Enter', '\r'], ['Esc', '\u001b'], ['any other key', 'x']])('is skipped by %s', async (_name, key) => {
    const { file, done, type, sees } = sit();
    await sees('Enter or Esc');
    type(key);
    await done;
    expect(existsSync(file)).toBe(false);
  });
  it('keeps quiet where nobody sits, where there is a .env, and where tokens are set', async () => {
    const piped = sit({}, false);
    await piped.done;
    writeFileSync(join(folder, '.env'), 'LABEL=no\n');
    const configured = sit();
    await configured.done;
    rmSync(join(folder, '.env'));
    const deployed = sit({ TELEGRAM_TOKEN: telegramToken });
    await deployed.done;
    expect([piped, configured, deployed].map(({ screen }) => screen())).toEqual(['', '', '']);
  });
  it('writes nothing when no token is given', async () => {
    const { file, done, type, sees } = sit();
    await sees('Enter or Esc');
    type('c');
    await sees('Discord bot');
    type('\r');
    await sees('Telegram bot');
    type('\r');
    await done;
    expect(existsSync(file)).toBe(false);
  });
});
