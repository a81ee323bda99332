/**
 * Precomputed style features, `PHASE_feat/STEM.npy`: read as floating point, resized and cropped like the instance map
 * they were pooled over. Depends on torch's reader of .npy files, which needs no libtorch.
 */
import { readNpy } from '@pix2pixhd/torch/npy';
import { reasonOf, UserError } from '../../errors.js';
import type { Raster } from '../../raster.js';

/**
 * Reads a feature map.
 *
 * @param channels how many it must have.
 * @returns its channels interleaved, values as they are in the file.
 * @throws UserError naming the file where it is not a float32 array of shape (channels, height, width).
 */
export function readFeatureMap(path: string, channels: number): Raster<Float32Array> {
  const expected = `a NumPy file of float32 with the shape (${channels}, height, width), as pix2pixhd encode --write-features writes it`;
  const problem = (found: string, cause?: unknown) =>
    new UserError(
      {
        code: 'FEATURES_UNSUITABLE',
        doing: 'reading a feature map',
        where: path,
        found,
        expected,
        remedy: 'write it again, or correct --feat-num',
        advice: { kind: 'feature-map' },
      },
      { cause },
    );
  let file: ReturnType<typeof readNpy>;
  try {
    file = readNpy(path);
  } catch (cause) {
    throw problem(reasonOf(cause), cause);
  }
  const { dtype, shape, bytes } = file;
  const [planes, height, width] = shape;
  if (dtype !== 'float32' || shape.length !== 3 || planes !== channels || height! * width! === 0)
    throw problem(`${dtype} of shape (${shape.join(', ')})`);
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  if (!values.every(Number.isFinite)) throw problem('values that are not finite');
  const pixels = width! * height!;
  const data = new Float32Array(values.length);
  for (let c = 0; c < channels; c++) for (let i = 0; i < pixels; i++) data[i * channels + c] = values[c * pixels + i]!;
  return { width: width!, height: height!, channels, data };
}
