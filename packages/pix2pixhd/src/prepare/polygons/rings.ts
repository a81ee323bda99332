/**
 * Outlines: corners as files have them, rectangles and ellipses as rings. Depends on `field.ts`.
 */
import type { Ring } from './annotations.js';
import { described, type Field } from './field.js';

/** No image is as large: beyond this a number is a mistake, and products of coordinates would lose their last digits. */
const FARTHEST = 1e7;

/** How far the polygon that stands for an ellipse may lie within it, in pixels. */
const ELLIPSE_ERROR = 0.01;

/** What makes the error about a ring. */
export type RingFault = (found: string, expected: string) => Error;

/** Maps a coordinate of a file to pixels, or throws. */
export type Scale = (value: number, axis: 0 | 1) => number;

/**
 * Numbers as a ring: x and y alternating.
 *
 * @throws the fault where they are odd in number, of fewer than three corners, not finite, or far beyond any image.
 */
export function ringOf(values: readonly unknown[], fault: RingFault, scale: Scale = value => value): Ring {
  if (values.length % 2 !== 0) throw fault(`${values.length} numbers`, 'x and y alternating: an even count');
  if (values.length < 6) throw fault(`${values.length / 2} point(s)`, 'a polygon of at least 3 points');
  const ring = new Float64Array(values.length);
  for (let i = 0; i < ring.length; i++) {
    const value = values[i];
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw fault(`${described(value)} at index ${i}`, 'finite numbers');
    const pixels = scale(value, (i % 2) as 0 | 1);
    if (Math.abs(pixels) > FARTHEST) throw fault(`a coordinate of ${pixels} pixels`, `at most ${FARTHEST}`);
    ring[i] = pixels;
  }
  return ring;
}

/** An array of numbers, `[x, y, x, y, …]`, as a ring. */
export function flatRing(field: Field): Ring {
  return ringOf(field.array(), (found, expected) => field.fault(found, expected));
}

/** An array of points, `[[x, y], …]`, as a ring. */
export function pointsRing(field: Field, scale?: Scale): Ring {
  const values = field.array().flatMap((point, i) => {
    if (Array.isArray(point) && point.length === 2) return point as unknown[];
    throw field.at(i).fault(described(point), 'a point [x, y]');
  });
  return ringOf(values, (found, expected) => field.fault(found, expected), scale);
}

/** A rectangle between two opposite corners. */
export function rectangle(x0: number, y0: number, x1: number, y1: number): Ring {
  return Float64Array.of(x0, y0, x1, y0, x1, y1, x0, y1);
}

/** A ring turned by degrees, clockwise as images are seen, about a point. */
export function turned(ring: Ring, degrees: number, x: number, y: number): Ring {
  if (degrees % 360 === 0) return ring;
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return ring.map((_, i) => {
    const [dx, dy] = [ring[i & ~1]! - x, ring[i | 1]! - y];
    return i % 2 === 0 ? x + dx * cos - dy * sin : y + dx * sin + dy * cos;
  });
}

/** An ellipse about a point as a polygon with its corners on it, nowhere more than a hundredth of a pixel within it. */
export function ellipse(x: number, y: number, radiusX: number, radiusY: number): Ring {
  const radius = Math.max(radiusX, radiusY);
  // A chord of the angle a lies r (1 − cos(a / 2)) within its circle.
  const half = radius > ELLIPSE_ERROR ? Math.acos(1 - ELLIPSE_ERROR / radius) : Math.PI;
  const corners = Math.max(8, Math.ceil(Math.PI / half));
  return Float64Array.from({ length: 2 * corners }, (_, i) => {
    const angle = (2 * Math.PI * (i >> 1)) / corners;
    return i % 2 === 0 ? x + radiusX * Math.cos(angle) : y + radiusY * Math.sin(angle);
  });
}
