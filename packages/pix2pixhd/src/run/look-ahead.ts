/**
 * The items of a source, each with the next one if that is ready already. Depends on Node's timers only.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** An item, and the next one if that was ready when the item was yielded. */
export interface WithNext<T> {
  readonly item: T;
  readonly next: T | undefined;
}

/**
 * The items of a source, in order. No item waits for the next one; if the source fails, the items before are
 * yielded first.
 * @param ahead whether to ask the source for the next item before the current one is finished; without it there is no
 * `next`.
 */
export async function* lookAhead<T>(items: AsyncIterable<T>, ahead: boolean): AsyncGenerator<WithNext<T>, void, void> {
  if (!ahead) {
    for await (const item of items) yield { item, next: undefined };
    return;
  }
  const iterator = items[Symbol.asyncIterator]();
  try {
    let result = await iterator.next();
    while (!result.done) {
      let next: T | undefined;
      const coming = iterator.next().then(after => {
        if (!after.done) next = after.value;
        return after;
      });
      // Awaited below, or no longer needed.
      coming.catch(() => {});
      await nextTurn();
      yield { item: result.value, next };
      result = await coming;
    }
  } finally {
    await iterator.return?.();
  }
}
