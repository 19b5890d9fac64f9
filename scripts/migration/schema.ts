/** The schema as each provider has it: one file is the source, and only the provider differs. */
import { readFileSync } from 'node:fs';
import type { Provider } from './engine.ts';

export const schemaFile = 'prisma/schema.prisma';
export const migrationsOf: Readonly<Record<Provider, string>> = { sqlite: 'prisma/migrations', postgresql: 'prisma/postgres/migrations' };

export const schemaFor = (provider: Provider, text = readFileSync(schemaFile, 'utf8')): string => text.replace('provider = "sqlite"', `provider = "${provider}"`);
