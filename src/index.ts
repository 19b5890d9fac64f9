/** Starts everything in order, stops it in reverse. Read this first. */
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { createBot } from './bot.ts';
import { loadCommands } from './command/load.ts';
import { secretsOf, terminalLanguage } from './config.ts';
import { createEngine } from './engine/client.ts';
import { openHealth } from './health.ts';
import { createLog, createRedactor } from './log.ts';
import { createMetrics } from './metrics.ts';
import { installEndings } from './start/endings.ts';
import { measured } from './start/measured.ts';
import { pendingOver } from './start/pending.ts';
import { openPlatforms, usualLogLevel } from './start/platforms.ts';
import { readSettings } from './start/settings.ts';
import { shelfOver } from './start/shelf.ts';
import { loadVoices } from './start/voices.ts';
import { offerWizard } from './start/wizard.ts';
import { openDatabase } from './storage/database.ts';
import { claimInstance } from './storage/instance.ts';
import { registerPersonas } from './storage/personas.ts';
import { tidyDatabase } from './storage/tidy.ts';

const grace = 5_000; // milliseconds that answers get to end when the bot stops
const endings = installEndings();

await offerWizard({ file: '.env', environment: process.env, input: process.stdin, output: process.stdout });
const config = readSettings('.env', process.env);
const redact = createRedactor(secretsOf(config));
endings.redact(redact);
const log = createLog(config.LOG_LEVEL ?? usualLogLevel(config), redact);
const metrics = createMetrics();

const db = await openDatabase(config.DATABASE_URL);
endings.undo(() => db.$disconnect());
const claim = await claimInstance(db, () => endings.stop('another bot took over this database', 3));
endings.undo(() => claim.release());
await tidyDatabase(db);

const personas = await loadVoices(config, (line) => { process.stderr.write(`${line}\n`); });
await registerPersonas(db, personas.map(({ id, title, baseName, version }) => ({ id, title, base: baseName, version })));
const commands = await loadCommands();
const engine = createEngine({
  device: config.DEVICE, memory: config.ENGINE_MEMORY ?? totalmem() / 2, threads: config.ENGINE_THREADS ?? Math.min(4, availableParallelism()), cache: join(config.MODELS_FOLDER, 'cache'),
  rows: config.ENGINE_ROWS, queueLimit: config.QUEUE_LIMIT, warn: (message, facts) => log.warn(facts, message),
});
endings.undo(() => engine.stop());

const states = (): Record<string, string> => Object.fromEntries(platforms.map((platform) => [platform.name, platform.state()]));
const bot = createBot({
  engine, personas, commands, shelf: shelfOver(db), usualPersona: config.PERSONA, contextLifetime: config.CONTEXT_MINUTES * 60_000, platforms: states,
  limits: { person: config.PERSON_LIMIT, personPerMinute: config.PERSON_PER_MINUTE, chat: config.CHAT_LIMIT },
  report: (id, scene, cause) => { metrics.count('bugs'); log.error({ id, ...scene, cause }, 'a bug'); },
});
const platforms = await openPlatforms({
  config, bot: measured(bot, metrics), personas, log, metrics, language: terminalLanguage(process.env, config.LANGUAGE),
  pending: (platform) => pendingOver(db, platform), ended: () => endings.stop('', 0), failed: (cause) => endings.crash(cause),
});
const health = await openHealth({ port: config.HEALTH_PORT, engine, platforms: states, metrics, redact, log, prompts: { key: claim.holder, find: (id) => bot.answers.get(id)?.prompt } });
endings.undo(async () => health?.close());

endings.undo(() => Promise.all(platforms.map((platform) => platform.stop(grace))));
await Promise.all(platforms.map((platform) => platform.listen()));
log.info({ platforms: platforms.map(({ name }) => name), personas: personas.length }, 'ready');
