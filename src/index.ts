/** Starts everything in order, stops it in reverse. Read this first. */
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { createBot } from './bot.ts';
import { loadCommands } from './command/load.ts';
import { secrets } from './config.ts';
import { createEngine } from './engine/client.ts';
import { openHealth } from './health.ts';
import { createLog, createRedactor } from './log.ts';
import { createMetrics } from './metrics.ts';
import { onCrash, onStop } from './start/endings.ts';
import { pendingOver } from './start/pending.ts';
import { openPlatforms } from './start/platforms.ts';
import { readSettings } from './start/settings.ts';
import { shelfOver } from './start/shelf.ts';
import { loadVoices } from './start/voices.ts';
import { welcome } from './start/welcome.ts';
import { offerWizard } from './start/wizard.ts';
import { openDatabase } from './storage/database.ts';
import { tidyDeliveries } from './storage/deliveries.ts';
import { claimInstance } from './storage/instance.ts';
import { registerPersonas } from './storage/personas.ts';

const grace = 5_000; // milliseconds that answers get to end when the bot stops
const endings = onCrash((text) => text); // until the secrets are known

await offerWizard();
const config = readSettings();
const redact = createRedactor(secrets.map((name) => config[name]));
endings.redact(redact);
const log = createLog(config.LOG_LEVEL, redact);
const metrics = createMetrics();

const db = await openDatabase(config.DATABASE_URL);
const claim = await claimInstance(db, () => endings.stop('another bot took over this database', 3));
await tidyDeliveries(db);

const personas = await loadVoices(config, (line) => { process.stderr.write(`${line}\n`); });
await registerPersonas(db, personas.map(({ id, title, baseName, version }) => ({ id, title, base: baseName, version })));
const commands = await loadCommands();
const engine = createEngine({
  device: config.DEVICE, memory: config.ENGINE_MEMORY ?? totalmem() / 2, threads: config.ENGINE_THREADS ?? Math.min(4, availableParallelism()), cache: join(config.MODELS_FOLDER, 'cache'),
  rows: config.ENGINE_ROWS, queueLimit: config.QUEUE_LIMIT, warn: (message, facts) => log.warn(facts, message),
});

const states = (): Record<string, string> => Object.fromEntries(platforms.map((platform) => [platform.name, platform.state()]));
const bot = createBot({
  engine, personas, commands, shelf: shelfOver(db), usualPersona: config.PERSONA, contextLifetime: config.CONTEXT_MINUTES * 60_000, platforms: states,
  limits: { person: config.PERSON_LIMIT, personPerMinute: config.PERSON_PER_MINUTE, chat: config.CHAT_LIMIT },
  report: (id, scene, cause) => { metrics.count('bugs'); log.error({ id, ...scene, cause }, 'a bug'); },
});
const platforms = await openPlatforms({
  config, bot, log, metrics, pending: (platform) => pendingOver(db, platform), welcome: welcome(personas, config), ended: () => endings.stop('', 0), failed: (cause) => endings.crash(cause),
});
const health = config.HEALTH_PORT > 0 ? await openHealth({ port: config.HEALTH_PORT, engine, platforms: states, metrics, redact }) : undefined;

onStop(endings, async () => {
  await Promise.all(platforms.map((platform) => platform.stop(grace)));
  health?.close();
  await engine.stop();
  await claim.release();
  await db.$disconnect();
});
for (const platform of platforms) await platform.listen();
log.info({ platforms: platforms.map(({ name }) => name), personas: personas.length }, 'ready');
