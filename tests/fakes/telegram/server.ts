/** A Telegram of our own over HTTP: every request is held against the Bot API's own schema and limits; people can be played, faults can be had. Runs in any process. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createActs, type Acts } from './acts.ts';
import { methods, Refused } from './methods.ts';
import { createPolling, type Poll, type Polling } from './polling.ts';
import { isUpload, refusalOf, type Parameters, type Refusal } from './refusals.ts';
import { loadApiSchema } from './schema.ts';
import { createWorld, type FakeOptions, type World } from './world.ts';

export type { FakeOptions, Query, Said } from './world.ts';

export interface Call { readonly method: string; readonly parameters: Parameters; readonly at: number; /** 200, an error code, or 0 for a dropped connection. */ status: number }
export interface Fault {
  readonly status?: number; // 500, 429 …; without: the connection drops
  readonly retryAfter?: number; // seconds
  readonly times?: number; // 1
  readonly isDone?: boolean; // the call has its effect all the same
}
export interface FakeTelegram {
  readonly apiRoot: string;
  readonly token: string;
  readonly world: World;
  readonly act: Acts;
  readonly polling: Polling;
  readonly calls: Call[];
  /** What no bot should have sent. */
  readonly violations: string[];
  /** The next calls of a method go wrong. */
  fail(method: string, fault: Fault): void;
  /** Callback queries that nobody has acknowledged. */
  unacknowledged(): string[];
  stop(): Promise<void>;
}

const usualToken = '42:AAFakeTokenOfTheFakeTelegram_canary';

export async function startFakeTelegram(options: FakeOptions = {}): Promise<FakeTelegram> {
  const schema = loadApiSchema();
  const world = createWorld(options);
  const polling = createPolling(world);
  const token = options.token ?? usualToken;
  const [calls, violations, faults] = [[] as Call[], [] as string[], new Map<string, Fault[]>()];

  async function perform(method: string, parameters: Parameters, closed: Promise<void>): Promise<unknown> {
    if (method === 'getUpdates') return polling.poll(parameters as Poll, closed);
    const refusal = refusalOf(method, parameters, world, schema, options);
    if (refusal) throw new Refused(refusal);
    const act = methods[method];
    if (!act) throw new Refused({ error_code: 404, description: 'Not Found: the fake has no such method', isViolation: true });
    return act(parameters, world);
  }
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, given = '', method = ''] = /^\/bot([^/]+)\/(\w+)/.exec(request.url ?? '') ?? [];
    const body = await read(request);
    if (given !== token) return send(response, { error_code: 401, description: 'Unauthorized' });
    const call: Call = { method, parameters: parametersOf(method, body, request.headers['content-type'] ?? ''), at: Date.now(), status: 200 };
    calls.push(call);
    const fault = takeFault(faults, method);
    if (fault) return spoil(fault, call, response, () => perform(method, call.parameters, never));
    try {
      send(response, undefined, await perform(method, call.parameters, new Promise((resolve) => { response.once('close', () => resolve()); })));
    } catch (cause) {
      if (!(cause instanceof Refused)) throw cause;
      call.status = cause.refusal.error_code;
      if (cause.refusal.isViolation) violations.push(`${method}: ${cause.refusal.description}`);
      send(response, cause.refusal);
    }
  }
  const server = createServer((request, response) => {
    answer(request, response).catch((cause: unknown) => { violations.push(`the fake broke: ${String(cause)}`); response.destroy(); });
  });
  const port = await listen(server, options.port ?? 0);
  return {
    apiRoot: `http://127.0.0.1:${port}`, token, world, act: createActs(world, options, polling.wake), polling, calls, violations,
    fail(method, fault) { faults.set(method, [...(faults.get(method) ?? []), ...Array.from({ length: fault.times ?? 1 }, () => fault)]); },
    unacknowledged: () => [...world.queries.values()].filter(({ kind, answer: given }) => kind === 'callback' && !given).map(({ id }) => id),
    stop: () => new Promise((resolve) => { server.close(() => resolve()); server.closeAllConnections(); }),
  };
}

const never = new Promise<void>(() => undefined);

function takeFault(faults: Map<string, Fault[]>, method: string): Fault | undefined {
  return faults.get(method)?.shift();
}

async function spoil({ status, retryAfter, isDone }: Fault, call: Call, response: ServerResponse, perform: () => Promise<unknown>): Promise<void> {
  if (isDone) await perform();
  call.status = status ?? 0;
  if (status === undefined) response.destroy();
  else send(response, { error_code: status, description: status === 429 ? `Too Many Requests: retry after ${retryAfter ?? 1}` : 'Internal Server Error', ...(retryAfter === undefined ? {} : { parameters: { retry_after: retryAfter } }) });
}

function send(response: ServerResponse, refusal: Refusal | undefined, result?: unknown): void {
  const { isViolation: _, ...told } = refusal ?? {};
  response.writeHead(refusal?.error_code ?? 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(refusal ? { ok: false, ...told } : { ok: true, result }));
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** JSON, or the plain fields of a form with a file. */
function parametersOf(method: string, body: Buffer, type: string): Parameters {
  if (!isUpload(method) || !type.startsWith('multipart/form-data')) return body.length > 0 ? (JSON.parse(body.toString('utf8')) as Parameters) : {};
  const fields = [...body.toString('utf8').matchAll(/content-disposition:\s*form-data;\s*name="([^"]+)"\r\n\r\n([^\r]*)\r\n/gi)].map(([, name = '', value = '']) => [name, /^-?\d+$/.test(value) ? Number(value) : value]);
  return Object.fromEntries(fields) as Parameters;
}

const listen = (server: Server, port: number): Promise<number> => new Promise((resolve, reject) => {
  server.once('error', reject);
  server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
});
