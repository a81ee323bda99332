/**
 * The trainer of a stage: its networks, freshly initialised and placed on the device, and what they minimise. Depends on
 * networks, compute and torch.
 */
import { recordCudaGraph } from '@pix2pixhd/torch';
import type { Compute } from '../compute/choose-compute.js';
import { placeNetwork } from '../compute/place-network.js';
import type { Stage } from '../config/stages.js';
import { buildDiscriminator, buildEncoder, buildGenerator } from '../networks/build.js';
import { LocalEnhancer } from '../networks/local-enhancer.js';
import type { PerceptualDistance } from './generator-losses.js';
import type { ImagePool } from './image-pool.js';
import { Trainer } from './trainer.js';

/**
 * Builds the networks and optimisers of a stage.
 * @param perceptual left out where the run has no perceptual loss.
 */
export function buildTrainer(
  { config, frozen }: Pick<Stage, 'config' | 'frozen'>,
  compute: Compute,
  pool: ImagePool,
  perceptual?: PerceptualDistance,
): Trainer {
  const generator = placeNetwork(buildGenerator(config), compute);
  if (frozen && generator instanceof LocalEnhancer) generator.freezeCoarser();
  const encoder = buildEncoder(config);
  const networks = {
    generator,
    discriminator: placeNetwork(buildDiscriminator(config), compute),
    encoder: encoder && placeNetwork(encoder, compute),
  };
  return new Trainer(networks, pool, {
    // The weights of the losses, lr and checkpointing are options of the same names.
    ...config,
    perceptual,
    betas: [config.beta1, config.beta2],
    separatePasses: config.norm === 'batch',
    ...(config.cudaGraphs && { recorder: work => recordCudaGraph(compute.device, work) }),
  });
}
