/** What was found about two cameras, in sentences. Depends on alignment/ and align.ts for types. */
import type { RigDecision } from './align.js';
import { type AlignmentSummary, apply, reasons } from './alignment/index.js';

/** What a summary says: one or two sentences. */
export function describeAlignment(summary: AlignmentSummary): string {
  const { pairs, cannotTell, median, interval, percentile90, common } = summary;
  const silent = Object.entries(summary.reasons).map(
    ([reason, count]) => `${count} because ${reasons[reason as keyof typeof reasons]}`,
  );
  const untold = cannotTell === 0 ? '' : ` ${cannotTell} cannot tell: ${silent.join('; ')}.`;
  if (median === undefined || common === undefined) return `None of ${pairs} pairs tells how its images lie.${untold}`;
  const range = interval === undefined ? '' : ` (95 %: ${pixels(interval[0])} to ${pixels(interval[1])})`;
  return `Inputs and targets are ${pixels(median)} pixels apart${range}, by the median of ${pairs - cannotTell} of ${pairs} pairs; a tenth more than ${pixels(percentile90!)}; in common to all, ${pixels(common.x)} to the right and ${pixels(common.y)} down.${untold}`;
}

/** What was decided about a rig. */
export function describeRig({ model, transform, frame, box, rig, pairs }: RigDecision): readonly string[] {
  const { displacement, remaining } = rig;
  const middle = apply(transform, { x: 0, y: 0 });
  const left =
    remaining.median === undefined
      ? 'what remains cannot be told from so few edges'
      : `what remains: ${pixels(remaining.median)} pixels in the median, ${pixels(remaining.percentile90!)} for the worst tenth of ${remaining.telling} blocks`;
  return [
    `One ${model} for the rig, from ${pairs} pairs: known to ${pixels(displacement.uncertainty.mean)} pixels (95 %), ${pixels(displacement.uncertainty.corners)} at the corners; the input's upper left corner lies at ${pixels(middle.x)}, ${pixels(middle.y)} of the target. In the ${frame}'s frame, ${box.width}×${box.height} pixels that both see; ${left}.`,
    ...(remaining.systematic !== undefined && remaining.systematic > 1
      ? [
          `${pixels(remaining.systematic)} pixels at one place are the same in all pairs: a richer --align-model, or a calibration, may take them out.`,
        ]
      : []),
    ...(remaining.parallax !== undefined && remaining.parallax.pixels > 0.5
      ? [
          `${pixels(remaining.parallax.pixels)} pixels along ${Math.round(remaining.parallax.degrees)}° depend on how far things are (parallax): no plane explains them, and no transform takes them out.`,
        ]
      : []),
  ];
}

function pixels(value: number): string {
  return value.toFixed(Math.abs(value) < 10 ? 2 : 1);
}
