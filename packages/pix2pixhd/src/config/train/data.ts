/**
 * Options of what is read and how it is brought to size. Depends on zod, `option.ts` and the shared options.
 */
import { z } from 'zod';
import { option } from '../option.js';
import {
  count,
  flag,
  inputRange,
  inputs,
  labelMap,
  maxDatasetSize,
  noFlip,
  outputRange,
  pairSizes,
  path,
} from '../shared-options.js';

/** Under "Data" in the help. */
export const dataOptions = {
  labelNc: option(z.int().min(0).max(65535).default(35), {
    group: 'data',
    value: 'N',
    nvidia: 'label_nc',
    help: 'Number of label classes: labels are 0 to N-1, and 255 means no class (65535 with more than 255 classes). 0: the inputs are images (train_A, train_B), not label maps.',
    network: 'G',
    fixed: true,
  }),
  inputs: inputs('data', { network: 'G', fixed: true }),
  labelMap: labelMap('data'),
  inputNc: option(count.default(3), {
    group: 'data',
    value: 'N',
    nvidia: 'input_nc',
    help: 'Channels of the input images, of several together. Only used where inputs are images.',
    network: 'G',
    fixed: true,
  }),
  outputNc: option(count.default(3), {
    group: 'data',
    value: 'N',
    nvidia: 'output_nc',
    help: 'Channels of the images to generate.',
    network: 'G',
    fixed: true,
  }),
  inputRange: inputRange('data', { fixed: true }),
  outputRange: outputRange('data', { fixed: true }),
  outputDepth: option(z.enum(['auto', '8', '16', 'float']).default('auto'), {
    group: 'data',
    help: 'Depth in which results are written: 8 or 16 bits, or floating point, in the unit of the target images. auto: as the target images are stored.',
    fixed: true,
  }),
  noInstance: option(flag(), {
    group: 'data',
    nvidia: 'no_instance',
    help: 'Do not use instance maps. Otherwise the boundaries between objects become an input channel.',
    network: 'G',
    fixed: true,
  }),
  resizeOrCrop: option(
    z.enum(['scale_width', 'scale_width_and_crop', 'resize_and_crop', 'crop', 'none']).default('scale_width'),
    {
      group: 'data',
      nvidia: 'resize_or_crop',
      help: 'How images are resized: scale_width scales the width to --load-size; scale_width_and_crop then crops to --fine-size; resize_and_crop resizes both sides to --load-size, then crops; crop only crops; none does neither.',
    },
  ),
  ...pairSizes,
  serialBatches: option(flag(), {
    group: 'data',
    nvidia: 'serial_batches',
    help: 'Take the pairs in the order of their names instead of shuffling them.',
  }),
  maxDatasetSize: maxDatasetSize(),
  noFlip: noFlip(),
  jitter: option(z.number().min(0).max(1).default(0), {
    group: 'data',
    value: 'X',
    help: 'Enlarge pairs by this share, then cut the old size out at a random place: with few pairs, the network cannot learn them by heart as soon. pix2pix has 0.12. Not with modes of --resize-or-crop that crop.',
  }),
  zoom: option(z.number().min(1).max(2).default(1), {
    group: 'data',
    value: 'X',
    help: 'Show each pair larger or smaller by a random factor, at most X; 1: as it is. Where it no longer covers the frame, its edge pixels are repeated. With any --resize-or-crop.',
  }),
  shift: option(z.number().min(0).max(0.5).default(0), {
    group: 'data',
    value: 'X',
    help: 'Move each pair by a random share, at most X, of its width and of its height; edge pixels are repeated as with --zoom.',
  }),
  batchSize: option(count.default(1), {
    group: 'data',
    value: 'N',
    nvidia: 'batchSize',
    help: 'Pairs per batch.',
    fixed: true,
  }),
  workers: option(count.max(64).default(2), {
    group: 'data',
    value: 'N',
    aliases: ['nThreads'],
    help: 'Threads that decode images while the networks train.',
  }),
  cacheDir: option(path().nullable().default(null), {
    group: 'data',
    value: 'FOLDER',
    whenNull: 'no cache',
    help: 'Cache decoded and resized pairs in this folder, so that later epochs and runs need not decode them.',
  }),
};
