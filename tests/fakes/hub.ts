/** A model hub on this machine: /owner/name/resolve/main/file with redirects to a second host, ranges, ETags and its refusals; faults to plant. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface HubOptions {
  readonly models: Readonly<Record<string, string>>; // name → folder
  readonly token?: string; // wanted for every file
  readonly gated?: boolean; // 403 whatever the token
}
export interface HubRequest { readonly host: 'hub' | 'store'; readonly path: string; readonly range: string | undefined; readonly authorization: string | undefined; readonly status: number }

const isLarge = (name: string): boolean => /\.(bin|safetensors|onnx)$/.test(name);

export async function startHub(options: HubOptions) {
  const requests: HubRequest[] = [];
  /** Connections of the store that break after this many bytes, one after another. */
  const drops: number[] = [];
  /** Statuses answered first, by the hub and by the store. */
  const refusals: number[] = [];
  const storeRefusals: number[] = [];
  /** The repository's head; `moves`: further commits, one a request, as if somebody pushed meanwhile. */
  const moves: string[] = [];
  let commit = 'c0';
  /** What stands in for the stored bytes: a file that changed, or one that was damaged on its way. */
  const replaced = new Map<string, Buffer>();
  const damaged = new Set<string>();

  const note = (host: 'hub' | 'store', request: IncomingMessage, status: number): void => { requests.push({ host, path: request.url ?? '', range: request.headers.range, authorization: request.headers.authorization, status }); };
  const contentOf = (model: string, file: string): Buffer | undefined => replaced.get(file) ?? (options.models[model] !== undefined && existsSync(join(options.models[model], file)) ? readFileSync(join(options.models[model], file)) : undefined);

  const store = createServer((request, response) => {
    const [, owner = '', name = '', ...file] = decodeURIComponent(request.url ?? '').split('/');
    const content = contentOf(`${owner}/${name}`, file.join('/'));
    const refused = content ? storeRefusals.shift() : 404;
    if (!content || refused !== undefined) { note('store', request, refused ?? 404); response.writeHead(refused ?? 404).end(); return; }
    const sent = damaged.delete(file.join('/')) ? Buffer.from(content.map((byte, index) => (index === 5 ? byte ^ 1 : byte))) : content;
    note('store', request, send(request, response, sent, {}, drops.shift()));
  });
  const hub = createServer((request, response) => {
    const [, model = '', file = ''] = /^\/([\w.-]+\/[\w.-]+)\/resolve\/main\/(.+)$/.exec(decodeURIComponent(request.url ?? '')) ?? [];
    const status = refusals.shift() ?? (options.gated ? 403 : options.token !== undefined && request.headers.authorization !== `Bearer ${options.token}` ? 401 : options.models[model] === undefined ? 401 : 200);
    const content = contentOf(model, file);
    commit = moves.shift() ?? commit;
    if (status !== 200 || !content) {
      const refused = status === 200 ? 404 : status;
      note('hub', request, refused);
      response.writeHead(refused, { 'x-error-message': refused === 403 ? 'Access to this model is gated' : refused === 404 ? 'Entry not found' : 'Invalid credentials' }).end();
      return;
    }
    const sha256 = createHash('sha256').update(content).digest('hex');
    const sha1 = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
    if (!isLarge(file)) { note('hub', request, send(request, response, content, { etag: `"${sha1}"`, 'x-repo-commit': commit }, undefined)); return; }
    note('hub', request, 302);
    response.writeHead(302, { location: `${addressOf(store)}/${model}/${file}`, 'x-linked-etag': `"${sha256}"`, 'x-linked-size': String(content.length), 'x-repo-commit': commit, etag: '"of-the-redirect"' }).end();
  });
  await Promise.all([hub, store].map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))));
  return {
    url: addressOf(hub), requests, drops, refusals, storeRefusals, moves, replaced, damaged,
    async stop(): Promise<void> { for (const server of [hub, store]) { server.closeAllConnections(); await new Promise((resolve) => server.close(resolve)); } },
  };
}
export type FakeHub = Awaited<ReturnType<typeof startHub>>;

const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** Whole or from where the range begins; broken off after `drop` bytes. */
function send(request: IncomingMessage, response: ServerResponse, content: Buffer, headers: Record<string, string>, drop: number | undefined): number {
  const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (from >= content.length && from > 0) { response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end(); return 416; }
  const status = request.headers.range === undefined ? 200 : 206;
  const part = content.subarray(from);
  response.writeHead(status, { ...headers, 'content-length': part.length, 'accept-ranges': 'bytes', ...(status === 206 ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}) });
  if (drop === undefined || request.method === 'HEAD') response.end(part);
  else response.write(part.subarray(0, drop), () => setTimeout(() => response.destroy(), 20));
  return status;
}
