/** The first run: asks for tokens and operators, writes .env for its owner alone, prints the invite links. One key skips it. */
import { existsSync, writeFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { settings, terminalLanguage } from '../config.ts';
import type { Language, Words } from '../errors.ts';
import { askLine, pressKey, type Keyboard } from './keys.ts';

export interface WizardOptions {
  readonly file: string; // .env
  readonly environment: NodeJS.ProcessEnv;
  readonly input: Keyboard & { readonly isTTY?: boolean };
  readonly output: Writable & { readonly isTTY?: boolean };
}
/** What a platform said of a token: its links, or what is wrong with it. */
type Verdict = { readonly links: Words } | { readonly fault: Words; readonly isReachable: boolean };
interface Question { readonly name: 'DISCORD_TOKEN' | 'TELEGRAM_TOKEN'; readonly ask: Words; check(token: string): Promise<Verdict> }

const offer: Words = {
  es: 'Aún no hay .env: sin él hablo solo aquí, en la terminal.\n  Intro o Esc: empezar a hablar    c: conectarme a Discord o Telegram (tres preguntas)\n',
  en: 'There is no .env yet: without it I talk here only, in the terminal.\n  Enter or Esc: start talking    c: connect me to Discord or Telegram (three questions)\n',
};
const operators: Words = {
  es: 'Tu id, para que sepa quién manda: discord:123 (Ajustes → Avanzado → Modo desarrollador → Copiar ID) o telegram:456 (lo dice t.me/userinfobot); varios, con comas. Intro: nadie.',
  en: 'Your id, so that I know who is in charge: discord:123 (Settings → Advanced → Developer mode → Copy ID) or telegram:456 (t.me/userinfobot tells it); several, with commas. Enter: nobody.',
};
const noIds: Words = { es: 'Esperaba ids como discord:123 o telegram:456.', en: 'I expected ids such as discord:123 or telegram:456.' };
const unchecked: Words = { es: 'No he podido comprobarlo (no hay conexión con el servidor): lo anoto como está.', en: 'I could not check it (the server is out of reach): I write it down as it is.' };
const again: Words = { es: 'Prueba otra vez, o Intro para dejarlo.', en: 'Try again, or Enter to leave it.' };
const written = (file: string): Words => ({ es: `He escrito ${file}, que solo tú puedes leer.`, en: `I wrote ${file}, which only you can read.` });

/** Offers itself where a person sits, nothing is configured and there is no file yet. */
export async function offerWizard(options: WizardOptions): Promise<void> {
  const { file, environment, input, output } = options;
  const isConfigured = environment['DISCORD_TOKEN'] || environment['TELEGRAM_TOKEN'] || existsSync(file);
  if (isConfigured || input.isTTY !== true || output.isTTY !== true) return;
  const language = terminalLanguage(environment, 'es');
  output.write(offer[language]);
  if ((await pressKey(input)) !== 'c') return;
  await interview(options, language);
}

async function interview({ file, environment, input, output }: WizardOptions, language: Language): Promise<void> {
  const say = (words: Words): void => { output.write(`${words[language]}\n`); };
  const lines: string[] = [];
  for (const question of questions(environment)) {
    say(question.ask);
    const token = await askUntil(() => askLine(input), say, (typed) => complaintAbout(typed, question, say));
    if (token !== '') lines.push(`${question.name}=${token}`);
  }
  if (lines.length === 0) return;
  say(operators);
  const ids = await askUntil(() => askLine(input, output), say, async (typed) => (settings.shape.OPERATORS.safeParse(typed).success ? undefined : noIds));
  if (ids !== '') lines.push(`OPERATORS=${ids}`);
  writeFileSync(file, `# .env.example explains every setting.\n${lines.join('\n')}\n`, { mode: 0o600, flag: 'wx' });
  say(written(file));
}

type Complaint = (typed: string) => Promise<Words | undefined>;

/** Asks until nothing is wrong. */
async function askUntil(ask: () => Promise<string>, say: (words: Words) => void, complaint: Complaint): Promise<string> {
  for (;;) {
    const typed = await ask();
    const wrong = await complaint(typed);
    if (wrong === undefined) return typed;
    say(wrong);
    say(again);
  }
}

/** A token should be well formed, and its platform should know it or be out of reach; none is fine too. */
async function complaintAbout(token: string, { name, check }: Question, say: (words: Words) => void): Promise<Words | undefined> {
  if (token === '') return undefined;
  const { error } = settings.shape[name].safeParse(token);
  if (error) return { es: `No tiene la forma de un ${name}.`, en: `It does not look like a ${name}: expected ${error.issues[0]?.message ?? ''}.` };
  const verdict = await check(token);
  if ('fault' in verdict && verdict.isReachable) return verdict.fault;
  say('links' in verdict ? verdict.links : unchecked);
  return undefined;
}

const questions = ({ DISCORD_API_URL, TELEGRAM_API_ROOT }: NodeJS.ProcessEnv): readonly Question[] => [{
  name: 'DISCORD_TOKEN',
  ask: { es: 'Token del bot de Discord (discord.com/developers → tu aplicación → Bot → Reset Token). No se verá al pegarlo. Intro: sin Discord.', en: 'Token of the Discord bot (discord.com/developers → your application → Bot → Reset Token). It will not show when you paste it. Enter: no Discord.' },
  async check(token) {
    const { checkDiscord } = await import('../chat/discord/check.ts');
    const found = await checkDiscord(token, DISCORD_API_URL || settings.parse({}).DISCORD_API_URL);
    if (!found.isValid) return { isReachable: found.isReachable, fault: { es: 'Discord no conoce ese token.', en: 'Discord does not know that token.' } };
    return { links: { es: `Es de ${found.name}. Invítalo a tu servidor: ${found.invite}`, en: `It belongs to ${found.name}. Invite it to your server: ${found.invite}` } };
  },
}, {
  name: 'TELEGRAM_TOKEN',
  ask: { es: 'Token del bot de Telegram (t.me/BotFather → /newbot). No se verá al pegarlo. Intro: sin Telegram.', en: 'Token of the Telegram bot (t.me/BotFather → /newbot). It will not show when you paste it. Enter: no Telegram.' },
  async check(token) {
    const { checkTelegram } = await import('../chat/telegram/check.ts');
    const found = await checkTelegram(token, TELEGRAM_API_ROOT || settings.parse({}).TELEGRAM_API_ROOT);
    if (!found.isValid) return { isReachable: found.isReachable, fault: { es: 'Telegram no conoce ese token.', en: 'Telegram does not know that token.' } };
    return { links: { es: `Es @${found.username}. Háblale en ${found.link}, o llévalo a un grupo: ${found.groupLink}`, en: `It is @${found.username}. Talk to it at ${found.link}, or take it to a group: ${found.groupLink}` } };
  },
}];
