/** /health and /metrics on 127.0.0.1, for whoever watches over the bot. Tells states and counts, no secrets; a prompt only to whoever can read the database. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Engine } from './engine/protocol.ts';
import type { Log, Redact } from './log.ts';
import type { Metrics } from './metrics.ts';

export interface HealthOptions {
  readonly port: number; // 0: off
  readonly engine: Engine;
  readonly platforms: () => Readonly<Record<string, string>>;
  readonly metrics: Metrics;
  readonly redact: Redact;
  readonly log: Log;
  readonly prompts: Prompts;
}
/** Prompts that are still in memory, for `oracle --replay`: `key` is the holder's name in the database. */
export interface Prompts { readonly key: string; find(answer: string): unknown }

const host = '127.0.0.1';

/** A taken port is a warning: a bot that talks unwatched is better than one that does not start. */
export async function openHealth(options: HealthOptions): Promise<Server | undefined> {
  if (options.port === 0) return undefined;
  const server = createServer((request, response) => {
    const send = (status: number, type: string, body: string): ServerResponse => response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(options.redact(body));
    if (request.url === '/metrics') void metricsOf(options).then((text) => send(200, 'text/plain; version=0.0.4; charset=utf-8', text));
    else if (request.url === '/health') void healthOf(options).then((health) => send(health.ok ? 200 : 503, 'application/json', `${JSON.stringify(health)}\n`));
    else if (request.url?.startsWith('/prompts/')) answerPrompt(request.url.slice('/prompts/'.length), request.headers.authorization, options.prompts, send);
    else send(404, 'text/plain', 'there are /health and /metrics\n');
  });
  return new Promise((resolve) => {
    server.once('error', (cause) => { options.log.warn({ cause }, `HEALTH_PORT: nobody can watch over this bot, since port ${options.port} of ${host} cannot be had: choose another, or 0 for none`); resolve(undefined); });
    server.listen(options.port, host, () => resolve(server.unref()));
  });
}

function answerPrompt(answer: string, authorization: string | undefined, { key, find }: Prompts, send: (status: number, type: string, body: string) => void): void {
  const found = authorization === `Bearer ${key}` ? find(answer) : undefined;
  if (found === undefined) send(404, 'text/plain', 'no such prompt in memory\n');
  else send(200, 'application/json', JSON.stringify(found));
}

async function healthOf({ engine, platforms, metrics }: HealthOptions) {
  const status = await engine.status();
  return { ok: status.state === 'ready' || status.state === 'starting', uptime: Math.round(process.uptime()), pid: process.pid, memory: process.memoryUsage.rss(), loopDelay: metrics.loopDelay(), platforms: platforms(), engine: status };
}

async function metricsOf({ engine, metrics }: HealthOptions): Promise<string> {
  const { running, queued, tokensPerSecond, memory, restarts } = await engine.status();
  for (const [name, value] of Object.entries({ running, queued, tokens_per_second: tokensPerSecond, memory_bytes: memory, restarts })) metrics.gauge(`engine_${name}`, () => value);
  return metrics.text();
}
