/** Who is next: first come first served within a key, the keys by turns; bounded. Pure; knows no engine. */

export interface Waiting { readonly key: string }

export class Queue<T extends Waiting> {
  #limit: number;
  #lines = new Map<string, T[]>(); // keys in the order of their turns

  constructor(limit: number) { this.#limit = limit; }

  get length(): number { return [...this.#lines.values()].reduce((sum, line) => sum + line.length, 0); }

  /** False when it is full. */
  push(item: T): boolean {
    if (this.length >= this.#limit) return false;
    this.#lines.set(item.key, [...(this.#lines.get(item.key) ?? []), item]);
    return true;
  }

  /** Before all others, whatever the bound: it has had its turn and lost it. */
  putBack(item: T): void {
    const line = [item, ...(this.#lines.get(item.key) ?? [])];
    this.#lines.delete(item.key);
    this.#lines = new Map([[item.key, line], ...this.#lines]);
  }

  /** What `next` would give. */
  peek(): T | undefined { return [...this.#lines.values()][0]?.[0]; }

  next(): T | undefined {
    const [turn] = this.#lines;
    if (!turn) return undefined;
    const [key, [item, ...others]] = turn;
    this.#lines.delete(key);
    if (others.length > 0) this.#lines.set(key, others); // to the end of the turns
    return item;
  }

  remove(item: T): boolean {
    const line = this.#lines.get(item.key) ?? [];
    const others = line.filter((one) => one !== item);
    if (others.length > 0) this.#lines.set(item.key, others); else this.#lines.delete(item.key);
    return others.length < line.length;
  }

  /** All that wait, in the order in which `next` would give them. */
  inOrder(): T[] {
    const lines = [...this.#lines.values()];
    const rounds = Math.max(0, ...lines.map((line) => line.length));
    return Array.from({ length: rounds }, (_, round) => lines.flatMap((line) => line[round] ?? [])).flat();
  }
}
