/** `npm run doctor`: what this installation has and lacks, each line with its remedy. Changes nothing. */
import { SetupError } from '../src/errors.ts';
import { secretsOf, settings, type Config } from '../src/config.ts';
import { createRedactor } from '../src/log.ts';
import { readSettings } from '../src/start/settings.ts';
import { header, runTool } from './document.ts';
import { attempt, fail, ok, type Check } from './doctor/check.ts';
import { checkDatabase } from './doctor/database.ts';
import { deviceChecks } from './doctor/devices.ts';
import { checkDisk, checkMemory, checkNode } from './doctor/machine.ts';
import { checkBase, checkPersonas, checkSums } from './doctor/models.ts';
import { discordChecks, telegramChecks } from './doctor/tokens.ts';

/** With mistakes in it, the rest is looked at with the defaults. */
function configure(): { config: Config; check: Check } {
  try {
    return { config: readSettings('.env', process.env), check: ok('configuration', 'every setting is as it should be') };
  } catch (cause) {
    if (!(cause instanceof SetupError)) throw cause;
    return { config: settings.parse({}), check: fail('configuration', cause.message.split('\n').slice(1, -1).map((line) => line.trim()).join('; '), 'correct these in .env; .env.example explains each setting') };
  }
}

async function examine(config: Config): Promise<Check[]> {
  const groups = [
    attempt('memory', '', () => [checkMemory(config)]),
    attempt('disk', 'check MODELS_FOLDER', async () => [await checkDisk(config)]),
    attempt('database', 'check DATABASE_URL and that the server runs', async () => [await checkDatabase(config)]),
    attempt('models', 'bring them back with git', async () => [await checkSums()]),
    attempt('base', 'check BASE_MODEL', () => [checkBase(config)]),
    attempt('personas', 'correct the file that it names', async () => [await checkPersonas(config)]),
    attempt('discord', 'check DISCORD_API_URL', () => discordChecks(config)),
    attempt('telegram', 'check TELEGRAM_API_ROOT', () => telegramChecks(config)),
    attempt('devices', 'run npm ci again', () => deviceChecks(config)),
  ];
  return (await Promise.all(groups)).flat();
}

const marks = { ok: '✓', warn: '!', fail: '✗' } as const;
const spell = ({ name, status, detail, remedy }: Check): string => `${marks[status]} ${name}: ${detail}${remedy === '' ? '' : `\n    → ${remedy}`}`;

await runTool(async () => {
  const { config, check } = configure();
  const redact = createRedactor(secretsOf(config));
  const found = [checkNode(), check, ...(await examine(config))];
  const checks = found.map((one) => ({ ...one, detail: redact(one.detail), remedy: redact(one.remedy) }));
  return { ...header('doctor'), ok: checks.every(({ status }) => status !== 'fail'), checks };
}, ({ checks }) => checks.map(spell).join('\n'));
