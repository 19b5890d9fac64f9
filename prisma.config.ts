/** Where Prisma finds schema, migrations and database. One schema is the source; PostgreSQL's copy differs in its provider and its output folder. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { defineConfig } from 'prisma/config';

const url = process.env['DATABASE_URL'] || 'file:./data/bot.db';
const isPostgres = /^postgres(ql)?:/.test(url);

function derive(): string {
  const text = readFileSync('prisma/schema.prisma', 'utf8');
  mkdirSync('prisma/postgres', { recursive: true });
  writeFileSync('prisma/postgres/schema.prisma', text.replace('provider = "sqlite"', 'provider = "postgresql"').replace('"../src/storage/generated/sqlite"', '"../../src/storage/generated/postgres"'));
  return 'prisma/postgres/schema.prisma';
}

export default defineConfig({
  schema: isPostgres ? derive() : 'prisma/schema.prisma',
  migrations: { path: isPostgres ? 'prisma/postgres/migrations' : 'prisma/migrations' },
  datasource: { url },
});
