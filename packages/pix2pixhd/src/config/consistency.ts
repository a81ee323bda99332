/**
 * Options that contradict each other, found before anything is read or computed. Depends on the schema, the stages,
 * `data/labels/values.ts` and `errors.ts`.
 */
import { ignoredLabel, isIgnored } from '../data/labels/values.js';
import { UsageError } from '../errors.js';
import { checkBaseline } from './baselines.js';
import { imageInputs, inputNames, usesBoundary, usesLabels } from './inputs.js';
import { pairMetricNames } from './metric-names.js';
import type { TrainConfig } from './schema.js';
import { stagesOf } from './stages.js';

/**
 * Refuses options that contradict each other.
 *
 * @throws UsageError naming the option.
 */
export function checkConsistency(config: TrainConfig): void {
  checkBaseline(config);
  stagesOf(config);
  const { instanceFeat, labelFeat, loadFeatures, labelNc, noInstance, vggLoss, outputNc, checkpointing, netG, skips } =
    config;
  const { jitter, resizeOrCrop } = config;
  if (instanceFeat && labelFeat)
    throw contradiction(
      '--label-feat',
      '--instance-feat and --label-feat',
      'one of them: a style per object, or per class',
    );
  if (loadFeatures && !instanceFeat && !labelFeat)
    throw contradiction('--load-features', 'no features to load', '--instance-feat or --label-feat');
  if ((instanceFeat || labelFeat) && labelNc === 0)
    throw contradiction(
      instanceFeat ? '--instance-feat' : '--label-feat',
      '--label-nc 0',
      'label maps, whose objects have the styles',
    );
  if (instanceFeat && noInstance)
    throw contradiction(
      '--instance-feat',
      '--no-instance',
      'instance maps, which tell the objects apart; or --label-feat',
    );
  if (checkpointing && netG === 'unet')
    throw contradiction(
      '--checkpointing',
      '--netG unet, whose skip connections keep the activations of all levels',
      'the global generator or local enhancers',
    );
  if (jitter > 0 && resizeOrCrop !== 'scale_width' && resizeOrCrop !== 'none')
    throw contradiction(`--jitter ${jitter}`, `--resize-or-crop ${resizeOrCrop}, which crops`, 'scale_width or none');
  if (skips !== 'none' && netG === 'unet')
    throw contradiction(
      `--skips ${skips}`,
      '--netG unet, which has its own',
      'the global generator or local enhancers',
    );
  checkInputs(config);
  checkRanges(config);
  checkLabelMap(config);
  checkGraphs(config);
  checkValidation(config);
  if (vggLoss === true && outputNc !== 1 && outputNc !== 3)
    throw contradiction('--vgg-loss', `--output-nc ${outputNc}`, 'one or three channels, which VGG19 takes');
}

/** Label and instance maps among several inputs, and the options that say whether there are any. */
function checkInputs(config: TrainConfig): void {
  const { inputs, labelNc, noInstance, instanceFeat } = config;
  if (inputs === null) return;
  const given = `--inputs ${inputs}`;
  const names = inputNames(inputs);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw contradiction('--inputs', `${twice} twice`, 'every input once');
  if (usesLabels(inputs) !== labelNc > 0)
    throw contradiction(
      given,
      `--label-nc ${labelNc}`,
      labelNc > 0 ? 'label among the inputs, or --label-nc 0' : 'the number of classes, or no label among the inputs',
    );
  if (usesBoundary(config) && noInstance)
    throw contradiction(given, '--no-instance', 'one of them: with instance maps, or without');
  if (instanceFeat && !usesBoundary(config))
    throw contradiction('--instance-feat', given, 'inst among the inputs; or --label-feat');
}

/** One range for all input images, or one for each. */
function checkRanges(config: TrainConfig): void {
  const ranges = config.inputRange.split('/').length;
  const images = imageInputs(config)?.length ?? 1;
  if (ranges !== 1 && ranges !== images)
    throw contradiction(
      `--input-range ${config.inputRange}`,
      `${ranges} ranges for ${images} input image${images === 1 ? '' : 's'}`,
      'one for all, or one for each',
    );
}

/** What values are mapped to must be classes, or the value for pixels without one. */
function checkLabelMap({ labelMap, labelNc }: TrainConfig): void {
  if (labelMap === null) return;
  if (labelNc === 0) throw contradiction('--label-map', '--label-nc 0', 'label maps, whose values it maps');
  const outside = labelMap.split(',').find(pair => !isLabel(Number(pair.split(':')[1]), labelNc));
  if (outside !== undefined)
    throw contradiction(
      '--label-map',
      outside,
      `a class from 0 to ${labelNc - 1} (--label-nc ${labelNc}), or ${ignoredLabel(labelNc)}, after the colon`,
    );
}

function isLabel(id: number, labelNc: number): boolean {
  return id < labelNc || isIgnored(id, labelNc);
}

/** A recorded step does the same every time: nothing in it may be decided by what it computes. */
function checkGraphs({ cudaGraphs, device, poolSize, instanceFeat, labelFeat, loadFeatures }: TrainConfig): void {
  if (cudaGraphs !== true) return;
  if (device === 'cpu') throw contradiction('--cuda-graphs', '--device cpu', 'a CUDA device');
  if (poolSize > 0)
    throw contradiction(
      '--cuda-graphs',
      `--pool-size ${poolSize}, whose images are drawn at random in every step`,
      'no pool',
    );
  if ((instanceFeat || labelFeat) && !loadFeatures)
    throw contradiction(
      '--cuda-graphs',
      `--${instanceFeat ? 'instance' : 'label'}-feat, whose number of objects differs from image to image`,
      'no encoder: neither of the two, or --load-features as well',
    );
}

/** Options that say how something is measured, while nothing is; and a metric of colours, of images without. */
function checkValidation({ validate, patience, minDelta, model, inputNc, outputNc }: TrainConfig): void {
  const metric = `one of ${pairMetricNames.join(', ')}`;
  if (validate === 'none' && patience !== null) throw contradiction('--patience', '--validate none', metric);
  if (patience === null && minDelta > 0)
    throw contradiction('--min-delta', 'no --patience', '--patience N, the measurements to wait for a better figure');
  const channels = model === 'cycle-gan' ? [outputNc, inputNc] : [outputNc];
  const odd = channels.find(number => number !== 1 && number !== 3);
  if (validate === 'ciede2000' && odd !== undefined)
    throw contradiction('--validate ciede2000', `images of ${odd} channels`, 'grey or RGB images, or another metric');
}

function contradiction(option: string, found: string, expected: string): UsageError {
  return new UsageError({
    code: 'OPTION_CONFLICT',
    doing: 'reading the options of pix2pixhd train',
    where: option,
    found,
    expected,
    remedy: 'change one of the two; pix2pixhd train --help explains them',
  });
}
