/** The bot without a network, a model or a database: one Incoming in, one Reply out. */
import { describe, expect, it } from 'vitest';
import { createBot, type BotOptions, type Shelf } from '../../src/bot.ts';
import { collect } from '../../src/chat/collect.ts';
import { loadCommands } from '../../src/command/load.ts';
import type { Incoming, Role } from '../../src/command.ts';
import type { Engine, Event, Request } from '../../src/engine/protocol.ts';
import { UserError } from '../../src/errors.ts';
import type { Persona } from '../../src/persona/persona.ts';

const commands = await loadCommands();
const persona = (id: string, title: string, more: Partial<Persona> = {}): Persona => ({
  id, title, line: { es: `línea de ${id}`, en: `line of ${id}` }, sample: 'una muestra', kind: 'speech', language: 'es', base: '/base', baseName: 'models/base', isWhole: false, adapter: `/adapters/${id}`, version: 'abcdef01', control: ['<|startoftext|>'], end: [],
  templates: { title: '{topic}\n\n', reply: '— {topic}\n\n—', bare: '', context: true }, label: true, sources: [],
  sampling: { temperature: 0.8, topK: 50, topP: 0.95, minP: 0, repetitionPenalty: 1, noRepeatNgram: 0, minNew: 0, maxNew: 100, stop: [], candidates: 1 }, ...more,
});
const personas = [persona('quijote', 'Don Quijote'), persona('martin_fierro', 'Martín Fierro', { kind: 'lyrics' }), persona('sonetos', 'Sonetos', { version: 'base' })];

function shelf(): Shelf & { chosen: Map<string, string>; records: object[]; ballots: object[] } {
  const [claimed, chosen, records, ballots] = [new Set<string>(), new Map<string, string>(), [] as object[], [] as object[]];
  return {
    chosen, records, ballots,
    claim: async (delivery) => !claimed.has(delivery) && Boolean(claimed.add(delivery)),
    personaOf: async (chat) => chosen.get(chat), choose: async (chat, id) => { chosen.set(chat, id); },
    move: async (from, to) => { chosen.set(to, chosen.get(from) ?? ''); }, forget: async (chat) => { chosen.delete(chat); },
    record: async (record) => { records.push(record); }, vote: async (vote) => { ballots.push(vote); }, votes: async () => [],
  };
}
type Script = (request: Request, signal?: AbortSignal) => AsyncIterable<Event>;
async function* words(...parts: string[]): AsyncGenerator<Event> {
  yield { type: 'started', promptTokens: 3 };
  for (const [index, text] of parts.entries()) yield { type: 'words', text, tokens: index + 1 };
  yield { type: 'end', finish: 'stop', tokens: parts.length, milliseconds: 1, dropped: 0 };
}
function start(script: Script = () => words('En un lugar. ', 'De la Mancha. '), options: Partial<BotOptions> = {}) {
  const requests: Request[] = [];
  const bugs: unknown[][] = [];
  const kept = shelf();
  const engine: Engine = {
    generate: (request, { signal }) => { requests.push(request); return script(request, signal); },
    status: async () => ({ state: 'ready', device: 'cpu', deviceReason: '', running: 0, queued: 0, capacity: 100, tokensPerSecond: 612, bases: [], memory: 2e8, restarts: 0 }), stop: async () => undefined,
  };
  const bot = createBot({ engine, personas, commands, shelf: kept, usualPersona: 'quijote', limits: { person: 2, personPerMinute: 5, chat: 3 }, contextLifetime: 60_000, platforms: () => ({ terminal: 'open' }), report: (...bug) => bugs.push(bug), ...options });
  return { bot, requests, bugs, kept };
}
let deliveries = 0;
interface Who { role?: Role; person?: string; chat?: string; group?: boolean; language?: 'es' | 'en'; delivery?: string }
const arrival = ({ role = 'anyone', person = 'telegram:1', chat = 'telegram:9', group = false, language = 'es', delivery = String(++deliveries) }: Who = {}) => ({ platform: 'telegram' as const, delivery, chat: { id: chat, group, language }, person: { id: person, name: 'Ana', language, role } });
const line = (text: string, who?: Who): Incoming => { const [, name = '', rest = ''] = /^\/(\S+)\s*(.*)$/.exec(text) ?? []; return { ...arrival(who), kind: 'command', name, options: {}, line: rest }; };
const say = (text: string, who?: Who): Incoming => ({ ...arrival(who), kind: 'mention', text });
const press = (button: string, who?: Who): Incoming => ({ ...arrival(who), kind: 'button', button });
type Started = ReturnType<typeof start>;
const ask = async ({ bot }: Started, incoming: Incoming, signal = new AbortController().signal) => collect((await bot.answer(incoming, { signal })) ?? '(silence)');

describe('an answer', () => {
  it('comes with its facts, its label and its buttons, and is recorded without a word of it', async () => {
    const started = start();
    const { text, label, told, buttons } = await ask(started, say('¿quién eres?'));
    expect(text).toBe('En un lugar. De la Mancha.');
    expect(label).toBe('imitación generada por una máquina');
    expect(told).toMatchObject({ persona: 'quijote', version: 'abcdef01', finish: 'stop', tokens: 2 });
    expect(buttons.map((button) => button.label)).toEqual(['otra', 'sigue', 'de dónde', '👍', '👎']);
    expect(Math.max(...buttons.map(({ id }) => Buffer.byteLength(id)))).toBeLessThanOrEqual(64);
    expect(JSON.stringify(started.kept.records)).not.toMatch(/Mancha|quién eres/);
    expect(started.kept.records).toMatchObject([{ persona: 'quijote', seed: told?.seed, tokens: 2 }]);
  });
  it('is not given twice to the same delivery', async () => {
    const started = start();
    await ask(started, say('hola', { delivery: 'same' }));
    expect((await ask(started, say('hola', { delivery: 'same' }))).text).toBe('(silence)');
  });
  it('shows its place in the queue until its turn comes', async () => {
    const { text } = await ask(start(async function* () { yield { type: 'place', place: 3 }; yield { type: 'place', place: 1 }; yield* words('Al fin. '); }), say('hola'));
    expect(text).toBe('Al fin.');
  });
  it('that is never labelled where the operator says so', async () => {
    expect((await ask(start(undefined, { personas: [persona('quijote', 'Don Quijote', { label: false })] }), say('hola'))).label).toBe('');
  });
  it('that comes to nothing says so', async () => expect((await ask(start(() => words()), say('hola'))).text).toMatch(/no se le ocurrió nada/));
});

describe('context', () => {
  it('is what was said to the bot here and what it answered, and /reinicia forgets it', async () => {
    const started = start();
    await ask(started, say('primera'));
    await ask(started, say('ajena', { chat: 'telegram:10' }));
    await ask(started, say('segunda'));
    const textOf = (index: number): string => started.requests[index]?.prompt.map((segment) => ('text' in segment ? segment.text : '')).join('') ?? '';
    expect(textOf(2)).toBe('— Primera\n\n—En un lugar. De la Mancha.\n\n— Segunda\n\n—');
    await ask(started, line('/reinicia'));
    await ask(started, say('tercera'));
    expect(textOf(3)).toBe('— Tercera\n\n—');
  });
  it('goes first, oldest first, when the window is full', async () => {
    const started = start();
    await ask(started, say('primera'));
    await ask(started, say('segunda'));
    const drops = started.requests[1]?.prompt.flatMap((segment) => ('drop' in segment && segment.drop !== undefined ? [segment.drop] : []));
    expect(drops).toEqual([2, 1]);
  });
  it('expires', async () => {
    let now = 0;
    const started = start(undefined, { now: () => now });
    await ask(started, say('primera'));
    now = 61_000;
    await ask(started, say('segunda'));
    expect(started.requests[1]?.prompt).toHaveLength(2);
  });
});

describe('commands', () => {
  it('are understood by their Spanish and English names, accents or not', async () => { for (const name of ['cancion', 'canción', 'song', 'Cancion']) expect((await ask(start(), line(`/${name} quijote`))).failed, name).toBeUndefined(); });
  it('that are unknown say what there is, and the nearest', async () => expect((await ask(start(), line('/cansion'))).text).toMatch(/¿Querías decir \/cancion\?.*\/habla/));
  it('for an unknown persona say who there is, and the nearest, in the person’s language', async () => {
    expect((await ask(start(), line('/song fiero', { language: 'en' })))).toMatchObject({ failed: 'person', text: 'I do not know “fiero”. Did you mean martin_fierro? There are: quijote, martin_fierro, sonetos' });
  });
  it('set a chat’s persona; in a group only its administrators may', async () => {
    const started = start();
    expect((await ask(started, line('/persona martin_fierro', { group: true }))).text).toMatch(/administrador/);
    await ask(started, line('/persona martin_fierro', { group: true, role: 'administrator' }));
    expect((await ask(started, say('hola'))).told?.persona).toBe('martin_fierro');
  });
  it('show who speaks from the base', async () => expect((await ask(start(), line('/personas'))).text).toMatch(/Sonetos[^]*habla desde la base models\/base/));
  it('say how the bot is', async () => expect((await ask(start(), line('/estado'))).text).toMatch(/listo en cpu[^]*0 de 100[^]*612 tokens por segundo/));
  it.each(commands.map(({ name }) => name))('/%s answers in both languages without a bug', async (name) => {
    const started = start();
    for (const language of ['es', 'en'] as const) expect((await ask(started, line(`/${name} quijote`, { language, role: 'operator' }))).text).not.toBe('');
    expect(started.bugs).toEqual([]);
  });
});

describe('buttons', () => {
  const idOf = (buttons: readonly { id: string; label: string }[], label: string): string => buttons.find((button) => button.label === label)?.id ?? '';
  it('make it again with another seed, go on, and tell where it came from', async () => {
    const started = start();
    const { buttons, told } = await ask(started, say('hola'));
    const again = await ask(started, press(idOf(buttons, 'otra')));
    expect(again.told?.seed).not.toBe(told?.seed);
    await ask(started, press(idOf(buttons, 'sigue')));
    expect(JSON.stringify(started.requests[2]?.prompt)).toContain('De la Mancha.');
    expect((await ask(started, press(idOf(buttons, 'de dónde')))).text).toMatch(new RegExp(`quijote.*versión abcdef01[^]*Semilla: ${told?.seed}`));
  });
  it('belong to whoever asked, votes apart', async () => {
    const started = start();
    const { buttons } = await ask(started, say('hola'));
    expect(await ask(started, press(idOf(buttons, 'otra'), { person: 'telegram:2' }))).toMatchObject({ failed: 'person', text: expect.stringMatching(/es de quien pidió/) });
    await ask(started, press(idOf(buttons, '👎'), { person: 'telegram:2' }));
    expect(started.kept.ballots).toMatchObject([{ person: 'telegram:2', persona: 'quijote', version: 'abcdef01', value: -1 }]);
  });
  it('of an answer that is no longer remembered say so', async () => expect((await ask(start(), press('1|otra|deadbeef|1'))).text).toMatch(/ya no la recuerdo/));
  it('that no version of the bot made are not believed', async () => { for (const id of ['', 'x', '2|otra|a|1', '1|borra|a|1', '1|otra|a|1|más']) expect((await ask(start(), press(id))).failed, id).toBe('person'); });
  it('/otra and /sigue without an answer say so', async () => { for (const name of ['otra', 'sigue']) expect((await ask(start(), line(`/${name}`))).text).toMatch(/Todavía no te he contestado/); });
});

describe('limits', () => {
  /** Writes until it is stopped. */
  const endless: Script = async function* (_, signal) {
    yield { type: 'started', promptTokens: 1 };
    yield { type: 'words', text: 'Y sigue. ', tokens: 1 };
    await new Promise((resolve) => { if (signal?.aborted) resolve(undefined); signal?.addEventListener('abort', resolve, { once: true }); });
    yield { type: 'end', finish: 'cancel', tokens: 1, milliseconds: 1, dropped: 0 };
  };
  it('of answers at once: /para frees the place', async () => {
    const started = start(endless);
    const running = [ask(started, say('uno')), ask(started, say('dos'))];
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await ask(started, say('tres'))).text).toMatch(/Ya te estoy escribiendo 2 respuestas/);
    expect((await ask(started, line('/para'))).text).toBe('Parado.');
    expect((await Promise.all(running)).map(({ told }) => told?.finish)).toEqual(['cancel', 'cancel']);
  });
  it('of a minute say how long to wait; operators have none', async () => {
    let now = 0;
    const started = start(undefined, { now: () => now });
    for (let count = 0; count < 5; count++) { now += 1000; expect((await ask(started, say('hola'))).failed).toBeUndefined(); }
    expect((await ask(started, say('otra'))).text).toMatch(/espera 56 segundos/);
    expect((await ask(started, say('otra', { role: 'operator' }))).failed).toBeUndefined();
  });
});

describe('what goes wrong', () => {
  it('by a bug is apologised for with an id, and logged without anybody’s words', async () => {
    const started = start(async function* () { yield* words('Empiezo. '); throw new Error('kaboom'); });
    const { text, failed } = await ask(started, say('mi secreto'));
    const id = String(started.bugs[0]?.[0]);
    expect(failed).toBe('bug');
    expect(text).toContain(id);
    expect(text).not.toContain('kaboom');
    expect(JSON.stringify(started.bugs[0]?.[1])).not.toContain('secreto');
  });
  it('by a full queue is told at once', async () => expect((await ask(start(() => { throw new UserError({ es: 'llena', en: 'full' }); }), say('hola'))).text).toBe('llena'));
  it('by an empty mention is explained', async () => expect((await ask(start(), say('  '))).text).toMatch(/sin decirme nada/));
});

it('completes personas from memory, at most 25', () => {
  const { bot } = start(undefined, { personas: Array.from({ length: 60 }, (_, index) => persona(`voz_${index}`, `Voz ${index}`)) });
  expect(bot.complete({ command: 'cancion', option: 'artista', typed: '', language: 'es' })).toHaveLength(25);
  expect(bot.complete({ command: 'song', option: 'artist', typed: 'voz 59', language: 'en' })).toEqual([{ name: 'Voz 59', value: 'voz_59' }]);
  expect(bot.complete({ command: 'cancion', option: 'tema', typed: 'v', language: 'es' })).toEqual([]);
});
