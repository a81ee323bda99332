/**
 * The paper's baselines, `--model pix2pix` and `--model cycle-gan`: their defaults, which are those of the public implementation of
 * both (pytorch-CycleGAN-and-pix2pix), and what does not go together with them. Depends on the schema and `errors.ts`.
 */
import { UsageError } from '../errors.js';
import type { TrainConfig } from './schema.js';

/** The models that are not the paper's own. */
type Baseline = Exclude<TrainConfig['model'], 'pix2pixHD'>;

const common = {
  // One discriminator, no feature matching, no perceptual loss.
  numD: 1,
  noGanFeatLoss: true,
  vggLoss: false,
  resizeOrCrop: 'resize_and_crop',
  loadSize: 286,
  fineSize: 256,
} as const satisfies Partial<TrainConfig>;

const defaults: Readonly<Record<Baseline, Partial<TrainConfig>>> = {
  pix2pix: { ...common, netG: 'unet', norm: 'batch', ganMode: 'vanilla', lambdaL1: 100 },
  'cycle-gan': { ...common, netG: 'global', nDownsampleGlobal: 2, nBlocksGlobal: 9, norm: 'instance', poolSize: 50 },
};

/** The defaults of the model that was asked for, with the options that were given in their places. */
export function withModel<G extends Partial<TrainConfig>>(given: G): G {
  const { model } = given;
  if (model === undefined || model === 'pix2pixHD') return given;
  return { ...defaults[model], ...unetFor(given), ...withModelInputs(given) };
}

/** Of these defaults those that say what the inputs are: images, unless classes are given. */
export function withModelInputs<G extends Partial<Pick<TrainConfig, 'model' | 'labelNc' | 'inputs'>>>(given: G): G {
  const { model, labelNc = 0, inputs = null } = given;
  if (model === undefined || model === 'pix2pixHD' || labelNc !== 0) return given;
  return { labelNc: 0, ...(inputs === null && { noInstance: true }), ...given };
}

/** As many halvings as leave one pixel of the crop, at most the eight of 256 pixels; the network has at least five. */
function unetFor({ model, fineSize = common.fineSize }: Partial<TrainConfig>): Partial<TrainConfig> {
  if (model !== 'pix2pix') return {};
  return { nDownsampleUnet: Math.min(8, Math.max(5, Math.floor(Math.log2(fineSize)))) };
}

/** An option that a model does not take. */
interface Refusal {
  readonly when: boolean;
  readonly option: string;
  readonly expected: string;
}

/**
 * Refuses what does not go together with a baseline.
 *
 * @throws UsageError naming the option and the model.
 */
export function checkBaseline(config: TrainConfig): void {
  const { model } = config;
  if (model === 'pix2pixHD') return;
  const refused = [...ofBoth(config), ...(model === 'pix2pix' ? ofPix2pix(config) : ofCycleGan(config))];
  const first = refused.find(({ when }) => when);
  if (first === undefined) return;
  throw new UsageError({
    code: 'OPTION_CONFLICT',
    doing: 'reading the options of pix2pixhd train',
    where: first.option,
    found: `--model ${model}`,
    expected: first.expected,
    remedy: 'change one of the two; pix2pixhd train --help explains them',
  });
}

function ofBoth(config: TrainConfig): Refusal[] {
  const { preset, stages, numD, instanceFeat, labelFeat, cudaGraphs, noGanFeatLoss } = config;
  return [
    { when: preset !== 'none', option: `--preset ${preset}`, expected: 'no preset: those are for pix2pixHD' },
    { when: stages !== null, option: '--stages', expected: 'one stage: local enhancers are part of pix2pixHD' },
    { when: numD !== 1, option: `--num-D ${numD}`, expected: 'the one discriminator that the model has' },
    { when: instanceFeat, option: '--instance-feat', expected: 'no styles: they are part of pix2pixHD' },
    { when: labelFeat, option: '--label-feat', expected: 'no styles: they are part of pix2pixHD' },
    { when: !noGanFeatLoss, option: '--gan-feat-loss', expected: 'no feature matching: it is part of pix2pixHD' },
    { when: cudaGraphs === true, option: '--cuda-graphs', expected: 'steps that are not recorded' },
  ];
}

function ofPix2pix({ netG, accumulate }: TrainConfig): Refusal[] {
  return [
    { when: netG !== 'unet', option: `--netG ${netG}`, expected: 'unet, the generator of pix2pix' },
    {
      when: accumulate !== 1,
      option: `--accumulate ${accumulate}`,
      expected: 'one batch a step: the discriminator is updated in its middle; a larger --batch-size instead',
    },
  ];
}

function ofCycleGan(config: TrainConfig): Refusal[] {
  const { netG, norm, labelNc, inputs, ema, lambdaL1, vggLoss, lambdaIdentity, inputNc, outputNc, inputRange } = config;
  const { checkpointing } = config;
  const oneWay = ['per-frame', 'clahe'].find(range => inputRange === range);
  return [
    { when: netG !== 'global', option: `--netG ${netG}`, expected: 'global, residual blocks as CycleGAN has them' },
    { when: norm !== 'instance', option: `--norm ${norm}`, expected: 'instance norm, as CycleGAN has it' },
    { when: labelNc !== 0, option: `--label-nc ${labelNc}`, expected: 'images in both folders: --label-nc 0' },
    { when: inputs !== null, option: `--inputs ${inputs}`, expected: 'one folder for each domain' },
    {
      when: checkpointing,
      option: '--checkpointing',
      expected: 'no gradient checkpointing: several passes share a network',
    },
    { when: ema !== 0, option: `--ema ${ema}`, expected: 'no average of the weights, which is kept of one generator' },
    {
      when: lambdaL1 !== 0,
      option: `--lambda-L1 ${lambdaL1}`,
      expected: 'no distance to a real image: there are no pairs',
    },
    { when: vggLoss === true, option: '--vgg-loss', expected: 'no distance to a real image: there are no pairs' },
    {
      when: lambdaIdentity !== 0 && inputNc !== outputNc,
      option: `--lambda-identity ${lambdaIdentity}`,
      expected: `0, with images of ${inputNc} and of ${outputNc} channels, which cannot be compared`,
    },
    {
      when: oneWay !== undefined,
      option: `--input-range ${oneWay}`,
      expected: 'one range for all images, by which results can be written',
    },
  ];
}
