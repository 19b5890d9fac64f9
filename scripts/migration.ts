/** `npm run migration -- NAME`: writes the SQL that leads from the committed prisma/schema.prisma to the one in the working tree, for both databases. Applies nothing: the bot does, at its next start. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from '../src/errors.ts';
import { startPostgres } from '../tests/fakes/postgres.ts';
import { header, runTool, tell } from './document.ts';
import { difference, type Provider } from './migration/engine.ts';
import { migrationsOf, schemaFile, schemaFor } from './migration/schema.ts';

const name = process.argv.slice(2).find((argument) => !argument.startsWith('-')) ?? '';

/** yyyymmddhhmmss, as Prisma names them. */
const timestamp = (): string => new Date().toISOString().replace(/\D/g, '').slice(0, 14);

async function author(): Promise<string[]> {
  if (!/^[a-z0-9_]+$/.test(name)) throw new SetupError('expected a name of a–z, 0–9 and _: npm run migration -- add_ledger');
  const committed = execFileSync('git', ['show', `HEAD:${schemaFile}`], { encoding: 'utf8' });
  const folder = `${timestamp()}_${name}`;
  const postgres = await startPostgres();
  try {
    const written: string[] = [];
    const urls: readonly [Provider, string][] = [['sqlite', ':memory:'], ['postgresql', postgres.url]];
    for (const [provider, url] of urls) written.push(...write(join(migrationsOf[provider], folder), await difference(provider, url, schemaFor(provider, committed), schemaFor(provider))));
    return written;
  } finally {
    await postgres.stop();
  }
}

function write(folder: string, sql: string): string[] {
  if (sql.trim() === '') return [];
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'migration.sql'), sql);
  return [join(folder, 'migration.sql')];
}

await runTool(async () => {
  const written = await author();
  if (written.length === 0) tell(`${schemaFile} is as it was committed: nothing to write`);
  return { ...header('migration'), ok: true, written };
}, ({ written }) => written.join('\n'));
