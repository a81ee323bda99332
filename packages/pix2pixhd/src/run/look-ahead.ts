/**
 * Items together with what comes after each, as far as it is there already. Depends on Node's timers only.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** An item, and the one after it where that had come when the item was given out. */
export interface WithNext<T> {
  readonly item: T;
  readonly next: T | undefined;
}

/**
 * The items of a source in their order. An item is never held back for the one after it; where the source fails, what came
 * before is given out first.
 * @param ahead whether to ask the source for the next item before the one at hand is done with; without it there is no
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
      // It is waited for below, or nobody wants it any more.
      coming.catch(() => {});
      await nextTurn();
      yield { item: result.value, next };
      result = await coming;
    }
  } finally {
    await iterator.return?.();
  }
}
