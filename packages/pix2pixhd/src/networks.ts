/**
 * `pix2pixhd/networks`: networks, what they are conditioned on, and losses, for those who compare them or build a training of
 * their own on `@pix2pixhd/torch`.
 *
 * @example
 * ```ts
 * import { backward, ops, scope } from '@pix2pixhd/torch';
 * import * as gan from 'pix2pixhd/networks';
 *
 * const norm = 'instance';
 * const G = new gan.GlobalGenerator({
 *   inputChannels: 5, outputChannels: 3, ngf: 4, downsamplings: 2, blocks: 1, norm, upsample: 'transpose',
 * });
 * const D = new gan.MultiscaleDiscriminator({
 *   inputChannels: 5 + 3, ndf: 4, layers: 3, scales: 2, norm, features: true, sigmoid: false,
 * });
 * const format = { dtype: 'float32', memory: 'contiguous', device: 'cpu' } as const;
 * scope(() => {
 *   const label = Int32Array.from({ length: 32 * 32 }, (_, i) => i % 5);
 *   const condition = gan.conditionTensor({ images: 1, width: 32, height: 32, label }, 5, false, format);
 *   const real = gan.imageTensor(new Float32Array(3 * 32 * 32), [1, 3, 32, 32], format);
 *   const predFake = D.predict(ops.cat([condition, G.forward(condition)], 1));
 *   const predReal = D.predict(ops.cat([condition, real], 1));
 *   const lossG = ops.add(gan.generatorLoss('lsgan', predFake), ops.mul(gan.featureMatchingLoss(predFake, predReal), 10));
 *   backward(lossG);
 *   console.log(lossG.item(), G.parameters().every(({ value }) => value.grad !== undefined));
 * });
 * ```
 */

// What generator and discriminator are conditioned on
export { type Condition, checkLabels, conditionOf } from './conditioning/condition.js';
export {
  appendStyleFeatures,
  conditionTensor,
  type InputFormat,
  idTensor,
  imageTensor,
} from './conditioning/tensors.js';

// Losses
export { discriminatorLoss, type GanMode, generatorLoss } from './losses/adversarial.js';
export { featureMatchingLoss } from './losses/feature-matching.js';
export { hasPerceptualLoss, type PerceptualOptions, perceptualLoss } from './losses/perceptual.js';

// Networks, by their own options or by those of training
export {
  buildDiscriminator,
  buildEncoder,
  buildGenerator,
  conditionChannels,
  type NetworkConfig,
  usesBoundary,
  usesFeatures,
} from './networks/build.js';
export * from './networks/index.js';
export { leastSide, sizeMultiple } from './networks/sizes.js';
export { loadVgg } from './pretrained/load-vgg.js';
export { downloadVggWeights, findVggWeights, type VggDownload, vggCachePath } from './pretrained/vgg-weights.js';
export { ImagePool, type Uniform } from './training/image-pool.js';
