/** The log and its redactor: what happened where, never a secret. */
import { describe, expect, it } from 'vitest';
import { createLog, createRedactor } from '../../src/log.ts';

const token = '123456:AAcanary-canary_canary/+"x';
const redact = createRedactor([token, 'ab']);

function logged(write: (log: ReturnType<typeof createLog>) => void, level = 'info'): Record<string, unknown>[] {
  const lines: string[] = [];
  write(createLog(level, redact, (line) => { lines.push(line); }));
  expect(lines.join('')).not.toContain('canary');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the redactor', () => {
  it('takes a secret out as it is, inside an address and inside JSON', () => {
    expect(redact(`a ${token} b`)).toBe('a [secret] b');
    expect(redact(`https://api/bot${encodeURIComponent(token)}/getMe`)).toBe('https://api/bot[secret]/getMe');
    expect(redact(JSON.stringify({ token }))).toBe('{"token":"[secret]"}');
  });
  it('leaves words alone that are too short to be a secret', () => expect(redact('cabeza')).toBe('cabeza'));
});

describe('the log', () => {
  it('writes one JSON object a line, with what it was told', () => {
    expect(logged((log) => log.info({ platform: 'discord', count: 2 }, 'ready'))).toEqual([{ level: 30, time: expect.stringMatching(/^\d{4}-.*Z$/), platform: 'discord', count: 2, msg: 'ready' }]);
  });
  it('is quiet below its level', () => expect(logged((log) => { log.info('a'); log.warn('b'); }, 'warn').map(({ msg }) => msg)).toEqual(['b']));
  it('lets no secret through: not in a message, a field, an error, its stack or its cause', () => {
    const cause = new Error(`GET https://api/bot${token}/getMe`, { cause: new Error(`inner ${token}`) });
    const lines = logged((log) => { log.error({ cause }, token); log.error({ err: cause, deep: { list: [token] } }, 'x'); log.warn(cause); });
    expect(JSON.stringify(lines)).toContain('[secret]');
    expect(lines).toHaveLength(3);
  });
  it('describes an error with its code and cause, but never what was sent, which may be people’s words', () => {
    const sent = Object.assign(new Error('Missing Access', { cause: new TypeError('inner') }), { code: 50001, requestBody: { json: { content: 'what a person wrote' } } });
    const [line] = logged((log) => log.warn({ cause: sent }, 'not delivered'));
    expect(line?.['cause']).toMatchObject({ name: 'Error', message: 'Missing Access', code: 50001, cause: { name: 'TypeError', message: 'inner' } });
    expect(JSON.stringify(line)).not.toContain('what a person wrote');
  });
});
