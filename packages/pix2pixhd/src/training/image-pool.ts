/**
 * A pool of earlier fakes for the discriminator (Shrivastava et al., 2017). Depends on torch and seeded draws.
 */
import { keep, noGrad, ops, type Tensor, track } from '@pix2pixhd/torch';

/** Draws uniformly from [0, 1). */
export type Uniform = () => number;

/**
 * Keeps up to `size` earlier (condition, fake) pairs; once full, each new pair is swapped for an old one with probability
 * one half. Size 0, pix2pixHD's default, returns every pair as it is.
 */
export class ImagePool {
  readonly size: number;
  readonly #uniform: Uniform;
  readonly #images: Tensor[] = [];

  constructor(size: number, uniform: Uniform) {
    this.size = size;
    this.#uniform = uniform;
  }

  /**
   * @param image (N, C, H, W), detached; a pair is a whole batch.
   * @returns what the discriminator sees as fake; where that is an old image, it now belongs to the caller's scope.
   */
  query(image: Tensor): Tensor {
    if (this.size === 0) return image;
    if (this.#images.length < this.size) {
      this.#images.push(keep(noGrad(() => ops.clone(image))));
      return image;
    }
    if (this.#uniform() < 0.5) return image;
    const index = Math.floor(this.#uniform() * this.size);
    const old = this.#images[index]!;
    if (String(old.shape) !== String(image.shape)) return image;
    this.#images[index] = keep(noGrad(() => ops.clone(image)));
    // No longer the pool's: it lives as long as the step's scope.
    track(old);
    return old;
  }

  /** The contents, for a checkpoint; the tensors stay the pool's own. */
  state(): readonly Tensor[] {
    return this.#images;
  }

  /** Continues from saved contents (copied). */
  loadState(images: readonly Tensor[]): void {
    this.dispose();
    this.#images.push(...images.map(image => keep(noGrad(() => ops.clone(image)))));
  }

  /** Frees the pool. */
  dispose(): void {
    for (const image of this.#images.splice(0)) image.dispose();
  }
}
