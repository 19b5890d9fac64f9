/** Which platforms a configuration asks for; each is loaded only then, since their libraries take their time. */
import type { Bot, Language } from '../command.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Persona } from '../persona/persona.ts';
import type { Pending, Platform } from '../chat/platform.ts';
import { createTerminal } from '../chat/terminal.ts';
import { welcome } from './welcome.ts';

export interface PlatformOptions {
  readonly config: Config;
  readonly bot: Bot;
  readonly personas: readonly Persona[];
  readonly pending: (platform: string) => Pending;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly language: Language; // the terminal's
  /** Nothing is left to listen to. */
  readonly ended: () => void;
  /** A platform gave up for good. */
  readonly failed: (cause: unknown) => void;
}

/** Whether the terminal is the only door, and whether a person sits there: with tokens it is a door for a person only. */
const doors = ({ DISCORD_TOKEN, TELEGRAM_TOKEN }: Config): { readonly isAlone: boolean; readonly isInteractive: boolean } => ({ isAlone: !DISCORD_TOKEN && !TELEGRAM_TOKEN, isInteractive: process.stdin.isTTY === true && process.stdout.isTTY === true });

/** Nobody wants to read «ready» between two verses. */
export const usualLogLevel = (config: Config): string => (doors(config).isAlone && doors(config).isInteractive ? 'warn' : 'info');

export async function openPlatforms({ config, bot, personas, pending, log, metrics, language, ended, failed }: PlatformOptions): Promise<Platform[]> {
  const shared = { config, bot, log, metrics, failed };
  const { isAlone, isInteractive } = doors(config);
  const platforms: Platform[] = [];
  if (config.DISCORD_TOKEN) platforms.push((await import('../chat/discord.ts')).createDiscord({ ...shared, token: config.DISCORD_TOKEN, pending: pending('discord') }));
  if (config.TELEGRAM_TOKEN) platforms.push((await import('../chat/telegram.ts')).createTelegram({ ...shared, token: config.TELEGRAM_TOKEN, pending: pending('telegram') }));
  if (isAlone || isInteractive) {
    platforms.push(createTerminal({
      bot, input: process.stdin, output: process.stdout, isInteractive, json: process.argv.includes('--json'), language, welcome: welcome(personas, config, language),
      left: ended, ended: () => { if (isAlone) ended(); },
    }));
  }
  return platforms;
}
