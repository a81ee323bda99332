/**
 * A rectangle of a label map and its instance map as bytes: runs of equal pixels, row by row through the rectangle, each of
 * three little-endian 32-bit integers: how many pixels, label, instance id.
 */
import type { Rect } from '../document/rect.js';
import type { Maps } from '../document/scene.js';

const bytesPerRun = 12;

/** The runs of a rectangle. */
export function encodeRuns({ width, labels, instances }: Maps, rect: Rect): Uint8Array<ArrayBuffer> {
  const values: number[] = [];
  let [count, label, instance] = [0, -1, 0];
  for (let y = rect.y; y < rect.y + rect.height; y++)
    for (let at = y * width + rect.x; at < y * width + rect.x + rect.width; at++) {
      if (labels[at] === label && instances[at] === instance) {
        count++;
        continue;
      }
      if (count > 0) values.push(count, label, instance);
      [count, label, instance] = [1, labels[at]!, instances[at]!];
    }
  values.push(count, label, instance);
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setInt32(4 * i, value, true);
  });
  return bytes;
}

/**
 * Writes runs into the rectangle that they are of.
 * @param classes labels are below it, or 255.
 * @returns what is wrong with them, and then nothing was written; null where they are good.
 */
export function decodeRuns(bytes: Uint8Array, into: Maps, rect: Rect, classes: number): string | null {
  if (bytes.length % bytesPerRun !== 0) return `${bytes.length} bytes are no whole number of runs`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const size = rect.width * rect.height;
  let total = 0;
  for (let at = 0; at < bytes.length; at += bytesPerRun) {
    const [count, label] = [view.getInt32(at, true), view.getInt32(at + 4, true)];
    if (count < 1 || total + count > size) return `a run of ${count} pixels in a rectangle of ${size}`;
    if (label !== 255 && (label < 0 || label >= classes)) return `the label ${label} among ${classes} classes`;
    total += count;
  }
  if (total !== size) return `runs of ${total} pixels for a rectangle of ${size}`;
  let [x, y] = [rect.x, rect.y];
  for (let at = 0; at < bytes.length; at += bytesPerRun) {
    const [label, instance] = [view.getInt32(at + 4, true), view.getInt32(at + 8, true)];
    for (let left = view.getInt32(at, true); left > 0; ) {
      const length = Math.min(left, rect.x + rect.width - x);
      const from = y * into.width + x;
      into.labels.fill(label, from, from + length);
      into.instances.fill(instance, from, from + length);
      left -= length;
      x += length;
      if (x === rect.x + rect.width) [x, y] = [rect.x, y + 1];
    }
  }
  return null;
}
