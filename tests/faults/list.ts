/** The faults: what a hurried hand might do, and where somebody should notice. */
import type { Fault } from './plant.ts';
import { telegramFaults } from './telegram.ts';

const discord = ['tests/chat/discord.test.ts'];
const deliver = ['tests/chat/deliver.test.ts'];
const bot = ['tests/bot/bot.test.ts'];

export const faults: readonly Fault[] = [
  { name: 'a slash command is not deferred', file: 'src/chat/discord/handlers.ts', find: "const deferred = acknowledge(() => interaction.deferReply(isPrivate ? { flags: MessageFlags.Ephemeral } : {}));", replace: 'const deferred = true;', tests: discord, only: 'is acknowledged before' },
  { name: 'a button is not acknowledged', file: 'src/chat/discord/handlers.ts', find: 'if (!(await acknowledge(() => interaction.deferUpdate()))) return;', replace: '', tests: discord, only: 'is acknowledged at once' },
  { name: 'a message sent again stands twice', file: 'src/chat/discord/sinks.ts', find: 'nonce: key, enforceNonce: true', replace: 'nonce: key', tests: discord, only: 'dropped after' },
  { name: 'a dropped connection is not tried again', file: 'src/chat/discord/retry.ts', find: 'if (attempt === attempts || !isPassing(cause)) throw cause;', replace: 'throw cause;', tests: discord, only: 'a dropped connection' },
  { name: 'answers may ping everybody', file: 'src/chat/discord/render.ts', find: 'allowedMentions: { parse: [], repliedUser: false } });', replace: "allowedMentions: { parse: ['everyone', 'users'] as const, repliedUser: true } });", tests: discord, only: 'is split at' },
  { name: 'a message may be longer than Discord takes', file: 'src/chat/discord/render.ts', find: 'export const textLimit = 2000;', replace: 'export const textLimit = 4000;', tests: discord, only: 'is split at' },
  { name: 'bots are answered', file: 'src/chat/discord/incoming.ts', find: 'author.bot || ', replace: '', tests: discord, only: 'is not taken from bots' },
  { name: 'a private command is answered in public', file: 'src/chat/discord/handlers.ts', find: 'isPrivate ? { flags: MessageFlags.Ephemeral } : {}', replace: '{}', tests: discord, only: 'answers only the person' },
  { name: 'commands are registered at every start', file: 'src/chat/discord/commands.ts', find: 'return false;\n  await rest.put', replace: 'void 0;\n  await rest.put', tests: discord, only: 'names and describes' },
  { name: 'message content is asked for', file: 'src/chat/discord.ts', find: 'GatewayIntentBits.DirectMessages]', replace: 'GatewayIntentBits.DirectMessages, GatewayIntentBits.MessageContent]', tests: discord, only: 'no privileged intent' },
  { name: 'a restart leaves «thinking…» standing', file: 'src/chat/discord.ts', find: 'track(apologise(ready, left, options.pending, log));', replace: '', tests: discord, only: 'a restart ends' },
  { name: 'a server that expelled the bot is remembered', file: 'src/chat/discord.ts', find: "packet.t === 'GUILD_DELETE'", replace: "packet.t === 'GUILD_REMOVE'", tests: discord, only: 'being removed' },
  { name: 'the last words are not shown', file: 'src/chat/deliver.ts', find: '    await screen.settle();\n', replace: '', tests: deliver },
  { name: 'edits follow each other without rest', file: 'src/chat/deliver.ts', find: 'await rest(last + sink.interval - performance.now());', replace: '', tests: deliver },
  { name: 'a code fence is left open at a cut', file: 'src/chat/split.ts', find: 'return [head + closing,', replace: 'return [head,', tests: ['tests/chat/split.test.ts'] },
  { name: 'a delivery is answered each time it comes', file: 'src/bot.ts', find: "if (incoming.kind !== 'inline' && !(await shelf.claim(`${incoming.platform}:${incoming.delivery}`))) return undefined;", replace: '', tests: bot },
  { name: 'anybody may press anybody’s buttons', file: 'src/bot/buttons.ts', find: "owner === '*' || owner === person.replace(/^\\w+:/, '');", replace: "owner !== '' || person !== '';", tests: bot },
  { name: 'chats share their context', file: 'src/bot/memory.ts', find: 'turns: (chat: string): readonly Turn[] => memory.get(chat) ?? [],', replace: "turns: (_chat: string): readonly Turn[] => memory.get('telegram:10') ?? [],", tests: bot },
  { name: 'the prompt is kept in the database', file: 'src/bot/speak.ts', find: 'prompt: hashPrompt(prompt) });', replace: 'prompt: JSON.stringify(prompt) });', tests: bot },
  { name: 'a place in the making is never given back', file: 'src/bot.ts', find: 'finally { leave(); writing.delete(own); }', replace: 'finally { writing.delete(own); }', tests: bot },
  { name: 'a bug is told to people as it is', file: 'src/bot/failures.ts', find: 'return { text: apology(id)[language], failed: \'bug\' };', replace: "return { text: String(cause), failed: 'bug' };", tests: bot },
  { name: 'an answer is not labelled', file: 'src/bot/speak.ts', find: "if (persona.label && told.text !== '') yield { label: label[language] };", replace: '', tests: bot },
  { name: 'text of people becomes control tokens', file: 'src/engine/tokenizer.ts', find: '{ spelled = false } = {}', replace: '{ spelled = true } = {}', tests: ['tests/engine/tokenizer.test.ts'] },
  { name: 'a song is cut in the middle of a line', file: 'src/persona/finish.ts', find: "finish === 'length' || writer.isComplete ? '' : writer.line(held.trim());", replace: "writer.isComplete ? '' : writer.line(held.trim());", tests: ['tests/persona/finish.test.ts'] },
  { name: 'the hub’s token goes to another host', file: 'src/model/download.ts', find: '...(token && isHome ?', replace: '...(token ?', tests: ['tests/model/hub.test.ts'] },
  ...telegramFaults,
];
