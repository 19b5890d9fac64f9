/** Events pushed at one end and read at the other, in order, without loss. Knows no engine. */

export interface Stream<T> extends AsyncIterable<T> {
  push(item: T): void;
  end(): void;
}

/** For one reader. `left` is called when the reader stops before the end. */
export function createStream<T>(left: () => void): Stream<T> {
  const items: T[] = [];
  let isEnded = false;
  let wake = (): void => undefined;
  async function* read(): AsyncGenerator<T> {
    try {
      for (;;) {
        while (items.length > 0) yield items.shift() as T;
        if (isEnded) return;
        await new Promise<void>((resolve) => { wake = resolve; });
      }
    } finally {
      if (!isEnded) left();
    }
  }
  return {
    push(item) { items.push(item); wake(); },
    end() { isEnded = true; wake(); },
    [Symbol.asyncIterator]: read,
  };
}
