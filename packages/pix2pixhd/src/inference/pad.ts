/**
 * Pads maps and images to sides that a network takes, by reflection to the right and below. Plain arrays: depends on the
 * type of a condition only.
 */
import type { Condition } from '../conditioning/condition.js';

/** A typed array of pixels. */
type Pixels = Int32Array | Float32Array;

/** The smallest multiple of `multiple` that is at least `length` and at least `least`; `least` is a multiple itself. */
export function paddedSide(length: number, multiple: number, least: number): number {
  return Math.max(least, Math.ceil(length / multiple) * multiple);
}

/** The index inside 0…length−1 of the pixel that reflection without repeating the edge shows at `i`. */
export function reflectIndex(i: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const inPeriod = i % period;
  return inPeriod < length ? inPeriod : period - inPeriod;
}

/**
 * Pads planes of width × height by reflection to `toWidth` × `toHeight`.
 * @param planes one or more planes, row-major, one after the other.
 */
export function padPlanes<P extends Pixels>(
  planes: P,
  width: number,
  height: number,
  toWidth: number,
  toHeight: number,
): P {
  if (width === toWidth && height === toHeight) return planes;
  const count = planes.length / (width * height);
  const padded = new (planes.constructor as new (length: number) => P)(count * toWidth * toHeight);
  const columns = Int32Array.from({ length: toWidth }, (_, x) => reflectIndex(x, width));
  for (let plane = 0; plane < count; plane++) {
    for (let y = 0; y < toHeight; y++) {
      const from = (plane * height + reflectIndex(y, height)) * width;
      const to = (plane * toHeight + y) * toWidth;
      for (let x = 0; x < toWidth; x++) padded[to + x] = planes[from + columns[x]!]!;
    }
  }
  return padded;
}

/** A condition with all its planes padded by {@link padPlanes}. */
export function padCondition(condition: Condition, toWidth: number, toHeight: number): Condition {
  const { width, height, label, instance, source, styleFeatures } = condition;
  const pad = <P extends Pixels>(planes: P) => padPlanes(planes, width, height, toWidth, toHeight);
  return {
    ...condition,
    width: toWidth,
    height: toHeight,
    ...(label && { label: pad(label) }),
    ...(instance && { instance: pad(instance) }),
    ...(source && { source: pad(source) }),
    ...(styleFeatures && { styleFeatures: pad(styleFeatures) }),
  };
}
