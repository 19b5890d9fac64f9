/** Reads .env and the environment into the configuration. */
import { existsSync } from 'node:fs';
import { readConfig, type Config } from '../config.ts';

/** What the environment says wins over what .env says. @throws SetupError with every mistake at once. */
export function readSettings(file = '.env'): Config {
  if (existsSync(file)) process.loadEnvFile(file);
  return readConfig(process.env);
}
