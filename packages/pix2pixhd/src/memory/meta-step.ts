/**
 * A training step on torch's meta device, whose tensors have shapes but no elements: what it would take is counted, nothing is
 * computed and no memory is taken. It runs the networks, the losses and the trainer themselves, so it counts whatever they
 * are. Depends on training, networks, losses, compute and torch.
 */

import { metaBytes, ops, peakMetaBytes, scope, type Tensor, withDevice } from '@pix2pixhd/torch';
import type { NetworkName } from '../checkpoint/network-names.js';
import type { Compute } from '../compute/choose-compute.js';
import { placeNetwork } from '../compute/place-network.js';
import type { TrainConfig } from '../config/schema.js';
import type { Stage } from '../config/stages.js';
import { perceptualLoss } from '../losses/perceptual.js';
import { buildGenerator, conditionChannels } from '../networks/build.js';
import { Vgg19 } from '../networks/vgg19.js';
import { buildTrainer, type SessionTrainer } from '../training/build-trainer.js';
import type { DeviceBatch } from '../training/device-batch.js';
import type { PerceptualDistance } from '../training/generator-losses.js';

/** What a stage's tensors take, in bytes of their elements. */
export interface StepMemory {
  /** Weights, their bfloat16 copies and averages, Adam's two moments, VGG19. */
  readonly weights: number;
  /** What a step adds at its fullest: its batches, the image pool, what the backward passes need, gradients. */
  readonly step: number;
  /** Parameters of each network that there is. */
  readonly parameters: Readonly<Partial<Record<NetworkName, number>>>;
}

/** Size of the images that the networks see. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Counts a step of a stage.
 * @param compute dtype and memory format; the kernels counted are the CPU's, whatever its device.
 */
export function countStep(stage: Pick<Stage, 'config' | 'frozen'>, compute: Compute, size: ImageSize): StepMemory {
  return withDevice('meta', () => scope(() => countOnMeta(stage, { ...compute, device: 'meta' }, size)));
}

function countOnMeta(
  { config, frozen }: Pick<Stage, 'config' | 'frozen'>,
  compute: Compute,
  size: ImageSize,
): StepMemory {
  const before = metaBytes();
  const vgg = config.vggLoss === true ? placeNetwork(new Vgg19(), compute).discardMasters() : undefined;
  const average = config.ema > 0 ? placeNetwork(buildGenerator(config), compute) : undefined;
  const trainer = buildTrainer(
    { config: { ...config, cudaGraphs: false }, frozen },
    compute,
    // A draw of 0.9 swaps the newest fake for one of the pool: the most that a step with a pool holds.
    () => 0.9,
    vgg && perceptualDistance(vgg, config),
  );
  try {
    const built = metaBytes();
    const peak = peakMetaBytes(() => scope(() => oneStep(trainer, config, compute, size)));
    return {
      weights: built - before + momentBytes(trainer),
      step: peak - built,
      parameters: parameterCounts(trainer),
    };
  } finally {
    trainer.dispose();
    for (const pool of trainer.pools.values()) pool.dispose();
    average?.dispose();
    vgg?.dispose();
  }
}

function perceptualDistance(vgg: Vgg19, { vggNormalise }: TrainConfig): PerceptualDistance {
  return (fake, real) => perceptualLoss(vgg, fake, real, { imagenetNormalisation: vggNormalise });
}

function oneStep(trainer: SessionTrainer, config: TrainConfig, compute: Compute, size: ImageSize): void {
  const { batchSize, poolSize, outputNc, accumulate } = config;
  const images = (channels: number, dtype: Tensor['dtype']) =>
    ops.contiguous(ops.empty([batchSize, channels, size.height, size.width], { dtype }), {
      memoryFormat: compute.memory,
    });
  const channels = conditionChannels(config);
  const batch = (): DeviceBatch => ({
    condition: images(channels, compute.dtype),
    real: images(outputNc, 'float32'),
    features: config.loadFeatures ? images(config.featNum, 'float32') : undefined,
    instances: trainer.networks.encoder && images(1, 'int32'),
  });
  if (poolSize > 0) {
    // CycleGAN's hold images alone, of either domain.
    const pooled = { pool: channels + outputNc, poolA: channels, poolB: outputNc };
    for (const [name, pool] of trainer.pools) {
      const image = images(pooled[name as keyof typeof pooled], compute.dtype);
      pool.loadState(Array.from({ length: poolSize }, () => image));
    }
  }
  const batches = Array.from({ length: accumulate }, batch);
  // The third and later batches add to the sums of the first two, and take no more than the second.
  trainer.meanGradients(batches.slice(0, 2));
}

/** Adam makes its moments in the first update, two per weight that is trained, in the master's type. */
function momentBytes(trainer: SessionTrainer): number {
  const parameters = Object.values(trainer.networks).flatMap(network => network?.parameters() ?? []);
  const trained = parameters.filter(({ trainable }) => trainable);
  return trained.reduce((sum, { value }) => sum + 2 * 4 * value.numel, 0);
}

function parameterCounts({ networks }: SessionTrainer): StepMemory['parameters'] {
  return Object.fromEntries(
    Object.entries(networks).flatMap(([name, network]) => (network ? [[name, network.parameterCount()]] : [])),
  );
}
