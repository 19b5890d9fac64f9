/** Whether the committed migrations lead to prisma/schema.prisma: a database made by them beside one made by Prisma's own schema engine, column by column. */
import { PrismaLibSql } from '@prisma/adapter-libsql';
import { PrismaPg } from '@prisma/adapter-pg';
import { migrate } from '../../src/storage/migrate.ts';
import { difference, type Provider } from '../../scripts/migration/engine.ts';
import { migrationsOf, schemaFor } from '../../scripts/migration/schema.ts';

const catalogue: Readonly<Record<Provider, string>> = {
  sqlite: `SELECT m.name, c.name, c.type, c."notnull", c.dflt_value, c.pk FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.name NOT LIKE '\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1, 2`,
  postgresql: `SELECT table_name::text, column_name::text, data_type::text, is_nullable::text, column_default::text FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_%' UNION ALL SELECT tablename::text, indexname::text, indexdef::text, '', '' FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE '\\_%' ORDER BY 1, 2`,
};
const factoryFor = (provider: Provider, url: string) => (provider === 'sqlite' ? new PrismaLibSql({ url }) : new PrismaPg({ connectionString: url }));

/** Two empty databases: what the migrations make of the one, and the schema of the other. */
export async function bothWays(provider: Provider, urls: readonly [string, string], schema = schemaFor(provider)): Promise<{ migrated: unknown[][]; designed: unknown[][] }> {
  await migrate(factoryFor(provider, urls[0]), migrationsOf[provider]);
  return { migrated: await read(provider, urls[0], ''), designed: await read(provider, urls[1], await difference(provider, urls[1], '', schema)) };
}

async function read(provider: Provider, url: string, script: string): Promise<unknown[][]> {
  const db = await factoryFor(provider, url).connect();
  try {
    if (script !== '') await db.executeScript(script);
    return (await db.queryRaw({ sql: catalogue[provider], args: [], argTypes: [] })).rows;
  } finally {
    await db.dispose();
  }
}
