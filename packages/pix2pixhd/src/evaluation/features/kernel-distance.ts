/**
 * The kernel distance between two sets of features: KID (Bińkowski, Sutherland, Arbel, Gretton, "Demystifying MMD GANs", ICLR
 * 2018). Depends on torch and the seeded random numbers.
 */
import { noGrad, ops, scope, type Tensor, tensor } from '@pix2pixhd/torch';
import { Random } from '../../data/random.js';
import { deviation, mean } from '../../statistics/mean.js';
import type { SetFigure } from '../metric.js';
import { matrixOf } from './frechet-distance.js';

/** How many subsets there are, of how many images at most, and what decides which. */
export interface Subsets {
  readonly count: number;
  readonly size: number;
  readonly seed: number;
}

const published: Subsets = { count: 100, size: 1000, seed: 1 };

/**
 * The unbiased estimate of the squared maximum mean discrepancy under the kernel (x·y / D + 1)³; for equal distributions it is
 * about 0, and may be below.
 *
 * From 2,000 images of either kind on it is the mean of 100 subsets of 1,000, as published; of fewer, the estimate of all
 * images at once. The standard error is that of the delete-d jackknife (Shao and Wu, 1989) from 100 subsets of 1,000, or of half
 * the images: the deviation over subsets of m of n images times √(m / (n − m)). Other programs print that deviation alone.
 *
 * @param a features of images, at least two of one length. If there are as many in `b`, they belong together pair by pair.
 * @throws RangeError where there are fewer.
 */
export function kernelDistance(a: readonly Float32Array[], b: readonly Float32Array[], subsets = published): SetFigure {
  const fewest = Math.min(a.length, b.length);
  if (fewest < 2) throw new RangeError('KID needs at least two images');
  return noGrad(() =>
    scope(() => {
      const [x, y] = [matrixOf(a), matrixOf(b)];
      const whole = fewest < 2 * subsets.size ? kernelsOf(x, y) : undefined;
      const size = Math.min(subsets.size, Math.floor(fewest / 2));
      if (size < 2) return { value: discrepancy(whole!) };
      const random = new Random(subsets.seed);
      const estimates = Array.from({ length: subsets.count }, () =>
        scope(() => {
          const ofA = draw(a.length, size, random);
          const ofB = a.length === b.length ? ofA : draw(b.length, size, random);
          const kernels = whole ? subsetOf(whole, ofA, ofB) : kernelsOf(rowsOf(x, ofA), rowsOf(y, ofB));
          return discrepancy(kernels);
        }),
      );
      return {
        value: whole ? discrepancy(whole) : mean(estimates),
        standardError: deviation(estimates) * Math.sqrt(size / (fewest - size)),
      };
    }),
  );
}

/** The kernel between all images of one kind and all of another. */
interface Kernels {
  /** (N, N), (M, M) and (N, M). */
  readonly xx: Tensor;
  readonly yy: Tensor;
  readonly xy: Tensor;
}

/** @param x (N, D). @param y (M, D). */
function kernelsOf(x: Tensor, y: Tensor): Kernels {
  const kernel = (p: Tensor, q: Tensor) => {
    const base = ops.add(ops.div(ops.matmul(p, ops.t(q)), p.shape[1]!), 1);
    return ops.mul(ops.square(base), base);
  };
  return { xx: kernel(x, x), yy: kernel(y, y), xy: kernel(x, y) };
}

/** Those between some of the images. */
function subsetOf({ xx, yy, xy }: Kernels, i: Tensor, j: Tensor): Kernels {
  const part = (kernel: Tensor, rows: Tensor, columns: Tensor) =>
    ops.indexSelect(ops.indexSelect(kernel, 0, rows), 1, columns);
  return { xx: part(xx, i, i), yy: part(yy, j, j), xy: part(xy, i, j) };
}

function rowsOf(features: Tensor, numbers: Tensor): Tensor {
  return ops.indexSelect(features, 0, numbers);
}

/** The estimate without bias: an image is not compared with itself. */
function discrepancy({ xx, yy, xy }: Kernels): number {
  const within = (kernel: Tensor) => {
    const count = kernel.shape[0]!;
    return (ops.sum(kernel).item() - ops.sum(ops.diagonal(kernel)).item()) / (count * (count - 1));
  };
  return within(xx) + within(yy) - 2 * ops.mean(xy).item();
}

/** `size` different numbers below `count`, int64. */
function draw(count: number, size: number, random: Random): Tensor {
  const numbers = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = 0; i < size; i++) {
    const j = i + random.integer(count - i);
    [numbers[i], numbers[j]] = [numbers[j]!, numbers[i]!];
  }
  return tensor(numbers.slice(0, size), [size], { dtype: 'int64' });
}
