/** Models and personas: is everything that ships as it was shipped, and does the rest load. Downloads nothing. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Config } from '../../src/config.ts';
import { loadPersonas } from '../../src/persona/load.ts';
import { fail, ok, warn, type Check } from './check.ts';

export const sumsFile = 'models/SHA256SUMS';

/** The lines of `sha256sum`: a hash, two spaces, a path. */
export const readSums = (): { readonly hash: string; readonly path: string }[] => readFileSync(sumsFile, 'utf8').trim().split('\n').map((line) => ({ hash: line.slice(0, 64), path: line.slice(66) }));

export async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

export async function checkSums(): Promise<Check> {
  const sums = readSums();
  const states = await Promise.all(sums.map(async ({ hash, path }) => (!existsSync(path) ? `${path} is missing` : (await hashOf(path)) === hash ? '' : `${path} was changed`)));
  const wrong = states.filter(Boolean);
  return wrong.length === 0 ? ok('models', `${sums.length} shipped files as they should be`) : fail('models', wrong.join('; '), `bring them back: git checkout -- ${wrong.map((state) => state.split(' ')[0]).join(' ')}`);
}

const localFolder = (name: string, models: string): string | undefined => [name, resolve(models, name.replace('/', '--'))].find((folder) => existsSync(join(folder, 'config.json')));

export function checkBase({ BASE_MODEL, MODELS_FOLDER }: Config): Check {
  const folder = localFolder(BASE_MODEL, MODELS_FOLDER);
  return folder === undefined ? warn('base', `${BASE_MODEL} is not on this machine`, `npm run fetch -- ${BASE_MODEL} brings it; else the first start does`) : ok('base', `${BASE_MODEL} in ${folder}`);
}

export async function checkPersonas({ BASE_MODEL, MODELS_FOLDER, PERSONAS_FOLDER, PERSONA, LABEL }: Config): Promise<Check> {
  const absent = new Set<string>();
  const find = async (name: string): Promise<string> => { const folder = localFolder(name, MODELS_FOLDER); if (folder === undefined) absent.add(name); return folder ?? name; };
  const personas = await loadPersonas({ folder: resolve(PERSONAS_FOLDER), adapters: join(resolve(MODELS_FOLDER), 'adapters'), base: { folder: await find(BASE_MODEL), name: BASE_MODEL }, shippedBase: resolve('models/base'), label: LABEL, resolveModel: find });
  if (!personas.some(({ id }) => id === PERSONA)) return fail('personas', `PERSONA=${PERSONA} is none of ${personas.map(({ id }) => id).join(', ')}`, 'correct PERSONA in .env');
  const untrained = personas.filter(({ adapter, isWhole }) => adapter === undefined && !isWhole).map(({ id }) => id);
  const detail = `${personas.length} load${untrained.length > 0 ? `; without a trained voice: ${untrained.join(', ')}` : ''}`;
  return absent.size > 0 ? warn('personas', detail, `the next start downloads ${[...absent].join(', ')}`) : ok('personas', detail);
}
