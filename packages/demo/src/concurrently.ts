/** Work on many items, a few at a time. Depends on the number of CPUs. */

import { availableParallelism } from 'node:os';

/**
 * Runs `work` for all items, two per CPU at a time, so that one works while another waits for the disk. After a
 * failure nothing more is started, and what was started is awaited.
 */
export async function forEachConcurrently<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  // A loop that is left by an exception closes the generator it shares with the others, which ends those too.
  const queue = (function* () {
    yield* items;
  })();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  const results = await Promise.allSettled(Array.from({ length: 2 * availableParallelism() }, worker));
  const failed = results.find(result => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
