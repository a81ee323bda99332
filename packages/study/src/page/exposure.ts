/**
 * Shows something for a given time, to the frame, and measures for how long it was there. Depends on the browser's frames and clock.
 */

/** No screen is slower: a longer time between two frames is a machine that is busy, and says nothing of the next one. */
const slowestFrameMs = 1000 / 30;

/** Resolves with the next frame, and the clock in it. */
const nextFrame = (): Promise<number> =>
  new Promise(resolve => requestAnimationFrame(() => resolve(performance.now())));

/** Waits at least this long. @returns the time between two frames of the screen, in milliseconds: the median of those that passed. */
export async function waitFrames(ms: number): Promise<number> {
  const begin = await nextFrame();
  const gaps: number[] = [];
  for (let last = begin; last - begin < ms || gaps.length < 3; ) {
    const now = await nextFrame();
    gaps.push(now - last);
    last = now;
  }
  return Math.min(slowestFrameMs, gaps.sort((a, b) => a - b)[gaps.length >> 1]!);
}

/**
 * Calls `show` in a frame and `hide` in that later one which is nearest to the time asked for. Both are painted at the end of their
 * frames, so the time between the frames is the time for which it was seen. A page that is put into the background hides it at once.
 *
 * @param frameMs the time between two frames.
 * @returns the measured time, in milliseconds.
 */
export async function expose(ms: number, frameMs: number, show: () => void, hide: () => void): Promise<number> {
  const begin = await nextFrame();
  show();
  const hidden = new AbortController();
  const gone = new Promise<number>(resolve => {
    document.addEventListener('visibilitychange', () => resolve(performance.now()), { signal: hidden.signal });
  });
  let now = begin;
  do now = await Promise.race([nextFrame(), gone]);
  while (!document.hidden && now - begin < ms - frameMs / 2);
  hide();
  hidden.abort();
  return now - begin;
}
