/**
 * One held-out pair of the demo, read from its files: what the network gets, how that is shown, and the real image.
 * Depends on pix2pixhd's decoders.
 */

import {
  type Condition,
  classColours,
  decodeImage,
  decodeInstanceMap,
  decodeLabelMap,
  type Image8,
  type LabelClass,
  paintLabels,
  type Sample,
} from 'pix2pixhd/internal';

/** A pair. */
export interface HeldOut {
  readonly condition: Condition;
  /** The input as people see it: the image, or the label map in the colours of its classes. */
  readonly input: Image8;
  readonly real: Image8;
}

/**
 * Reads a pair.
 *
 * @param classes of the label maps; none where inputs are images.
 * @throws UserError where a file cannot be read.
 */
export async function readHeldOut(sample: Sample, classes: readonly LabelClass[]): Promise<HeldOut> {
  const real = await readRgb(sample.image!);
  if (sample.label === undefined) {
    const input = await readRgb(sample.source!);
    const { width, height } = input;
    return { condition: { images: 1, width, height, source: planes(input), sourceChannels: 3 }, input, real };
  }
  const { width, height, data: label } = await decodeLabelMap(sample.label);
  const { data: instance } = await decodeInstanceMap(sample.instance!);
  const painted = paintLabels(label, classColours(classes));
  return {
    condition: { images: 1, width, height, label: new Int32Array(label), instance: new Int32Array(instance) },
    input: { width, height, channels: 3, data: painted },
    real,
  };
}

async function readRgb(path: string): Promise<Image8> {
  const { width, height, channels, data } = await decodeImage(path);
  return { width, height, channels, data: data as Uint8Array };
}

/** Interleaved 8 bits to planes in [-1, 1]. */
function planes({ width, height, channels, data }: Image8): Float32Array {
  const size = width * height;
  const result = new Float32Array(data.length);
  for (let i = 0; i < size; i++)
    for (let c = 0; c < channels; c++) result[c * size + i] = data[i * channels + c]! / 127.5 - 1;
  return result;
}
