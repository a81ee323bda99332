/**
 * What libtorch keeps for the whole process: threads, denormals, pages, seeds, the settings of a GPU. The only file that changes
 * them. Depends on torch.
 */
import {
  keepPages,
  manualSeed,
  physicalCores,
  setCudnnBenchmark,
  setFlushDenormal,
  setTf32,
  setThreads,
} from '@pix2pixhd/torch';
import type { Compute } from './choose-compute.js';

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
 * Sets up libtorch in this process. Everything that is global is set here and nowhere else, neither by importing the package
 * nor by loading a generator:
 *
 * - the number of CPU threads of the calling thread's operators; libtorch's own default may be one;
 * - denormals, which are flushed to zero on all of libtorch's threads;
 * - the allocator, which keeps freed pages for the next tensors, on Linux; malloc keeps freed memory from then on;
 * - the seed of the default random generators;
 * - for a GPU no TF32, so that fp32 means float32. Whether cuDNN times its algorithms is set once the sizes of the images are
 *   known.
 *
 * The commands of `pix2pixhd` and `train` call it. A program that generates gets from it all cores, and on the CPU fewer page
 * faults. Outside libtorch one thing is the process': reading the first image switches off sharp's cache of operations.
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

/**
 * Sets for this process whether images of few sizes are to come, or of many. On a GPU, with few, cuDNN times its algorithms at
 * the first image of each size, which takes seconds, and keeps the fastest. To be called before the first image.
 */
export function expectSizes({ device }: Compute, sizes: 'few' | 'many'): void {
  if (device !== 'cpu') setCudnnBenchmark(sizes === 'few');
}
