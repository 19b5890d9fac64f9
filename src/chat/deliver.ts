/** A stream of parts becomes messages: paced edits, splitting, and always a last edit with the whole. Knows no platform, only a sink. */
import type { Button, Part, Reply, Speaker } from '../command.ts';
import { splitText } from './split.ts';

/** One message as it should stand. Label and buttons stand on the last one of an answer only. */
export interface Message {
  readonly text: string;
  readonly label: string;
  readonly buttons: readonly Button[];
  readonly speaker?: Speaker;
  readonly answer?: string;
}
export interface Attachment { readonly bytes: Uint8Array; readonly name: string; readonly alt?: string }

/** What a platform must be able to do; handles are its own. Calls never overlap. */
export interface Sink {
  readonly limit: number; // UTF-16 units of text and label in a message
  readonly interval: number; // milliseconds, at least, between two rounds of edits
  post(message: Message): Promise<string>;
  edit(handle: string, message: Message): Promise<void>;
  remove(handle: string): Promise<void>;
  attach(attachment: Attachment): Promise<void>;
}
export interface Shown { readonly handle: string; readonly message: Message }

interface View {
  readonly text: string;
  readonly label: string;
  readonly buttons: readonly Button[];
  readonly speaker?: Speaker;
  readonly answer?: string;
}
const blank: View = { text: '', label: '', buttons: [] };

/** Shows a reply until it ends. Rejects with what the sink or the reply threw; the reply is then closed. Returns the messages as they stand, none for an empty reply. */
export async function deliver(reply: Reply, sink: Sink): Promise<Shown[]> {
  const screen = createScreen(sink);
  const attachments: Attachment[] = [];
  let view = blank;
  try {
    for await (const part of partsOf(reply)) {
      const attachment = attachmentOf(part);
      if (attachment) attachments.push(attachment);
      const next = apply(view, part);
      if (next !== view) screen.show((view = next));
    }
  } finally {
    await screen.settle();
  }
  for (const attachment of attachments) await sink.attach(attachment);
  return screen.shown();
}

export async function* partsOf(reply: Reply): AsyncIterable<Part> {
  if (typeof reply === 'string') yield { append: reply };
  else yield* reply;
}

function apply(view: View, part: Part): View {
  if ('append' in part) return { ...view, text: view.text + part.append };
  if ('replace' in part) return { ...view, text: part.replace };
  if ('label' in part) return { ...view, label: part.label };
  if ('buttons' in part) return { ...view, buttons: part.buttons };
  if ('speaker' in part) return { ...view, speaker: part.speaker };
  if ('answer' in part) return { ...view, answer: part.answer };
  return view;
}

function attachmentOf(part: Part): Attachment | undefined {
  if ('picture' in part) return { bytes: part.picture, name: 'imagen.png', alt: part.alt };
  if ('file' in part) return { bytes: part.file, name: part.name };
  return undefined;
}

/** A view as messages; room is left for the label and its mark-up wherever it may come to stand. */
export function messagesOf(view: View, limit: number): Message[] {
  const room = limit - (view.label ? view.label.length + 8 : 0);
  const pieces = splitText(view.text, room);
  return pieces.map((text, index) => {
    const isLast = index === pieces.length - 1;
    return { ...view, text, label: isLast ? view.label : '', buttons: isLast ? view.buttons : [] };
  });
}

/** Paints the newest view, one round of posts and edits at a time, at most one an interval. */
function createScreen(sink: Sink) {
  const shown: Shown[] = [];
  let wanted: View | undefined;
  let painting: Promise<void> | undefined;
  let failure: { readonly cause: unknown } | undefined;
  let last = -Infinity;

  async function paint(): Promise<void> {
    while (wanted) {
      await rest(last + sink.interval - performance.now());
      const messages = messagesOf(wanted, sink.limit);
      wanted = undefined;
      try { await paintRound(sink, shown, messages); } catch (cause) { failure = { cause }; break; }
      last = performance.now();
    }
    painting = undefined;
  }
  const raise = (): void => { if (failure) throw failure.cause; };
  return {
    show(view: View): void { raise(); wanted = view; painting ??= paint(); },
    async settle(): Promise<void> { await painting; raise(); },
    shown: (): Shown[] => shown,
  };
}

async function paintRound(sink: Sink, shown: Shown[], messages: readonly Message[]): Promise<void> {
  for (const [index, message] of messages.entries()) {
    const old = shown[index];
    if (!old) shown.push({ handle: await sink.post(message), message });
    else if (!isSame(old.message, message)) { await sink.edit(old.handle, message); shown[index] = { ...old, message }; }
  }
  for (const { handle } of shown.splice(Math.max(messages.length, 1))) await sink.remove(handle);
}

const isSame = (a: Message, b: Message): boolean => JSON.stringify(a) === JSON.stringify(b);
const rest = (milliseconds: number): Promise<void> => (milliseconds > 0 ? new Promise((resolve) => setTimeout(resolve, milliseconds)) : Promise.resolve());
