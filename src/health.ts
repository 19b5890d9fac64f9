/** /health and /metrics on 127.0.0.1, for whoever watches over the bot. Tells states and counts, no texts and no secrets. */
import { createServer, type Server } from 'node:http';
import type { Engine } from './engine/protocol.ts';
import { SetupError } from './errors.ts';
import type { Metrics } from './metrics.ts';

export interface HealthOptions {
  readonly port: number;
  readonly engine: Engine;
  readonly platforms: () => Readonly<Record<string, string>>;
  readonly metrics: Metrics;
  readonly redact: (text: string) => string;
}

/** @throws SetupError when the port is taken. */
export async function openHealth(options: HealthOptions): Promise<Server> {
  const started = Date.now();
  const server = createServer((request, response) => {
    const send = (status: number, type: string, body: string): void => { response.writeHead(status, { 'content-type': type }); response.end(options.redact(body)); };
    if (request.url === '/metrics') return send(200, 'text/plain; version=0.0.4', options.metrics.text());
    if (request.url !== '/health') return send(404, 'text/plain', 'there are /health and /metrics\n');
    void options.engine.status().then((engine) => {
      const isWell = engine.state === 'ready' || engine.state === 'starting';
      send(isWell ? 200 : 503, 'application/json', `${JSON.stringify({ ok: isWell, uptime: Date.now() - started, pid: process.pid, memory: process.memoryUsage.rss(), loopDelay: options.metrics.loopDelay(), platforms: options.platforms(), engine })}\n`);
    }, (cause: unknown) => send(500, 'text/plain', String(cause)));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', () => reject(new SetupError(`HEALTH_PORT: port ${options.port} of 127.0.0.1 is taken: choose another, or 0 for none`)));
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return server;
}
