/** Makes a checkout runnable, each step only when its inputs changed: packages, the database client, the build. Plain JavaScript on Node's own modules, since nothing may be installed yet. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

const hash = (...files) => files.reduce((sum, file) => sum.update(existsSync(file) ? readFileSync(file) : ''), createHash('sha256').update(process.version)).digest('hex');
const stampOf = (name) => `node_modules/.ventrilocuo/${name}`;

/** Runs a step unless its stamp says that the same inputs went through it; its output goes to stderr, stdout belongs to the program. */
function step(name, key, says, command, args, env = {}) {
  if (existsSync(stampOf(name)) && readFileSync(stampOf(name), 'utf8') === key) return;
  process.stderr.write(`${says}\n`);
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2], env: { ...process.env, ...env }, shell: process.platform === 'win32' });
  if (status !== 0) { process.stderr.write(`${name} failed${error ? `: ${error.message}` : ''}. The lines above say why; it can be run again.\n`); process.exit(3); }
  mkdirSync('node_modules/.ventrilocuo', { recursive: true });
  writeFileSync(stampOf(name), key);
}

const lock = hash('package-lock.json');
step('install', lock, 'Installing packages (once, about a minute) …', 'npm', ['ci', '--include=dev', '--no-audit', '--no-fund']);
const offline = { PRISMA_SCHEMA_ENGINE_BINARY: fileURLToPath(import.meta.url), CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' };
const schema = hash('prisma/schema.prisma', 'prisma.config.ts', 'package-lock.json');
if (existsSync('prisma/schema.prisma')) {
  step('client', schema, 'Generating the database client …', process.execPath, ['node_modules/prisma/build/index.js', 'generate'], { ...offline, DATABASE_URL: '' });
  step('client-postgres', schema, 'Generating the PostgreSQL client …', process.execPath, ['node_modules/prisma/build/index.js', 'generate'], { ...offline, DATABASE_URL: 'postgresql://localhost/bot' });
}
const built = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: ['ignore', 2, 2] });
if (built.status !== 0) process.stderr.write('The build has type errors (above); running what was built.\n');
