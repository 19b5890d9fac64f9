/** Which updates came: each is handled once while the bot runs (after that the database knows), and the last one is confirmed at the end. */

const kept = 2_000; // ids; Telegram delivers again what a broken connection may have lost, soon after

export function createReceived() {
  const seen = new Set<number>();
  const handling = new Set<Promise<void>>();
  let last: number | undefined;

  function isNew(update: number): boolean {
    if (seen.has(update)) return false;
    seen.add(update);
    for (const oldest of seen) { if (seen.size <= kept) break; seen.delete(oldest); }
    last = update;
    return true;
  }
  return {
    async handle(update: number, next: () => Promise<void>): Promise<void> {
      if (!isNew(update)) return;
      const one = next().finally(() => handling.delete(one));
      handling.add(one);
      await one;
    },
    /** When those being handled have been taken in. */
    settle: async (): Promise<void> => { await Promise.allSettled(handling); },
    last: (): number | undefined => last,
  };
}
