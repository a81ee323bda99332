/**
 * Where and how a network computes: device, precision, memory order, threads. Depends on torch and config.
 */
import {
  cpuHasBfloat16,
  cudaDeviceCount,
  cudaGraphsAvailable,
  cudaHasBfloat16,
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

/** Where and how networks compute. */
export interface Compute extends InputFormat {
  readonly precision: 'fp32' | 'bf16';
}

/** The options that decide where and how networks compute. */
export type ComputeOptions = Pick<TrainConfig, 'device' | 'precision'> & { readonly cudaGraphs?: boolean };

/**
 * Chooses device, dtype and memory format; changes nothing. bf16 is chosen where the hardware multiplies it.
 *
 * @throws UserError where CUDA, one of its devices or its graphs are asked for and are not there.
 */
export function chooseCompute(config: ComputeOptions): Compute {
  const gpus = cudaDeviceCount();
  const hasCuda = gpus > 0;
  if (config.device.startsWith('cuda') && !hasCuda)
    throw new UserError({
      code: 'DEVICE_UNAVAILABLE',
      doing: 'choosing where to compute',
      where: '--device',
      found: `${config.device}, but libtorch here sees no CUDA device`,
      remedy: 'leave --device out, or build the addon against a libtorch with CUDA: npx pix2pixhd-torch-build --help',
    });
  const number = Number(/^cuda:(\d+)$/.exec(config.device)?.[1] ?? 0);
  if (hasCuda && number >= gpus)
    throw new UserError({
      code: 'DEVICE_UNAVAILABLE',
      doing: 'choosing where to compute',
      where: '--device',
      found: config.device,
      expected: gpus === 1 ? 'cuda:0, the only CUDA device here' : `cuda:0 to cuda:${gpus - 1}`,
      remedy: 'give one of these, or leave --device out',
    });
  const wanted = config.device === 'auto' ? (hasCuda ? 'cuda' : 'cpu') : config.device;
  const device = wanted === 'cuda' ? 'cuda:0' : wanted;
  if (config.cudaGraphs === true) requireGraphs(device);
  const mixed =
    config.precision === 'bf16' ||
    (config.precision === 'auto' && (device === 'cpu' ? cpuHasBfloat16() : cudaHasBfloat16(device)));
  return {
    device,
    precision: mixed ? 'bf16' : 'fp32',
    dtype: mixed ? 'bfloat16' : 'float32',
    // Measured on the CPU (docs/speed.md): channels-last wins in bfloat16, plain order in float32.
    memory: mixed || device !== 'cpu' ? 'channels_last' : 'contiguous',
  };
}

/** What {@link configureProcess} sets. */
export interface ProcessOptions {
  /** CPU threads inside one operator; null for one per physical core. */
  readonly threads?: number | null;
  /** Seed of the default random generators. */
  readonly seed?: number;
  /** The device that networks will compute on, as `cuda:0`: a GPU has settings of its own. */
  readonly device?: string;
}

/**
 * Sets what libtorch keeps for the whole process: the number of threads; denormals, which are flushed to zero; freed
 * pages, which are kept for the next tensors; the seed; and, for a GPU, no TF32, so that fp32 means float32.
 *
 * The commands of `pix2pixhd` and `train` call it. A program that generates gets from it all cores and, on the CPU, fewer page
 * faults; its malloc keeps freed memory from then on. The number of threads is that of the calling thread. Loading a generator
 * changes nothing in the process; importing the package changes one thing: sharp's cache of operations is off.
 *
 * @example
 * ```ts
 * configureProcess(); // one thread per physical core
 * configureProcess({ threads: 2 });
 * ```
 */
export function configureProcess({ threads = null, seed = 0, device = 'cpu' }: ProcessOptions = {}): void {
  configureThread(threads);
  keepPages();
  manualSeed(seed);
  if (device !== 'cpu') {
    manualSeed(seed, device);
    setTf32(false);
  }
}

/**
 * The part of {@link configureProcess} that is a thread's own: how many threads of libtorch's pool its operators use, and
 * that all of them flush denormals.
 */
export function configureThread(threads: number | null): void {
  setThreads(threads ?? physicalCores());
  setFlushDenormal(true);
}

/** {@link chooseCompute} and {@link configureProcess}, for a process that does nothing else. */
export function prepareCompute(config: ComputeOptions & Pick<TrainConfig, 'threads' | 'seed'>): Compute {
  const compute = chooseCompute(config);
  configureProcess({ threads: config.threads, seed: config.seed, device: compute.device });
  return compute;
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
