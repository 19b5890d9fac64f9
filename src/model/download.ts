/** Downloads one file: resumed by ranges after a drop, checked against what the server says of it, put in place whole or not at all. Knows no models. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { SetupError } from '../errors.ts';

export interface DownloadOptions {
  readonly token?: string;
  readonly onProgress?: (progress: { readonly file: string; readonly received: number; readonly total: number | undefined }) => void;
  readonly patience?: number; // milliseconds before the first retry; doubled each time
  /** The commit of the repository that a file is from, where the server says so; an error thrown here ends the download. */
  readonly onCommit?: (commit: string) => void;
}

const attempts = 6; // in a row without a new byte
const redirects = 5;
/** Errors of the disk: trying again mends nothing. */
const local: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'EISDIR', 'ENOTDIR']);

/** False where the server has no such file. @throws SetupError for what trying again would not mend. */
export async function download(url: string, path: string, options: DownloadOptions): Promise<boolean> {
  if (existsSync(path)) return true;
  await mkdir(dirname(path), { recursive: true });
  let kept = await sizeOf(`${path}.part`);
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryOnce(url, path, options);
    } catch (cause) {
      const now = await sizeOf(`${path}.part`);
      if (now > kept) attempt = 1;
      kept = now;
      await waitOrGiveUp(cause, attempt, url, options);
    }
  }
}

const sizeOf = (file: string): Promise<number> => stat(file).then(({ size }) => size, () => 0);

async function waitOrGiveUp(cause: unknown, attempt: number, url: string, { patience = 500 }: DownloadOptions): Promise<void> {
  if (cause instanceof SetupError) throw cause;
  if (cause instanceof Error && 'code' in cause && local.has(cause.code)) throw new SetupError(`${url} could not be kept (${cause.message}): make room and let the models’ folder be written to`, 3);
  if (attempt === attempts) throw new SetupError(`${url} could not be downloaded in ${attempts} attempts (${reasonOf(cause)}): check the network; what has come is kept and the next try goes on from there`, 3);
  await pause(patience * 2 ** (attempt - 1));
}
const reasonOf = (cause: unknown): string => (cause instanceof Error ? [cause.message, cause.cause instanceof Error ? cause.cause.message : ''].filter(Boolean).join(': ') : String(cause));

/** What the server says a file is: its ETag (sha256 of LFS files, git's sha1 of others) and size. */
interface Identity { readonly etag: string; readonly size: number | undefined }

async function tryOnce(url: string, path: string, options: DownloadOptions): Promise<boolean> {
  const part = `${path}.part`;
  const known = await readFile(`${part}.etag`, 'utf8').catch(() => '');
  const begun = known === '' ? 0 : await sizeOf(part);
  const { response, identity } = await request(url, begun, options);
  if (response.status === 404) { await response.body?.cancel(); return false; }
  const isSame = identity.etag !== '' && identity.etag === known;
  const isWhole = response.status === 416 && isSame && identity.size === begun; // all had come when the last try was cut off
  if (isWhole) await response.body?.cancel();
  else await goOn(response, { part, path, from: response.status === 206 ? begun : 0, isSame }, identity, options);
  await verify(part, identity, url);
  await rename(part, path);
  return true;
}

const beside = '.part.etag'; // stays until `settle`, so that `reopen` can tell what a finished file is
const noted = async (folder: string): Promise<string[]> => (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(beside)).map((name) => join(folder, name.slice(0, -beside.length)));

/** Takes a folder's finished files for begun ones: the next download keeps those that the server still has as they are. */
export async function reopen(folder: string): Promise<void> {
  for (const file of await noted(folder)) if (existsSync(file)) await rename(file, `${file}.part`);
}

/** Ends a folder's downloads: nothing is left but its files. */
export async function settle(folder: string): Promise<void> {
  for (const file of await noted(folder)) await discard(`${file}.part`);
}

interface Begun { readonly part: string; readonly path: string; readonly from: number; readonly isSame: boolean }

async function goOn(response: Response, { part, path, from, isSame }: Begun, identity: Identity, options: DownloadOptions): Promise<void> {
  if (response.status === 416 || (response.status === 206 && !isSame)) {
    await response.body?.cancel();
    await discard(part);
    throw new Error('the file changed since the last try');
  }
  await writeFile(`${part}.etag`, identity.etag);
  await receive(response, part, from, path, identity, options);
}

const discard = async (part: string): Promise<void> => { await rm(part, { force: true }); await rm(`${part}.etag`, { force: true }); };

/** Follows redirects itself: the token goes to the hub and to nobody else, and the hub's own headers say what the file is. */
async function request(url: string, from: number, { token, onCommit }: DownloadOptions): Promise<{ response: Response; identity: Identity }> {
  let target = new URL(url);
  let linked: Identity = { etag: '', size: undefined };
  for (let hop = 0; hop <= redirects; hop++) {
    const isHome = target.origin === new URL(url).origin;
    const response = await fetch(target, { redirect: 'manual', headers: { 'accept-encoding': 'identity', ...(from > 0 ? { range: `bytes=${from}-` } : {}), ...(token && isHome ? { authorization: `Bearer ${token}` } : {}) } });
    const commit = response.headers.get('x-repo-commit');
    if (commit !== null && isHome) onCommit?.(commit);
    linked = linkedIdentity(response, linked);
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location !== null) { target = new URL(location, target); await response.body?.cancel(); continue; }
    if (![200, 206, 416].includes(response.status) && !(response.status === 404 && isHome)) { await response.body?.cancel(); throw refusal(response, url, isHome); }
    return { response, identity: identityOf(response, linked) };
  }
  throw new SetupError(`${url} leads in circles: check HF_ENDPOINT`);
}

const clean = (etag: string | null): string => (etag ?? '').replace(/^W\//, '').replaceAll('"', '');

/** What the hub says of a file that lies elsewhere. A redirect's own ETag is not the file's. */
function linkedIdentity({ headers }: Response, before: Identity): Identity {
  const size = headers.get('x-linked-size');
  return { etag: clean(headers.get('x-linked-etag')) || before.etag, size: size === null ? before.size : Number(size) };
}

function identityOf({ status, headers }: Response, linked: Identity): Identity {
  const whole = /\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1] ?? (status === 200 ? headers.get('content-length') : null);
  return { etag: linked.etag || clean(headers.get('etag')), size: linked.size ?? (whole === null ? undefined : Number(whole)) };
}

/** A SetupError where a person must act, any other error where time may help: a store's refusal is that of an address that has expired. */
function refusal({ status, headers }: Response, url: string, isHome: boolean): Error {
  const said = headers.get('x-error-message') ?? '';
  if (!isHome || status >= 500 || status === 429 || status === 408) return new Error(`${isHome ? 'it' : 'the store that it leads to'} answered ${status}`);
  if (status === 401) return new SetupError(`the hub wants a valid token for ${url} (401 ${said}): set HF_TOKEN, or check the name: private and missing models answer alike`);
  if (status === 403) return new SetupError(`the hub keeps ${url} behind an agreement (403 ${said}): accept it on the model’s page, then set HF_TOKEN`);
  return new SetupError(`${url} answered ${status} ${said}`);
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
