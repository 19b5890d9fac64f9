/** Prisma's schema engine without its download: the WASM build from npm, over the same drivers as the bot. Knows which SQL lies between two schemas. */
import { bindMigrationAwareSqlAdapterFactory, type SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import { PrismaPg } from '@prisma/adapter-pg';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type Provider = 'sqlite' | 'postgresql';

/** The bindings expect to be told where their memory is, as wasm-bindgen's own loader would. */
interface Loadable { __wbg_set_wasm(exports: WebAssembly.Exports): void }
let isLoaded = false;
async function load(): Promise<void> {
  if (isLoaded) return;
  const file = fileURLToPath(import.meta.resolve('@prisma/schema-engine-wasm/schema_engine_bg')).replace(/\.js$/, '.wasm');
  const { instance } = await WebAssembly.instantiate(readFileSync(file), { './schema_engine_bg.js': { ...bindings } });
  (bindings as typeof bindings & Loadable).__wbg_set_wasm(instance.exports);
  (instance.exports['__wbindgen_start'] as () => void)();
  isLoaded = true;
}

const factoryFor = (provider: Provider, url: string): SqlMigrationAwareDriverAdapterFactory => (provider === 'sqlite' ? new PrismaLibSql({ url }) : new PrismaPg({ connectionString: url }));

/** SQL that leads from one schema ('' is an empty database) to another, '' where they are the same. `url` leads to some database of that provider, which the engine wants to talk to. */
export async function difference(provider: Provider, url: string, from: string, to: string): Promise<string> {
  await load();
  const engine = await bindings.SchemaEngine.new({ datamodels: [['schema.prisma', to]] }, () => undefined, bindMigrationAwareSqlAdapterFactory(factoryFor(provider, url)));
  const target = (content: string) => (content === '' ? { tag: 'empty' as const } : { tag: 'schemaDatamodel' as const, files: [{ path: 'schema.prisma', content }] });
  const { stdout, exitCode } = await engine.diff({ from: target(from), to: target(to), script: true, exitCode: true, filters: { externalTables: [], externalEnums: [] } });
  return exitCode === 0 ? '' : stdout ?? '';
}
