/**
 * The Fréchet distance between two Gaussians that are fitted to features: FID (Heusel et al., "GANs trained by a two time-scale
 * update rule converge to a local Nash equilibrium", NeurIPS 2017). Depends on torch.
 */
import { noGrad, ops, scope, type Tensor, tensor } from '@pix2pixhd/torch';

const eigh = ops.operator('aten::linalg_eigh');
const singularValues = ops.operator('aten::linalg_svdvals');

/**
 * |μ₁ − μ₂|² + tr Σ₁ + tr Σ₂ − 2 tr (Σ₁Σ₂)^½, covariances with n − 1, in float64.
 *
 * The square root of the product, which need not be symmetric and may be singular, is never formed: with Σ = FᵀF the eigenvalues
 * of Σ₁Σ₂ are the squares of the singular values of F₁F₂ᵀ, so that the trace is their sum.
 *
 * @param a features of images, at least two of one length.
 * @throws RangeError where there are fewer.
 */
export function frechetDistance(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  if (Math.min(a.length, b.length) < 2) throw new RangeError('a covariance needs at least two images');
  return noGrad(() =>
    scope(() => {
      const [x, y] = [a, b].map(gaussianOf) as [Gaussian, Gaussian];
      const means = ops.sum(ops.square(ops.sub(x.mean, y.mean))).item();
      const traces = [x, y].map(({ factor }) => ops.sum(ops.square(factor)).item());
      const shared = singularValues([ops.matmul(x.factor, ops.t(y.factor))]) as Tensor;
      return Math.max(0, means + traces[0]! + traces[1]! - 2 * ops.sum(shared).item());
    }),
  );
}

interface Gaussian {
  /** (D). */
  readonly mean: Tensor;
  /** (at most D, D): F with FᵀF the covariance. */
  readonly factor: Tensor;
}

/** The moments of features, (N, D). */
function gaussianOf(features: readonly Float32Array[]): Gaussian {
  const rows = matrixOf(features);
  const [images, length] = rows.shape as [number, number];
  const mean = ops.mean(rows, 0);
  const centred = ops.div(ops.sub(rows, mean), Math.sqrt(images - 1));
  // Fewer images than features are their own factor.
  if (images <= length) return { mean, factor: centred };
  const [values, vectors] = eigh([ops.matmul(ops.t(centred), centred), 'L']) as [Tensor, Tensor];
  // Rounding may leave eigenvalues a hair below zero.
  const roots = ops.sqrt(ops.clamp(values, 0));
  return { mean, factor: ops.mul(ops.unsqueeze(roots, 1), ops.t(vectors)) };
}

/** (N, D), float64. */
export function matrixOf(features: readonly Float32Array[]): Tensor {
  const length = features[0]!.length;
  const values = new Float64Array(features.length * length);
  for (const [i, row] of features.entries()) values.set(row, i * length);
  return tensor(values, [features.length, length], { dtype: 'float64' });
}
