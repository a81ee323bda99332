/**
 * The trainer of a stage: its networks, freshly initialised and placed on the device, and what they minimise. Depends on
 * networks, compute and torch.
 */

import { cudaGraphsAvailable, type nn, recordCudaGraph, TorchError } from '@pix2pixhd/torch';
import type { NetworkName } from '../checkpoint/network-names.js';
import type { Compute } from '../compute/choose-compute.js';
import { placeNetwork } from '../compute/place-network.js';
import type { TrainConfig } from '../config/schema.js';
import type { Stage } from '../config/stages.js';
import { buildCycleNetworks, buildDiscriminator, buildEncoder, buildGenerator } from '../networks/build.js';
import type { FeatureEncoder } from '../networks/encoder.js';
import { LocalEnhancer } from '../networks/local-enhancer.js';
import { AlternatingTrainer } from './alternating-trainer.js';
import { CycleTrainer } from './cycle-trainer.js';
import type { PerceptualDistance } from './generator-losses.js';
import { ImagePool, type Uniform } from './image-pool.js';
import type { Recorder } from './recorded-step.js';
import type { StepTrainer } from './step-trainer.js';
import { Trainer } from './trainer.js';

/**
 * Builds the networks and optimisers of a stage.
 * @param uniform draws for the image pools.
 * @param perceptual left out where the run has no perceptual loss.
 */
export function buildTrainer(
  stage: Pick<Stage, 'config' | 'frozen'>,
  compute: Compute,
  uniform: Uniform,
  perceptual?: PerceptualDistance,
): SessionTrainer {
  const { config } = stage;
  const adam = { lr: config.lr, betas: [config.beta1, config.beta2] } as const;
  const newPool = () => new ImagePool(config.poolSize, uniform);
  switch (config.model) {
    case 'pix2pix':
      return new AlternatingTrainer(
        placed({ generator: buildGenerator(config), discriminator: buildDiscriminator(config) }, compute),
        newPool(),
        { ...config, ...adam, perceptual },
      );
    case 'cycle-gan':
      return new CycleTrainer(placed(buildCycleNetworks(config), compute), newPool, { ...config, ...adam });
    case 'pix2pixHD':
      return paperTrainer(stage, compute, newPool(), perceptual);
  }
}

/** The networks that a session may have. */
export type SessionNetworks = Partial<Record<NetworkName, nn.Module | undefined>> & {
  readonly encoder?: FeatureEncoder | undefined;
};

/** What a session trains. */
export type SessionTrainer = StepTrainer<SessionNetworks>;

function placed<N extends object>(networks: N, compute: Compute): N {
  for (const network of Object.values(networks)) placeNetwork(network as nn.Module, compute);
  return networks;
}

function paperTrainer(
  { config, frozen }: Pick<Stage, 'config' | 'frozen'>,
  compute: Compute,
  pool: ImagePool,
  perceptual: PerceptualDistance | undefined,
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
    recorder: recorderFor(config, compute, encoder !== undefined),
  });
}

/** Records steps as CUDA graphs, where device and options allow it: without what is drawn or counted anew in every step. */
function recorderFor(config: TrainConfig, { device }: Compute, encoder: boolean): Recorder | undefined {
  const { cudaGraphs, poolSize } = config;
  if (cudaGraphs === false || poolSize > 0 || encoder || !device.startsWith('cuda') || !cudaGraphsAvailable())
    return undefined;
  return work => {
    try {
      return recordCudaGraph(device, work);
    } catch (error) {
      // Such as too little memory for a second copy of everything that a step holds.
      const code = error instanceof TorchError ? error.code : undefined;
      if (cudaGraphs === null && (code === 'OUT_OF_MEMORY' || code === 'OPERATOR_FAILED')) return undefined;
      throw error;
    }
  };
}
