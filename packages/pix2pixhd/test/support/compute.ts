/**
 * The choice of device and dtype, and the process set up for it: what a command does at its start. Depends on compute.
 */
import { type Compute, type ComputeOptions, chooseCompute } from '../../src/compute/choose-compute.js';
import { configureProcess } from '../../src/compute/configure-process.js';
import type { TrainConfig } from '../../src/config/schema.js';

/** Chooses how to compute, and configures this process. */
export function prepareCompute(config: ComputeOptions & Pick<TrainConfig, 'threads' | 'seed'>): Compute {
  const compute = chooseCompute(config);
  configureProcess({ threads: config.threads, seed: config.seed, device: compute.device });
  return compute;
}
