/** How training prepares a sample for the network. Depends on the networks' sizes and types of data. */
import type { TrainConfig } from '../config/schema.js';
import { parseLabelMap } from '../data/labels/mapping.js';
import type { SampleSpec } from '../data/load/sample.js';
import { parseRange, parseRanges } from '../data/values/range.js';
import { leastTrainingSide, sizeMultiple } from '../networks/sizes.js';

/** The options that decide it. */
export type SpecOptions = Parameters<typeof sizeMultiple>[0] &
  Parameters<typeof leastTrainingSide>[0] &
  Pick<
    TrainConfig,
    | 'resizeOrCrop'
    | 'loadSize'
    | 'fineSize'
    | 'noFlip'
    | 'jitter'
    | 'zoom'
    | 'shift'
    | 'labelNc'
    | 'labelMap'
    | 'inputNc'
    | 'outputNc'
    | 'inputRange'
    | 'outputRange'
    | 'loadFeatures'
    | 'featNum'
  >;

/** The sample specification of a run, or of one of its stages. */
export function trainingSpec(options: SpecOptions): SampleSpec {
  return {
    transform: {
      mode: options.resizeOrCrop,
      loadSize: options.loadSize,
      fineSize: options.fineSize,
      multiple: sizeMultiple(options),
      least: leastTrainingSide(options),
      flip: !options.noFlip,
      jitter: options.jitter,
      zoom: options.zoom,
      shift: options.shift,
    },
    labelNc: options.labelNc,
    labelMap: parseLabelMap(options.labelMap),
    sourceChannels: options.inputNc,
    imageChannels: options.outputNc,
    alpha: 'drop',
    sourceRange: parseRanges(options.inputRange),
    imageRange: parseRange(options.outputRange),
    featureChannels: options.loadFeatures ? options.featNum : 0,
  };
}
