/**
 * Options of Adam, its schedule and the image pool. Depends on zod, `option.ts` and the shared options.
 */
import { z } from 'zod';
import { option } from '../option.js';
import { count } from '../shared-options.js';

/** Under "Optimisation" in the help. */
export const optimisationOptions = {
  niter: option(z.int().min(0).default(100), {
    group: 'optimisation',
    value: 'EPOCHS',
    nvidia: 'niter',
    help: 'Epochs at the full learning rate.',
  }),
  niterDecay: option(z.int().min(0).default(100), {
    group: 'optimisation',
    value: 'EPOCHS',
    nvidia: 'niter_decay',
    help: 'Further epochs, over which the learning rate falls linearly to zero.',
  }),
  lr: option(z.number().positive().default(2e-4), {
    group: 'optimisation',
    value: 'X',
    nvidia: 'lr',
    help: "Adam's learning rate.",
  }),
  beta1: option(z.number().min(0).lt(1).default(0.5), {
    group: 'optimisation',
    value: 'X',
    nvidia: 'beta1',
    help: "Adam's beta1, the decay rate of the first moment.",
  }),
  beta2: option(z.number().min(0).lt(1).default(0.999), {
    group: 'optimisation',
    value: 'X',
    help: "Adam's beta2, the decay rate of the second moment.",
  }),
  ema: option(z.number().min(0).lt(1).default(0), {
    group: 'optimisation',
    value: 'X',
    help: "Decay of an exponential moving average (EMA) of the generator's weights, such as 0.999, which samples and generate then use. 0: no EMA.",
  }),
  accumulate: option(count.max(1024).default(1), {
    group: 'optimisation',
    value: 'N',
    help: 'Batches whose gradients are averaged into one step: the effect of an N times larger batch in the memory of one.',
    fixed: true,
  }),
  poolSize: option(z.int().min(0).default(0), {
    group: 'optimisation',
    value: 'N',
    nvidia: 'pool_size',
    help: 'Earlier generated images to keep in a pool and show to the discriminator again. 0: no pool.',
    fixed: true,
  }),
};
