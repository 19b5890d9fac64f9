/** `/estado`: queue, model, device, versions, uptime, tokens a second. */
import { defineCommand, type Status } from '../src/command.ts';
import type { Words } from '../src/errors.ts';
import type { Persona } from '../src/persona/persona.ts';

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
const states: Readonly<Record<string, Words>> = { starting: { es: 'arrancando', en: 'starting' }, ready: { es: 'listo', en: 'ready' }, restarting: { es: 'volviendo a arrancar', en: 'restarting' }, stopped: { es: 'parado', en: 'stopped' } };

function spellTime(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
  return [...(days ? [`${days} d`] : []), ...(hours ? [`${hours} h`] : []), `${minutes % 60} min`].join(' ');
}

function lines({ engine, uptime, platforms, votes }: Status, personas: readonly Persona[]): Words[] {
  const speed = Math.round(engine.tokensPerSecond);
  const bases = engine.bases.map(({ folder, parameters }) => `${folder.split(/[\\/]/).at(-1) ?? ''} (${(parameters / 1e6).toFixed(1)} M)`).join(', ');
  const voices = personas.map(({ id, version }) => `${id} ${version}${spellVotes(votes.find(({ persona }) => persona === id))}`).join(' · ');
  const state = states[engine.state] ?? { es: engine.state, en: engine.state };
  return [
    { es: `Motor: ${state.es} en ${engine.device || '…'}, ${megabytes(engine.memory)}${engine.restarts ? `, ${engine.restarts} reinicios` : ''}`, en: `Engine: ${state.en} on ${engine.device || '…'}, ${megabytes(engine.memory)}${engine.restarts ? `, ${engine.restarts} restarts` : ''}` },
    { es: `Cola: ${engine.queued} de ${engine.capacity}; escribiendo ${engine.running}; ${speed || '–'} tokens por segundo`, en: `Queue: ${engine.queued} of ${engine.capacity}; writing ${engine.running}; ${speed || '–'} tokens a second` },
    { es: `Modelos en memoria: ${bases || 'ninguno todavía'}`, en: `Models in memory: ${bases || 'none yet'}` },
    { es: `Voces: ${voices}`, en: `Voices: ${voices}` },
    { es: `Plataformas: ${Object.entries(platforms).map(([name, one]) => `${name} ${one}`).join(', ')}; en marcha desde hace ${spellTime(uptime)}`, en: `Platforms: ${Object.entries(platforms).map(([name, one]) => `${name} ${one}`).join(', ')}; up for ${spellTime(uptime)}` },
  ];
}
const spellVotes = (votes: { up: number; down: number } | undefined): string => (votes && votes.up + votes.down > 0 ? ` (👍 ${votes.up} 👎 ${votes.down})` : '');

export default defineCommand({
  english: 'status',
  description: { es: 'Cómo está el bot: cola, modelo, velocidad', en: 'How the bot is: queue, model, speed' },
  isPrivate: true,
  run: async (_, { status, say, personas }) => lines(await status(), personas).map(say).join('\n'),
});
