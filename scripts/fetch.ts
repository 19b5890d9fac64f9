/** `npm run fetch -- NAME`: brings a model from the hub before it is needed. */
import { resolve } from 'node:path';
import { SetupError } from '../src/errors.ts';
import { fetchModel } from '../src/model/hub.ts';
import { readSettings } from '../src/start/settings.ts';
import { progressTo } from '../src/start/voices.ts';
import { header, runTool, tell } from './document.ts';

await runTool(async () => {
  const name = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
  if (name === undefined) throw new SetupError('expected a hub name: npm run fetch -- flax-community/gpt-2-spanish');
  const { HF_ENDPOINT, HF_TOKEN, MODELS_FOLDER } = readSettings('.env', process.env);
  const folder = await fetchModel(name, { endpoint: HF_ENDPOINT, models: resolve(MODELS_FOLDER), ...(HF_TOKEN ? { token: HF_TOKEN } : {}), onProgress: progressTo(tell) });
  return { ...header('fetch'), ok: true, name, folder };
}, ({ name, folder }) => `${name} is in ${folder}`);
