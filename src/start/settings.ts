/** Reads .env and the environment into the configuration. */
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { distance } from '../bot/nearest.ts';
import { readConfig, secretSettings, settings, type Config } from '../config.ts';

/** What the environment says wins over what .env says. @throws SetupError with every mistake at once. */
export function readSettings(file: string, environment: NodeJS.ProcessEnv): Config {
  const written = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  const config = readConfig({ ...written, ...environment }, misspelt(Object.keys(written), file));
  // From here on no child process and no crash report of Node's own finds them there.
  for (const name of secretSettings) delete environment[name];
  return config;
}

/** Names that are almost a setting's, by one or two letters: others may be meant for other programs. */
function misspelt(names: readonly string[], file: string): string[] {
  const known = Object.keys(settings.shape);
  return names.filter((name) => !known.includes(name)).flatMap((name) => {
    const meant = known.find((one) => distance(name, one) <= 2);
    return meant === undefined ? [] : [`${name}: expected ${meant}, as ${file} holds no setting of that name`];
  });
}
