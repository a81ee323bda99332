/** A batch shown larger or smaller, so that a segmenter does not learn sizes by heart. Depends on torch and data's random numbers. */
import { ops, scope, type Tensor, tensor } from '@pix2pixhd/torch';
import type { Random } from '../../data/random.js';
import type { LabelledTensors } from './labelled-tensors.js';

/**
 * Scales a batch by a random factor from 1 / `most` to `most`, alike in both directions of the logarithm. What becomes larger is cut
 * to the old size at a random place; what becomes smaller lies at a random place, and the rest is grey and has the label `ignored`.
 * Images are resized bilinearly, labels by the nearest pixel.
 *
 * @param random four numbers are drawn.
 */
export function zoomed(batch: LabelledTensors, most: number, ignored: number, random: Random): LabelledTensors {
  const factor = most ** (2 * random.uniform() - 1);
  const [acrossAt, downAt] = [random.uniform(), random.uniform()];
  const [, , height, width] = batch.image.shape as [number, number, number, number];
  const place = (rest: number, at: number) => Math.floor(at * (rest + 1));
  if (factor >= 1) {
    const [h, w] = [Math.round(height / factor), Math.round(width / factor)];
    const [y, x] = [place(height - h, downAt), place(width - w, acrossAt)];
    return scope(() => {
      const image = ops.narrow(ops.narrow(batch.image, 2, y, h), 3, x, w);
      const label = ops.narrow(ops.narrow(batch.label, 1, y, h), 2, x, w);
      return resized({ image, label }, height, width);
    });
  }
  const [h, w] = [Math.round(height * factor), Math.round(width * factor)];
  const [y, x] = [place(height - h, downAt), place(width - w, acrossAt)];
  const margins = [x, width - w - x, y, height - h - y];
  return scope(() => {
    const { image, label } = resized(batch, h, w);
    return { image: ops.constantPadNd(image, margins, 0), label: ops.constantPadNd(label, margins, ignored) };
  });
}

function resized({ image, label }: LabelledTensors, height: number, width: number): LabelledTensors {
  const [, h, w] = label.shape as [number, number, number];
  const rows = ops.indexSelect(label, 1, nearest(h, height, label.device));
  return {
    image: ops.upsampleBilinear2d(image, [height, width], false),
    label: ops.indexSelect(rows, 2, nearest(w, width, label.device)),
  };
}

/** The pixel whose cell holds the centre of each new one. */
function nearest(from: number, to: number, device: string): Tensor {
  const positions = Int32Array.from({ length: to }, (_, i) => Math.min(from - 1, Math.floor(((i + 0.5) * from) / to)));
  return tensor(positions, [to], { dtype: 'int32', device });
}
