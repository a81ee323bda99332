/**
 * What FID and KID observe of an image, by the protocol of clean-fid: Parmar, Zhang, Zhu, "On aliased resizing and surprising
 * subtleties in GAN evaluation", CVPR 2022. Depends on torch, the network beside it, its file of weights and data/resize.
 */
import { scope } from '@pix2pixhd/torch';
import { resizeBicubic } from '../../data/resize/resize.js';
import type { ComparedImage } from '../comparable.js';
import type { SetMeter } from '../metric.js';
import { imageTensor, type Placement } from './image-tensor.js';
import { FidInception } from './inception.js';
import { openPublished } from './open-published.js';

/** What is observed, and its version. */
export const INCEPTION_OBSERVATIONS = 'inception-2015-12-05 clean 1';

/** The network's own size. */
const SIDE = 299;

/** The network with its weights. To be disposed of. */
export class InceptionFeatures implements SetMeter {
  readonly #network: FidInception;
  readonly #placement: Placement;

  /** Takes the network over. */
  constructor(network: FidInception, placement: Placement) {
    this.#network = network;
    this.#placement = placement;
    network.to(placement);
  }

  /** The 2048 features of an image of any size, grey or RGB. */
  observe(image: ComparedImage): Float32Array {
    return scope(() => {
      const input = imageTensor(inceptionInput(image), value => (value - 128) / 128, this.#placement);
      return Float32Array.from(this.#network.forward(input).data() as Float32Array);
    });
  }

  [Symbol.dispose](): void {
    this.#network.dispose();
  }
}

/** Resized to 299×299 by Pillow's antialiased bicubic filter in floating point, cut off at black and white, not rounded. */
export function inceptionInput(image: ComparedImage): ComparedImage {
  const exact = { ...image, data: Float32Array.from(image.data) };
  const { data, ...size } = resizeBicubic(exact, SIDE, SIDE);
  return { ...size, data: Float32Array.from(data, value => Math.min(255, Math.max(0, value))) };
}

/**
 * Loads the network as metrics do.
 * @throws UserError where the file cannot be read or holds another network.
 */
export function openInception(files: ReadonlyMap<string, string>, device: string): InceptionFeatures {
  const network = openPublished(() => new FidInception(), 'inception', files);
  return new InceptionFeatures(network, { device, dtype: 'float32' });
}
