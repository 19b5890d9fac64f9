/** Discovers personas: one folder each under personas/. A folder that does not load stops the program with its path. Knows no chat. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { SetupError } from '../errors.ts';
import type { Persona } from './persona.ts';
import { parsePersona, type PersonaFile } from './schema.ts';

export interface LoadOptions {
  readonly folder: string; // personas/
  readonly adapters: string; // models/adapters/
  readonly base: { readonly folder: string; readonly name: string }; // BASE_MODEL, resolved
  readonly shippedBase: string; // the folder that shipped adapters and control tokens belong to
  readonly label: boolean;
  /** Finds or downloads a model that a persona names. */
  readonly resolveModel: (name: string) => Promise<string>;
}

/** In the order of their names. @throws SetupError with the path of what does not load. */
export async function loadPersonas(options: LoadOptions): Promise<Persona[]> {
  const folders = readdirSync(options.folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort();
  if (folders.length === 0) throw new SetupError(`expected at least one persona in ${options.folder}, found none`);
  return Promise.all(folders.map((id) => loadPersona(id, options)));
}

async function loadPersona(id: string, options: LoadOptions): Promise<Persona> {
  const folder = join(options.folder, id);
  if (!/^[a-z0-9_]{1,32}$/.test(id)) throw new SetupError(`${folder}: a persona’s folder is named with small letters, digits and _ (at most 32), as its commands are`);
  const file = read(join(folder, 'persona.yaml'));
  const missing = [...file.sources.map((source) => source.file), ...(file.avatar ? [file.avatar] : [])].filter((name) => !existsSync(join(folder, name)));
  if (missing.length > 0) throw new SetupError(`${folder}/persona.yaml names ${missing.join(', ')}, which ${missing.length === 1 ? 'is' : 'are'} not there`);
  const base = file.model === undefined ? options.base.folder : await options.resolveModel(file.model);
  return assemble(id, folder, file, resolve(base), options);
}

function read(path: string): PersonaFile {
  if (!existsSync(path)) throw new SetupError(`expected ${path}: a persona is a folder with a persona.yaml`);
  let value: unknown;
  try { value = parse(readFileSync(path, 'utf8')); } catch (cause) { throw new SetupError(`${path} is not YAML: ${cause instanceof Error ? cause.message : String(cause)}`); }
  return parsePersona(value, path);
}

/** Shipped adapters and control tokens belong to the shipped base; over another one a persona speaks from that base. */
function assemble(id: string, folder: string, file: PersonaFile, base: string, options: LoadOptions): Persona {
  const isWhole = file.model !== undefined;
  const isShipped = base === resolve(options.shippedBase);
  const shipped = join(options.adapters, id, 'shipped');
  const hasAdapter = isShipped && existsSync(join(shipped, 'adapter_model.safetensors'));
  const { title, line, sample, kind, language, prompt, sources } = file;
  return {
    id, title, line, sample, kind, language, sources, base, isWhole, baseName: file.model ?? options.base.name, templates: prompt,
    ...(hasAdapter ? { adapter: resolve(shipped) } : {}), version: hasAdapter ? versionOf(join(shipped, 'adapter_model.safetensors')) : 'base',
    control: isShipped ? file.control : [], end: isShipped ? file.end : [],
    sampling: { ...file.sampling, stop: [] }, label: file.label && options.label,
    ...(file.avatar ? { avatar: resolve(folder, file.avatar) } : {}),
  };
}

const versionOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 8);
