/** Makes a checkout runnable, each step only when its inputs changed: packages, the database clients, the build. Plain JavaScript on Node's own modules, since nothing may be installed yet. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`Node 20.19 or newer is needed, this is ${process.version}: get it from nodejs.org\n`);
  process.exit(3);
}
process.chdir(fileURLToPath(new URL('..', import.meta.url)));

/** Of the files' contents and of what else decides the result: packages hold binaries for one platform. */
const hash = (...files) => files.reduce((sum, file) => sum.update(readFileSync(file)), createHash('sha256').update(`${process.platform} ${process.arch} ${process.versions.modules}`)).digest('hex');
const stampOf = (name) => join('node_modules/.ventrilocuo', name);

/** Runs a command; what it prints goes to stderr, since stdout belongs to the program. */
const run = (command, args, environment = {}) => spawnSync(command, args, { stdio: ['ignore', 2, 2], env: { ...process.env, ...environment }, shell: process.platform === 'win32' && command === 'npm' });

/** Does a step unless its product is there and its stamp says that the same inputs went through it. */
function step({ name, key, product, says }, command, args, environment) {
  if (existsSync(product) && existsSync(stampOf(name)) && readFileSync(stampOf(name), 'utf8') === key) return;
  process.stderr.write(`${says}\n`);
  const { status, error } = run(command, args, environment);
  if (status !== 0) {
    process.stderr.write(`${says} That failed${error ? ` (${error.message})` : ''}: the lines above say why. It can be run again.\n`);
    process.exit(3);
  }
  mkdirSync('node_modules/.ventrilocuo', { recursive: true });
  writeFileSync(stampOf(name), key);
}

/** Drops what was built from a file that is gone: a command removed from commands/ must not live on in dist/. */
function sweep(folder) {
  for (const name of existsSync(join('dist', folder)) ? readdirSync(join('dist', folder), { recursive: true }) : []) {
    const source = join(folder, name).replace(/\.js(\.map)?$/, '.ts');
    if (/\.js(\.map)?$/.test(name) && !existsSync(source)) rmSync(join('dist', folder, name));
  }
}

const prisma = ['node_modules/prisma/build/index.js', 'generate'];
/** Prisma wants its own engine's binary before it generates, from its own host; generating does not use it, so any file will do. */
const offline = { PRISMA_SCHEMA_ENGINE_BINARY: fileURLToPath(import.meta.url), CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' };

step({ name: 'packages', key: hash('package-lock.json'), product: 'node_modules', says: 'Installing packages (once, about a minute) …' }, 'npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
const schema = hash('prisma/schema.prisma', 'prisma.config.ts', 'package-lock.json');
for (const [name, url] of [['sqlite', 'file:./data/bot.db'], ['postgres', 'postgresql://localhost/bot']]) {
  step({ name: `client-${name}`, key: schema, product: `src/storage/generated/${name}`, says: `Generating the ${name} client …` }, process.execPath, prisma, { ...offline, DATABASE_URL: url });
}
for (const folder of ['src', 'commands', 'scripts', 'tests']) sweep(folder);
const { status } = run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']);
if (status !== 0) process.stderr.write('The build has type errors (above); running what was built all the same.\n');
