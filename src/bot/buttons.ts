/** The buttons under an answer and the ids that come back: `1|verb|answer|owner`, 64 bytes at most (Telegram's callback_data). Pure. */
import type { Button, Language } from '../command.ts';

export const verbs = ['otra', 'sigue', 'para', 'origen', 'bien', 'mal', 'responde'] as const;
export type Verb = (typeof verbs)[number];
export interface Pressed { readonly verb: Verb; readonly answer: string; readonly owner: string }

const labels: Readonly<Record<Verb, Readonly<Record<Language, string>>>> = {
  otra: { es: 'otra', en: 'again' }, sigue: { es: 'sigue', en: 'more' }, para: { es: 'para', en: 'stop' }, origen: { es: 'de dónde', en: 'where from' },
  bien: { es: '👍', en: '👍' }, mal: { es: '👎', en: '👎' }, responde: { es: 'responde', en: 'reply' },
};
/** These anybody may press. */
const open: readonly Verb[] = ['bien', 'mal', 'responde', 'origen'];

/** `owner` without its platform: ids are unique within one. */
export function button(verb: Verb, answer: string, owner: string, language: Language): Button {
  return { id: ['1', verb, answer, open.includes(verb) ? '*' : owner.replace(/^\w+:/, '')].join('|'), label: labels[verb][language] };
}

export const whileWriting = (answer: string, owner: string, language: Language): Button[] => [button('para', answer, owner, language)];
export const whenWritten = (answer: string, owner: string, language: Language): Button[] => (['otra', 'sigue', 'origen', 'bien', 'mal'] as const).map((verb) => button(verb, answer, owner, language));

/** Undefined for what is no button of ours, or of another version of the bot. */
export function parseButton(id: string): Pressed | undefined {
  const [version, verb, answer, owner, ...rest] = id.split('|');
  const known = verbs.find((one) => one === verb);
  return version === '1' && known && answer && owner && rest.length === 0 ? { verb: known, answer, owner } : undefined;
}

export const mayPress = ({ owner }: Pressed, person: string): boolean => owner === '*' || owner === person.replace(/^\w+:/, '');
