/** Discord. */
export function createDiscord(_: object): never { throw new Error('x'); }
