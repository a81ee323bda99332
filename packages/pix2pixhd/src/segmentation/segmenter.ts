/**
 * What a segmenter is: something that says of each pixel of an image which class of the label maps it shows. Depends on
 * raster.ts for types, and torch.
 */
import { ops, scope, type Tensor } from '@pix2pixhd/torch';
import type { ImageRaster } from '../raster.js';

/** A segmenter that is loaded. */
export interface Segmenter extends AsyncDisposable {
  /** Its file. */
  readonly path: string;
  /** The files whose contents decide what it finds. */
  readonly files: readonly string[];
  /** Number of classes of the label maps that it goes with. */
  readonly labelNc: number;
  /** Values of label maps that stand for other classes, as `--label-map` has them; null for none. */
  readonly labelMap: string | null;
  /** The classes that it can find; pixels of others are not scored. */
  readonly known: ReadonlySet<number>;
  /** Channels of the images that it takes. */
  readonly channels: number;
  /** At what size it works, in words. */
  readonly protocol: string;
  /**
   * Segments an image.
   *
   * @param image of {@link channels} channels, or of one, without alpha.
   * @returns a class for each pixel of an image of `width` × `height`, row-major; -1 for none of the label maps' classes. Where
   *   the segmenter works at another size, its logits are resized bilinearly before the greatest is taken.
   * @throws UserError naming the segmenter where what it gives is not as it should be.
   */
  segment(image: ImageRaster, width: number, height: number): Promise<Int32Array>;
}

/**
 * The class of the greatest logit at each pixel, of the first where several are equal.
 *
 * @param logits (1, C, h, w); resized bilinearly to height × width first, as PyTorch does it without aligned corners.
 * @returns (height, width), 0 … C − 1.
 */
export function classesOf(logits: Tensor, width: number, height: number): Int32Array {
  return scope(() => {
    const [, , h, w] = logits.shape;
    const exact = ops.toDtype(logits, 'float32');
    const resized = h === height && w === width ? exact : ops.upsampleBilinear2d(exact, [height, width], false);
    return ops.toDtype(ops.argmax(resized, 1), 'int32').data() as Int32Array;
  });
}
