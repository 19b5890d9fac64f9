/** Downloads one file: resumed by ranges after a drop, checked against what the server says of it, put in place whole or not at all. Knows no models. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { SetupError } from '../errors.ts';

export interface DownloadOptions {
  readonly token?: string;
  readonly onProgress?: (progress: { readonly file: string; readonly received: number; readonly total: number | undefined }) => void;
  readonly patience?: number; // milliseconds before the first retry; doubled each time
}

const attempts = 6;
const redirects = 5;

/** False where the server has no such file. @throws SetupError for what trying again would not mend. */
export async function download(url: string, path: string, options: DownloadOptions): Promise<boolean> {
  if (existsSync(path)) return true;
  await mkdir(dirname(path), { recursive: true });
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryOnce(url, path, options);
    } catch (cause) {
      if (cause instanceof SetupError) throw cause;
      if (attempt === attempts) throw new SetupError(`${url} could not be downloaded in ${attempts} attempts (${reasonOf(cause)}): check the network; what has come is kept and the next try goes on from there`, 3);
      await pause((options.patience ?? 500) * 2 ** (attempt - 1));
    }
  }
}
const reasonOf = (cause: unknown): string => (cause instanceof Error ? [cause.message, cause.cause instanceof Error ? cause.cause.message : ''].filter(Boolean).join(': ') : String(cause));

/** What the server says a file is: its ETag (sha256 of LFS files, git's sha1 of others) and size. */
interface Identity { readonly etag: string; readonly size: number | undefined }

async function tryOnce(url: string, path: string, options: DownloadOptions): Promise<boolean> {
  const part = `${path}.part`;
  const known = await readFile(`${part}.etag`, 'utf8').catch(() => '');
  const begun = known === '' ? 0 : await stat(part).then(({ size }) => size, () => 0);
  const { response, identity } = await request(url, begun, options);
  if (response.status === 404) return false;
  if (response.status === 416) { await discard(part); throw new Error('the part kept does not fit the file'); }
  const isSame = identity.etag !== '' && identity.etag === known;
  const from = response.status === 206 && isSame ? begun : 0;
  if (response.status === 206 && !isSame) { await response.body?.cancel(); await discard(part); throw new Error('the file changed since the last try'); }
  await writeFile(`${part}.etag`, identity.etag);
  await receive(response, part, from, path, identity, options);
  await verify(part, identity, url);
  await rename(part, path);
  await rm(`${part}.etag`, { force: true });
  return true;
}

const discard = async (part: string): Promise<void> => { await rm(part, { force: true }); await rm(`${part}.etag`, { force: true }); };

/** Follows redirects itself: the token goes to the hub and to nobody else, and the hub's own headers say what the file is. */
async function request(url: string, from: number, { token }: DownloadOptions): Promise<{ response: Response; identity: Identity }> {
  let target = new URL(url);
  let linked: Identity = { etag: '', size: undefined };
  for (let hop = 0; hop <= redirects; hop++) {
    const isHome = target.origin === new URL(url).origin;
    const response = await fetch(target, { redirect: 'manual', headers: { 'accept-encoding': 'identity', ...(from > 0 ? { range: `bytes=${from}-` } : {}), ...(token && isHome ? { authorization: `Bearer ${token}` } : {}) } });
    const identity = identityOf(response, linked);
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location !== null) { linked = identity; target = new URL(location, target); await response.body?.cancel(); continue; }
    if (response.status !== 200 && response.status !== 206 && response.status !== 404 && response.status !== 416) { await response.body?.cancel(); throw refusal(response, url); }
    return { response, identity };
  }
  throw new SetupError(`${url} leads in circles: check HF_ENDPOINT`);
}

function identityOf(response: Response, linked: Identity): Identity {
  const clean = (etag: string | null): string => (etag ?? '').replace(/^W\//, '').replaceAll('"', '');
  const range = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
  const length = response.headers.get('x-linked-size') ?? range ?? (response.status === 200 ? response.headers.get('content-length') : null);
  return { etag: clean(response.headers.get('x-linked-etag')) || linked.etag || clean(response.headers.get('etag')), size: linked.size ?? (length === null ? undefined : Number(length)) };
}

/** A SetupError where a person must act, any other error where time may help. */
function refusal({ status, headers }: Response, url: string): Error {
  const said = headers.get('x-error-message') ?? '';
  if (status === 401) return new SetupError(`the hub wants a valid token for ${url} (401 ${said}): set HF_TOKEN, or check the name: private and missing models answer alike`);
  if (status === 403) return new SetupError(`the hub keeps ${url} behind an agreement (403 ${said}): accept it on the model’s page, then set HF_TOKEN`);
  if (status < 500 && status !== 429 && status !== 408) return new SetupError(`${url} answered ${status} ${said}`);
  return new Error(`it answered ${status}`);
}

async function receive(response: Response, part: string, from: number, file: string, { size }: Identity, { onProgress }: DownloadOptions): Promise<void> {
  let received = from;
  const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
  body.on('data', (chunk: Buffer) => {
    received += chunk.length;
    onProgress?.({ file, received, total: size });
  });
  await pipeline(body, createWriteStream(part, { flags: from > 0 ? 'a' : 'w' }));
  if (size !== undefined && received !== size) {
    if (received > size) await discard(part);
    throw new Error(`it broke off at ${received} of ${size} bytes`);
  }
}

async function verify(part: string, { etag }: Identity, url: string): Promise<void> {
  const sum = /^[0-9a-f]{64}$/.test(etag) ? createHash('sha256') : /^[0-9a-f]{40}$/.test(etag) ? createHash('sha1').update(`blob ${(await stat(part)).size}\0`) : undefined;
  if (!sum) return;
  for await (const chunk of createReadStream(part)) sum.update(chunk as Buffer);
  if (sum.digest('hex') === etag) return;
  await discard(part);
  throw new Error(`what came from ${url} is not what the hub says it is`);
}
