/** Who is next: first come first served within a key, the keys by turns; bounded. Pure; knows no engine. */

export interface Waiting { readonly key: string }

export interface Queue<T extends Waiting> {
  readonly length: number;
  /** False when it is full. */
  push(item: T): boolean;
  /** Before all others, whatever the bound: it has had its turn and lost it. */
  putBack(item: T): void;
  /** What `next` would give. */
  peek(): T | undefined;
  next(): T | undefined;
  remove(item: T): boolean;
  /** All that wait, in the order in which `next` would give them. */
  inOrder(): T[];
}

export function createQueue<T extends Waiting>(limit: number): Queue<T> {
  let lines = new Map<string, T[]>(); // keys in the order of their turns
  const length = (): number => [...lines.values()].reduce((sum, line) => sum + line.length, 0);
  const lineOf = (key: string): T[] => { const line = lines.get(key) ?? []; lines.set(key, line); return line; };
  return {
    get length() { return length(); },
    push(item) { if (length() >= limit) return false; lineOf(item.key).push(item); return true; },
    putBack(item) {
      const line = [item, ...(lines.get(item.key) ?? [])];
      lines.delete(item.key);
      lines = new Map([[item.key, line], ...lines]);
    },
    peek: () => [...lines.values()][0]?.[0],
    next() {
      const [turn] = lines;
      if (!turn) return undefined;
      const [key, line] = turn;
      const item = line.shift();
      lines.delete(key);
      if (line.length > 0) lines.set(key, line); // to the end of the turns
      return item;
    },
    remove(item) {
      const line = lines.get(item.key);
      const at = line?.indexOf(item) ?? -1;
      if (!line || at < 0) return false;
      line.splice(at, 1);
      if (line.length === 0) lines.delete(item.key);
      return true;
    },
    inOrder() {
      const rounds = Math.max(0, ...[...lines.values()].map((line) => line.length));
      return Array.from({ length: rounds }, (_, round) => [...lines.values()].flatMap((line) => line[round] ?? [])).flat();
    },
  };
}
