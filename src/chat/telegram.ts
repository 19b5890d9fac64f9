/** Telegram. */
export function createTelegram(_: object): never { throw new Error('x'); }
