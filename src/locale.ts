/** Which of the two languages a person reads, and picking a text in it. Knows no texts: they stand beside what they describe. */
import type { Language, Words } from './errors.ts';
export type { Language, Words } from './errors.ts';

/** `es`, `es-419`, `es-AR` … → es; `en…` → en; anything else → the fallback. BCP 47 tags as Discord and Telegram send them. */
export function languageOf(tag: string | undefined, fallback: Language = 'es'): Language {
  const primary = tag?.toLowerCase().split(/[-_]/)[0];
  if (primary === 'es' || primary === 'en') return primary;
  return tag === undefined || tag === '' ? fallback : 'en';
}

export const say = (words: Words, language: Language): string => words[language];
