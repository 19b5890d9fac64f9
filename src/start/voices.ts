/** Resolves the base, downloads what personas name, loads the personas. */
import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { SetupError } from '../errors.ts';
import { resolveModel } from '../model/hub.ts';
import { loadPersonas } from '../persona/load.ts';
import type { Persona } from '../persona/persona.ts';

export type Tell = (line: string) => void;

/** @throws SetupError naming the model or the persona's folder at fault. */
export async function loadVoices(config: Config, tell: Tell): Promise<Persona[]> {
  const hub = { endpoint: config.HF_ENDPOINT, models: resolve(config.MODELS_FOLDER), ...(config.HF_TOKEN ? { token: config.HF_TOKEN } : {}), onProgress: progressTo(tell) };
  const base = { folder: await resolveModel(config.BASE_MODEL, hub), name: config.BASE_MODEL };
  const personas = await loadPersonas({
    folder: resolve(config.PERSONAS_FOLDER), adapters: join(resolve(config.MODELS_FOLDER), 'adapters'), base, shippedBase: resolve('models/base'), label: config.LABEL,
    resolveModel: (name) => resolveModel(name, hub),
  });
  const ids = personas.map(({ id }) => id);
  if (!ids.includes(config.PERSONA)) throw new SetupError(`PERSONA: expected one of ${ids.join(', ')}, got ${config.PERSONA}`);
  return personas;
}

/** A line at every tenth of a file of some size. */
export function progressTo(tell: Tell) {
  const told = new Map<string, number>();
  return ({ file, received, total }: { file: string; received: number; total: number | undefined }): void => {
    if (total === undefined || total < 1e6) return;
    const tenth = Math.floor((10 * received) / total);
    if ((told.get(file) ?? -1) >= tenth) return;
    told.set(file, tenth);
    tell(`${file.split(/[\\/]/).slice(-2).join('/')}: ${10 * tenth} % of ${(total / 1e6).toFixed(0)} MB`);
  };
}
