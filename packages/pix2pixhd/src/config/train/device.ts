/**
 * Options of where and how to compute. Depends on `option.ts` and the shared options.
 */
import { option } from '../option.js';
import { device, flag, precision, threads } from '../shared-options.js';

/** Under "Device and speed" in the help. */
export const deviceOptions = {
  device: device(),
  precision: precision(),
  checkpointing: option(flag(), {
    group: 'device',
    help: 'Compute parts of the generator a second time in place of keeping all they gave: less memory, most of all for large images, for about a quarter more time. The result is the same to the bit.',
  }),
  cudaGraphs: option(flag(), {
    group: 'device',
    help: 'On a CUDA device: record the gradients of a step once and launch them as a whole from then on. For images of one size.',
  }),
  threads: threads(),
};
