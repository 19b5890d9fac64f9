/** Which platforms a configuration asks for; each is loaded only then, since their libraries take their time. */
import type { Bot } from '../command.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Pending, Platform } from '../chat/platform.ts';
import { createTerminal } from '../chat/terminal.ts';

export interface PlatformOptions {
  readonly config: Config;
  readonly bot: Bot;
  readonly pending: (platform: string) => Pending;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly welcome: readonly string[];
  /** Nothing is left to listen to. */
  readonly ended: () => void;
  /** A platform gave up for good. */
  readonly failed: (cause: unknown) => void;
}

export async function openPlatforms({ config, bot, pending, log, metrics, welcome, ended, failed }: PlatformOptions): Promise<Platform[]> {
  const shared = { config, bot, log, metrics, failed };
  const platforms: Platform[] = [];
  if (config.DISCORD_TOKEN) platforms.push((await import('../chat/discord.ts')).createDiscord({ ...shared, token: config.DISCORD_TOKEN, pending: pending('discord') }));
  if (config.TELEGRAM_TOKEN) platforms.push((await import('../chat/telegram.ts')).createTelegram({ ...shared, token: config.TELEGRAM_TOKEN, pending: pending('telegram') }));
  const isAlone = platforms.length === 0;
  const isInteractive = process.stdin.isTTY === true && process.stdout.isTTY === true;
  if (isAlone || isInteractive) {
    platforms.push(createTerminal({ bot, input: process.stdin, output: process.stdout, isInteractive, json: process.argv.includes('--json'), language: config.LANGUAGE, welcome, ended: () => { if (isAlone || isInteractive) ended(); } }));
  }
  return platforms;
}
