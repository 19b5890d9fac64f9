/** Groups that became supergroups: where a chat lives now. Knows no settings; whoever keeps some is told once a move. */

export interface Homes {
  /** The chat's present id. */
  of(chat: number): number;
  move(from: number, to: number): Promise<void>;
}

export function createHomes(moved: (from: number, to: number) => Promise<void>): Homes {
  const homes = new Map<number, number>();
  return {
    of: (chat) => homes.get(chat) ?? chat,
    async move(from, to) {
      if (homes.get(from) === to) return;
      homes.set(from, to);
      await moved(from, to);
    },
  };
}
