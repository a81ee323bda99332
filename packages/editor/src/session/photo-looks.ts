/** The looks that objects of a drawing take from a photo, as the generator's encoder finds them. Depends on the canvas. */
import type { Canvas } from './canvas.js';
import type { Painter, Pixels } from './painter.js';

/** A photo: red, green and blue of each pixel, row by row. */
export interface Photo {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

/** Style features by instance id. */
export type Looks = [instance: number, features: number[]][];

/** The look of one object: what the encoder finds in the whole photo. @param label the object's class. */
export async function lookOfWhole(painter: Painter, instance: number, label: number, photo: Photo): Promise<Looks> {
  const { width, height } = photo;
  const filled = (id: number) => ({ width, height, data: new Int32Array(width * height).fill(id) });
  const found = await painter.looksIn(pixels(photo), { input: filled(label), instances: filled(instance) });
  return [...found.values()].map(features => [instance, inRange(features)]);
}

/**
 * The look of every object: what the encoder finds where it lies.
 * @param perClass whether classes have a style each, rather than instances.
 * @param photo of the canvas's size.
 */
export async function looksInPlace(painter: Painter, perClass: boolean, canvas: Canvas, photo: Photo): Promise<Looks> {
  const objects = [...canvas.objects()];
  const found = await painter.looksIn(pixels(photo), canvas.request(1));
  return objects.flatMap(([id, label]): Looks => {
    const features = found.get(perClass ? label : id);
    return features === undefined ? [] : [[id, inRange(features)]];
  });
}

/** A copy: a view would be sent to the generator's thread with all of the message behind it. */
function pixels({ width, height, bytes }: Photo): Pixels {
  return { width, height, channels: 3, data: new Uint8Array(bytes) };
}

/** A mean of values up to 1 may be rounded to one beyond it, which is no feature of the protocol. */
function inRange(features: readonly number[]): number[] {
  return features.map(value => Math.max(-1, Math.min(1, value)));
}
