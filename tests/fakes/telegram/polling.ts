/** getUpdates of the fake Telegram: long polling, confirmation by offset, repeated deliveries, conflicts. Knows no HTTP. */
import type { Update } from 'grammy/types';
import { Refused } from './methods.ts';
import type { World } from './world.ts';

export interface Poll { readonly offset?: number; readonly limit?: number; readonly timeout?: number; readonly allowed_updates?: readonly string[] }
export type Polling = ReturnType<typeof createPolling>;

const conflict = { error_code: 409, description: 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running' };
/** Not sent to a bot that has not asked for them. */
const onRequest = ['chat_member', 'message_reaction', 'message_reaction_count'];

export function createPolling({ updates, again, delivered }: World) {
  let waiting: { wake(): void; refuse(): void } | undefined;
  let isContested = false;
  let isHurried = false;
  const polls: Poll[] = [];

  function ready({ offset = 0, limit = 100, allowed_updates }: Poll): Update[] {
    const isWanted = (update: Update): boolean => kinds(update).every((kind) => (allowed_updates?.length ? allowed_updates.includes(kind) : !onRequest.includes(kind)));
    updates.splice(0, updates.length, ...updates.filter(({ update_id }) => update_id >= offset));
    return [...again.splice(0), ...updates].filter(isWanted).slice(0, limit);
  }
  async function poll(request: Poll, closed: Promise<void>): Promise<Update[]> {
    polls.push(request);
    waiting?.refuse(); // Telegram ends the older of two
    if (isContested) throw new Refused(conflict);
    const end = Date.now() + (request.timeout ?? 0) * 1000;
    for (let found = ready(request); ; found = ready(request)) {
      for (const update of found) delivered.set(update.update_id, update);
      if (found.length > 0 || isHurried || Date.now() >= end) return found;
      await change(end - Date.now(), closed);
    }
  }
  function change(milliseconds: number, closed: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, milliseconds).unref();
      const settle = (act: () => void) => (): void => { clearTimeout(timer); waiting = undefined; act(); };
      waiting = { wake: settle(resolve), refuse: settle(() => reject(new Refused(conflict))) };
      void closed.then(settle(() => reject(new Refused(conflict))));
    });
  }
  return {
    poll, polls,
    wake: (): void => waiting?.wake(),
    /** Another program polls from now on. */
    contest(): void { isContested = true; waiting?.refuse(); },
    /** From now on nothing is waited for. */
    hurry(): void { isHurried = true; waiting?.wake(); },
    /** The first update that is not confirmed yet. */
    unconfirmed: (): number | undefined => updates[0]?.update_id,
  };
}

const kinds = (update: Update): string[] => Object.keys(update).filter((key) => key !== 'update_id');
