/** Node, memory and disk. */
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import type { Config } from '../../src/config.ts';
import { fail, ok, warn, type Check } from './check.ts';

const gigabyte = 1e9;
/** The bot takes 150 MB and the shipped base in its engine about as much; a GPT-2 of 124 M parameters 500 MB more. */
const memoryWanted = 1 * gigabyte;
const memoryNeeded = 0.4 * gigabyte;
const diskWanted = 2 * gigabyte;
const spell = (bytes: number): string => `${(bytes / gigabyte).toFixed(1)} GB`;

export function checkNode(version = process.versions.node): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19) ? ok('node', `v${version}`) : fail('node', `v${version}`, 'install Node 20.19 or newer (nodejs.org)');
}

export function checkMemory({ ENGINE_MEMORY }: Pick<Config, 'ENGINE_MEMORY'>, free = freemem(), total = totalmem()): Check {
  const detail = `${spell(free)} free of ${spell(total)}; models may take ${spell(ENGINE_MEMORY ?? total / 2)}`;
  if (free < memoryNeeded) return fail('memory', detail, 'end other programs, or take a machine with 1 GB free');
  if (ENGINE_MEMORY !== undefined && ENGINE_MEMORY > total) return warn('memory', detail, 'set ENGINE_MEMORY to less than the machine has');
  return free < memoryWanted ? warn('memory', detail, 'enough for the shipped base; a larger model wants more') : ok('memory', detail);
}

export async function checkDisk({ MODELS_FOLDER }: Pick<Config, 'MODELS_FOLDER'>): Promise<Check> {
  const folder = existsSync(MODELS_FOLDER) ? MODELS_FOLDER : '.';
  const { bavail, bsize } = await statfs(folder);
  const detail = `${spell(bavail * bsize)} free where the models are (${folder})`;
  return bavail * bsize < diskWanted ? warn('disk', detail, 'make room, or set MODELS_FOLDER to a larger disk, before a model is downloaded') : ok('disk', detail);
}
