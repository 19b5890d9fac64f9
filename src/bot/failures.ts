/** Errors become replies: what a person did is told in their language; a bug is logged with its scene and answered with an apology and an id. */
import { randomBytes } from 'node:crypto';
import type { Incoming, Part, Reply } from '../command.ts';
import { UserError } from '../errors.ts';
import { apology } from './words.ts';

/** Logs a bug under an id: where it happened, never what people wrote. */
export type Report = (id: string, scene: Readonly<Record<string, string>>, cause: unknown) => void;

function explain(cause: unknown, incoming: Incoming, report: Report): { text: string; failed: 'person' | 'bug' } {
  const { language } = incoming.person;
  if (cause instanceof UserError) return { text: cause.words[language], failed: 'person' };
  const id = randomBytes(4).toString('hex');
  report(id, sceneOf(incoming), cause);
  return { text: apology(id)[language], failed: 'bug' };
}

function sceneOf(incoming: Incoming): Record<string, string> {
  const what = incoming.kind === 'command' ? incoming.name : incoming.kind === 'button' || incoming.kind === 'submission' ? incoming.button : '';
  return { platform: incoming.platform, kind: incoming.kind, what, chat: incoming.chat.id, delivery: incoming.delivery };
}

/** A reply that says what went wrong before anything was said. */
export function explained(cause: unknown, incoming: Incoming, report: Report): Reply {
  const { text, failed } = explain(cause, incoming, report);
  async function* parts(): AsyncGenerator<Part> {
    yield { append: text };
    yield { failed };
  }
  return parts();
}

/** The same for what breaks while it is being said: the words stay, the explanation follows, the buttons go. */
export async function* guarded(parts: AsyncIterable<Part>, incoming: Incoming, report: Report): AsyncGenerator<Part> {
  let hasText = false;
  try {
    for await (const part of parts) {
      hasText = 'append' in part ? true : 'replace' in part ? false : hasText;
      yield part;
    }
  } catch (cause) {
    const { text, failed } = explain(cause, incoming, report);
    yield { buttons: [] };
    yield hasText ? { append: `\n\n${text}` } : { replace: text };
    yield { failed };
  }
}
