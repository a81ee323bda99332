/**
 * Options of where and how to compute. Depends on `option.ts` and the shared options.
 */
import { z } from 'zod';
import { option } from '../option.js';
import { device, flag, precision, threads } from '../shared-options.js';

/** Under "Device and speed" in the help. */
export const deviceOptions = {
  device: device(),
  precision: precision(),
  checkpointing: option(flag(), {
    group: 'device',
    help: 'Gradient checkpointing: recompute parts of the generator in the backward pass instead of storing their activations. Needs less memory, above all for large images, and about a quarter more time. The result is the same to the bit.',
  }),
  cudaGraphs: option(z.boolean().nullable().default(null), {
    group: 'device',
    whenNull: 'where it can be',
    help: 'On a CUDA device: record the gradients of a step once as a CUDA graph and replay it from then on, for images of one size. Giving this insists; --no-cuda-graphs computes operator by operator, slower and in less memory.',
  }),
  threads: threads(),
};
