/** A started bot from the outside: its pipe, its exit status, its signals, its database. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/storage/database.ts';
import { wait } from '../fakes/bot.ts';
import { newDatabase, removeFolder, runBot, startBot } from './process.ts';

afterAll(removeFolder);
const separator = '\u001e';

describe('piped input', () => {
  it('gets its answers in order, each ended by a line with U+001E, and nothing else on stdout; its end ends the program', async () => {
    const { status, stdout } = await runBot({}, { input: '/personas\n\n/cancion artista:martin_fierro tema:la pampa\n/nadie\nhola\n' });
    const answers = stdout.split(`\n${separator}\n`);
    expect(status).toBe(0);
    expect(answers).toHaveLength(5);
    expect(answers[0]).toContain('martin_fierro');
    expect(answers[1]).toMatch(/\[Estribillo\]|\n/);
    expect(answers[2]).toContain('/nadie');
    expect(answers[3]?.length).toBeGreaterThan(10);
    expect(answers[4]).toBe('');
  });
  it('gets one JSON object a line with --json', async () => {
    const { status, stdout } = await runBot({}, { input: 'hola\n/cancion artista:martin_fiero\n\n/personas\n', options: ['--json'] });
    const [speech, unknown, personas, ...rest] = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(status).toBe(0);
    expect(rest).toEqual([]);
    expect(speech).toMatchObject({ line: 1, kind: 'text', persona: 'martin_fierro', version: expect.stringMatching(/^[0-9a-f]{8}$/), seed: expect.any(Number), tokens: expect.any(Number), finish: expect.stringMatching(/^(stop|length)$/) });
    expect(unknown).toMatchObject({ line: 2, kind: 'error', persona: null, version: null, seed: null, tokens: null, finish: null });
    expect(unknown?.['text']).toContain('martin_fierro');
    expect(personas).toMatchObject({ line: 4, kind: 'text', persona: null, finish: null });
  });
  it('may stop being read without a complaint', async () => {
    const { child, outcome } = startBot();
    child.stdout?.destroy();
    child.stdin?.write('/personas\n/personas\n');
    await once(child, 'exit');
    expect((await outcome).stderr).not.toContain('EPIPE');
    expect(child.exitCode).toBe(0);
  });
});

describe('a start that cannot be', () => {
  it('tells every mistake of the configuration and ends with 2', async () => {
    const { status, stdout, stderr } = await runBot({ DEVICE: 'gpu', OPERATORS: 'me', TELEGRAM_TOKEN: 'short' });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.match(/^ {2}\w+: expected/gm)).toHaveLength(3);
  });
  it('names the persona, the model or the folder that is not there', async () => {
    const wrong = [{ PERSONA: 'nobody' }, { PERSONAS_FOLDER: 'tests/golden/tokens' }, { BASE_MODEL: './no/such/model' }];
    const outcomes = await Promise.all(wrong.map((environment) => runBot(environment)));
    expect(outcomes.map(({ status }) => status)).toEqual([2, 2, 2]);
    expect(outcomes.map(({ stderr }) => stderr)).toEqual([expect.stringContaining('PERSONA: expected one of dario, martin_fierro'), expect.stringContaining('tests/golden/tokens'), expect.stringContaining('no/such/model')]);
    expect(outcomes.map(({ stderr }) => stderr).join()).not.toMatch(/\n\s+at /);
  });
});

describe('a running bot', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('ends with 0 on %s and leaves the database free', async (signal) => {
    const DATABASE_URL = newDatabase();
    const first = startBot({ DATABASE_URL });
    await first.ready();
    first.child.kill(signal);
    expect(await first.outcome).toMatchObject({ status: 0, stdout: '' });
    const db = await openDatabase(DATABASE_URL);
    expect(await db.instance.count()).toBe(0);
    await db.$disconnect();
  });
  it('refuses a second one on its database by name, and goes on', async () => {
    const DATABASE_URL = newDatabase();
    const first = startBot({ DATABASE_URL });
    await first.ready();
    expect(await runBot({ DATABASE_URL })).toMatchObject({ status: 3, stdout: '', stderr: expect.stringMatching(new RegExp(`^another bot \\(process ${first.child.pid} on .*\\) is using this database: stop it first, .*\n$`)) });
    first.child.stdin?.end('/personas\n');
    expect((await first.outcome).stdout).toContain(separator);
  });
  it('that was killed leaves nothing that hinders the next one', async () => {
    const DATABASE_URL = newDatabase();
    const first = startBot({ DATABASE_URL });
    await first.ready();
    first.child.kill('SIGKILL');
    await first.outcome;
    expect(await runBot({ DATABASE_URL }, { input: '/personas\n' })).toMatchObject({ status: 0, stdout: expect.stringContaining('martin_fierro') });
  });
  it('ends at once on a second signal, when the first takes its time', async () => {
    const { child, outcome, ready } = startBot();
    await ready();
    const engine = childOf(child.pid);
    process.kill(engine, 'SIGSTOP'); // stopping waits for it
    child.kill('SIGTERM');
    await wait(300);
    expect(child.exitCode).toBeNull();
    child.kill('SIGINT');
    expect((await outcome).status).toBe(130);
    process.kill(engine, 'SIGKILL');
  });
});

/** The engine's process: a bot has no other child. */
function childOf(parent = 0): number {
  const children = existsSync('/proc/self/task') ? readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8') : execFileSync('pgrep', ['-P', String(parent)], { encoding: 'utf8' });
  const child = Number(children.trim().split(/\s+/)[0]);
  if (!(child > 0)) throw new Error('the bot has no engine');
  return child;
}
