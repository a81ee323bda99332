/**
 * Where and how a network computes: device, precision, memory order, threads. Depends on torch and config.
 */
import {
  cpuHasBfloat16,
  cudaDeviceCount,
  cudaGraphsAvailable,
  cudaHasBfloat16,
  getThreads,
  keepPages,
  manualSeed,
  type nn,
  physicalCores,
  releasePages,
  setCudnnBenchmark,
  setFlushDenormal,
  setTf32,
  setThreads,
} from '@pix2pixhd/torch';
import type { InputFormat } from '../conditioning/tensors.js';
import type { TrainConfig } from '../config/schema.js';
import { UserError } from '../errors.js';

/** What was decided. */
export interface Compute extends InputFormat {
  readonly precision: 'fp32' | 'bf16';
  readonly threads: number;
}

/**
 * Prepares this process for computing and says how it will: threads on all physical cores, denormals flushed, pages
 * kept between steps, the random seed set. bf16 is chosen where the hardware multiplies it. fp32 means float32 on a
 * GPU too, not TF32.
 *
 * @throws UserError where CUDA, one of its devices or its graphs are asked for and are not there.
 */
export function prepareCompute(
  config: Pick<TrainConfig, 'device' | 'precision' | 'threads' | 'seed'> & { readonly cudaGraphs?: boolean },
): Compute {
  const cards = cudaDeviceCount();
  const hasCuda = cards > 0;
  if (config.device.startsWith('cuda') && !hasCuda)
    throw new UserError({
      code: 'DEVICE_UNAVAILABLE',
      doing: 'choosing where to compute',
      where: '--device',
      found: `${config.device}, but libtorch here sees no CUDA device`,
      remedy: 'leave --device out, or build the addon against a libtorch with CUDA: npx pix2pixhd-torch-build --help',
    });
  const card = Number(/^cuda:(\d+)$/.exec(config.device)?.[1] ?? 0);
  if (hasCuda && card >= cards)
    throw new UserError({
      code: 'DEVICE_UNAVAILABLE',
      doing: 'choosing where to compute',
      where: '--device',
      found: config.device,
      expected: cards === 1 ? 'cuda:0, the only CUDA device here' : `cuda:0 to cuda:${cards - 1}`,
      remedy: 'give one of these, or leave --device out',
    });
  const wanted = config.device === 'auto' ? (hasCuda ? 'cuda' : 'cpu') : config.device;
  const device = wanted === 'cuda' ? 'cuda:0' : wanted;
  if (config.cudaGraphs === true) requireGraphs(device);
  setThreads(config.threads ?? physicalCores());
  setFlushDenormal(true);
  keepPages();
  manualSeed(config.seed);
  if (device !== 'cpu') {
    manualSeed(config.seed, device);
    setTf32(false);
  }
  const lowered =
    config.precision === 'bf16' ||
    (config.precision === 'auto' && (device === 'cpu' ? cpuHasBfloat16() : cudaHasBfloat16(device)));
  return {
    device,
    precision: lowered ? 'bf16' : 'fp32',
    dtype: lowered ? 'bfloat16' : 'float32',
    // Measured on the CPU (docs/speed.md): channels-last wins in bfloat16, plain order in float32.
    memory: lowered || device !== 'cpu' ? 'channels_last' : 'contiguous',
    threads: getThreads(),
  };
}

function requireGraphs(device: string): void {
  if (device !== 'cpu' && cudaGraphsAvailable()) return;
  throw new UserError({
    code: 'DEVICE_UNAVAILABLE',
    doing: 'choosing how to compute',
    where: '--cuda-graphs',
    found: device === 'cpu' ? 'the CPU to compute on' : "an addon that was built without CUDA's headers",
    expected: "a CUDA device, and an addon built where CUDA's headers are",
    remedy: 'leave --cuda-graphs out, or name the folder of the CUDA toolkit in CUDA_HOME and run npm run setup',
  });
}

/**
 * Says whether images of one size, or of few, are to come. On a GPU the fastest algorithms are then looked for
 * at the first image of a size, which takes seconds. To be called before the first one.
 */
export function expectSizes({ device }: Compute, sizes: 'few' | 'many'): void {
  if (device !== 'cpu') setCudnnBenchmark(sizes === 'few');
}

/** Brings a network to where and how it computes. */
export function placeNetwork<M extends nn.Module>(network: M, compute: Compute): M {
  network.to({ device: compute.device });
  if (compute.precision === 'bf16') network.toMixedPrecision();
  else network.to({ memoryFormat: compute.memory });
  return network;
}

/**
 * How a network computes that only translates: in channels-last also in float32, where an image then takes a tenth less
 * time and a sixth less memory than in plain order (docs/speed.md).
 */
export function computeForTranslation(compute: Compute): Compute {
  return { ...compute, memory: 'channels_last' };
}

/**
 * Brings a network that only translates to where and how it computes: without gradients, without full-precision
 * masters, in evaluation mode. What loading it took beyond that is given back to the system.
 */
export function placeForTranslation<M extends nn.Module>(network: M, compute: Compute): M {
  network.trainable(false).eval().to({ device: compute.device });
  if (compute.precision === 'bf16') {
    // One by one: all masters beside all copies would be the most memory that the program ever takes.
    for (const parameter of network.parameters()) {
      parameter.toMixedPrecision();
      parameter.discardMaster();
    }
  } else {
    network.to({ memoryFormat: compute.memory });
  }
  releasePages();
  return network;
}
