/** What smoothing has done, in words. Depends on the meter's types. */
import type { Flicker } from '../video/flicker.js';

/** One line about the flicker of a video before and after it was smoothed. */
export function flickerText({ before, after, ghosting }: Flicker): string {
  const value = (mean: number | null) => (mean === null ? '–' : mean.toFixed(2));
  return `flicker where the input stands still: ${value(before)} before, ${value(after)} after smoothing (mean change from frame to frame, of 255); where it moves, smoothing changes the image by ${value(ghosting)}`;
}
