/** /health and /metrics, over HTTP. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine, EngineStatus } from '../../src/engine/protocol.ts';
import { openHealth } from '../../src/health.ts';
import { createLog, createRedactor } from '../../src/log.ts';
import { createMetrics } from '../../src/metrics.ts';

const ready: EngineStatus = { state: 'ready', device: 'cpu', deviceReason: 'webgpu: no adapter of c4n4ry', running: 1, queued: 2, capacity: 100, tokensPerSecond: 300, bases: [], memory: 1e8, restarts: 0 };
const open: Server[] = [];
afterEach(() => { for (const server of open.splice(0)) server.close(); });

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
async function health(status: EngineStatus, port: number, warnings: string[] = []): Promise<Server | undefined> {
  const engine: Engine = { status: async () => status, stop: async () => undefined, async *generate() { yield* []; } };
  const server = await openHealth({ port, engine, platforms: () => ({ discord: 'connected' }), prompts: { key: 'k', find: (answer) => (answer === 'a1' ? [{ text: 'hola' }] : undefined) }, metrics: createMetrics(), redact: createRedactor(['c4n4ry']), log: createLog('warn', (text) => text, (line) => { warnings.push(line); }) });
  if (server) open.push(server);
  return server;
}

describe('/health', () => {
  it('tells states and counts as JSON, past the redactor', async () => {
    const port = await freePort();
    await health(ready, port);
    const response = await fetch(`http://127.0.0.1:${port}/health`);
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).not.toContain('c4n4ry');
    expect(JSON.parse(text)).toMatchObject({ ok: true, pid: process.pid, platforms: { discord: 'connected' }, engine: { state: 'ready', deviceReason: 'webgpu: no adapter of [secret]', queued: 2 } });
  });
  it('answers 503 while there is no engine', async () => {
    const port = await freePort();
    await health({ ...ready, state: 'restarting' }, port);
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(503);
  });
  it('has /metrics beside it and nothing else', async () => {
    const port = await freePort();
    await health(ready, port);
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(text).toContain('ventrilocuo_loop_delay_p99_seconds');
    expect(text).toContain('ventrilocuo_engine_queued 2');
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
  });
  it('tells a prompt to whoever has the key, which stands in the database, and to nobody else', async () => {
    const port = await freePort();
    await health(ready, port);
    const ask = async (answer: string, key: string): Promise<string> => (await fetch(`http://127.0.0.1:${port}/prompts/${answer}`, { headers: { authorization: `Bearer ${key}` } })).text();
    expect([await ask('a1', 'k'), await ask('a1', 'x'), await ask('a2', 'k')]).toEqual(['[{"text":"hola"}]', 'no such prompt in memory\n', 'no such prompt in memory\n']);
  });
  it('is heard on 127.0.0.1 only', async () => {
    const server = await health(ready, await freePort());
    expect(server?.address()).toMatchObject({ address: '127.0.0.1' });
  });
  it('is off with port 0', async () => expect(await health(ready, 0)).toBeUndefined());
  it('warns when its port is taken, and lets the bot start', async () => {
    const port = await freePort();
    await health(ready, port);
    const warnings: string[] = [];
    expect(await health(ready, port, warnings)).toBeUndefined();
    expect(warnings.join()).toContain(`port ${port} of 127.0.0.1 cannot be had: choose another, or 0 for none`);
  });
});
