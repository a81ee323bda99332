/** How long the frames of a recording are shown. Depends on nothing. */

/** Milliseconds: a person who thinks is not waited for longer, and the result stays a while before all begins anew. */
const [shortest, longestPause, lastHeld] = [20, 600, 2000];

/**
 * Milliseconds that each frame is shown for, with long pauses cut.
 * @param times at which they were taken, in milliseconds, in order.
 */
export function durationsOf(times: readonly number[]): number[] {
  return times.map((time, i) => {
    const next = times[i + 1];
    return next === undefined ? lastHeld : Math.min(longestPause, Math.max(shortest, Math.round(next - time)));
  });
}
