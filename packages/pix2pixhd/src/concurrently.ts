/** Work on many items, a few at a time. Depends on the number of CPU cores alone. */
import { availableParallelism } from 'node:os';

/**
 * Runs `work` for all items, `atOnce` at a time; by default two per CPU core, so that one works while another waits for
 * the disk. After a failure nothing more is started, and what was started is awaited before the error is thrown: nobody
 * is still writing into a folder that the caller then removes (p-map and p-limit reject at once).
 *
 * @returns the results in the order of the items.
 * @throws the first error of `work`.
 */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  atOnce = 2 * availableParallelism(),
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const errors: unknown[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length && errors.length === 0) {
      const i = next++;
      try {
        results[i] = await work(items[i]!);
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
  if (errors.length > 0) throw errors[0];
  return results;
}
