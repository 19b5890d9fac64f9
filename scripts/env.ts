/** `npm run -s env > .env.example`: every setting with its meaning and default, as src/config.ts has them. */
import { pathToFileURL } from 'node:url';
import { settings } from '../src/config.ts';

/** A setting with a default stands commented out; one without is there to be filled in. */
export function example(): string {
  const usual = new Map(Object.entries(settings.parse({})));
  const spell = ([name, { description = '' }]: [string, { description?: string | undefined }]): string => `# ${description}\n${spellDefault(name, usual.get(name))}\n`;
  return ['# The settings of Ventrílocuo. Copy this file to .env and fill in what you need; an empty value counts as none.\n# What the environment says wins. Written by `npm run -s env`.\n', ...Object.entries(settings.shape).map(spell)].join('\n');
}

function spellDefault(name: string, usual: unknown): string {
  if (usual === undefined || (Array.isArray(usual) && usual.length === 0)) return `${name}=`;
  return `# ${name}=${typeof usual === 'boolean' ? (usual ? 'yes' : 'no') : String(usual)}`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) process.stdout.write(example());
