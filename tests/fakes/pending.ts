/** Unfinished answers, kept in memory. */
import type { Pending } from '../../src/chat/platform.ts';

export function pendingInMemory(): Pending & { readonly open_: Map<string, string> } {
  const open_ = new Map<string, string>();
  return {
    open_,
    open: async (delivery, place) => { open_.set(delivery, place); },
    close: async (delivery) => { open_.delete(delivery); },
    left: async () => [...open_].map(([delivery, place]) => ({ delivery, place })),
  };
}
