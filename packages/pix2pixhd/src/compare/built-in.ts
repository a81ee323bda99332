/**
 * The ablations of the paper as candidates, at sizes that fit the data: its sections 4.1 to 4.3 compare generators, losses and
 * discriminators; each candidate differs from G1 in one thing. Depends on the options of training.
 */
import { type AblationName, ablationNames } from '../config/commands/compare.js';
import { UsageError } from '../errors.js';
import type { Candidate, Candidates, TrainingOptions } from './candidates.js';
import type { DataFacts } from './data-facts.js';

/** What every other candidate is compared with. */
const BASE = 'g1';
/** From here on the half of it is large enough for the discriminators of a coarse stage. */
const LEAST_FOR_STAGES = 64;

/** An ablation: its candidates besides the base, or why there is none. */
type Ablation = readonly Candidate[] | string;

/**
 * The candidates of the ablations.
 *
 * @param asked their names; undefined for all that the data allow.
 * @param stated options of the user's own that all candidates have.
 * @throws UsageError where one was asked for that the data do not allow.
 */
export function builtInCandidates(
  facts: DataFacts,
  stated: TrainingOptions,
  asked: readonly AblationName[] | undefined,
): Candidates {
  const base = { ...baseOptions(facts), ...stated };
  const numD = base.numD ?? 2;
  const ablations: Readonly<Record<AblationName, Ablation>> = {
    generator: [{ name: 'unet', changes: unet(facts) }, ...coarseToFine(facts, numD)],
    discriminator:
      numD > 1 ? [{ name: 'one-discriminator', changes: { numD: 1 } }] : '--num-D 1 leaves nothing to compare',
    losses: [
      { name: 'no-feature-matching', changes: { noGanFeatLoss: true } },
      ...(facts.vgg ? [{ name: 'no-vgg', changes: { vggLoss: false } }] : []),
    ],
    instances: facts.instances
      ? [{ name: 'no-instances', changes: { noInstance: true } }]
      : 'the data set has no instance maps, or --no-instance was given',
    baselines: [{ name: 'pix2pix', changes: pix2pix(facts) }],
  };
  const notes: string[] = [];
  const made: { title: AblationName; candidates: readonly Candidate[] }[] = [];
  for (const title of ablationNames.filter(name => asked?.includes(name) ?? true)) {
    const candidates = ablations[title];
    if (typeof candidates !== 'string') made.push({ title, candidates });
    else if (asked === undefined) notes.push(`the ablation ${title} is left out: ${candidates}`);
    else throw impossible(title, candidates);
  }
  if (made.some(({ title }) => title === 'losses') && !facts.vgg)
    notes.push(
      'all runs are without the perceptual loss, since the weights of VGG19 are not on this machine (--vgg-loss downloads them)',
    );
  if (made.some(({ title }) => title === 'generator') && coarseToFine(facts, numD).length === 0)
    notes.push(
      `no coarse to fine: it needs an even width of at least ${LEAST_FOR_STAGES} pixels, and images have ${facts.width}`,
    );
  return {
    base,
    candidates: [{ name: BASE, changes: {} }, ...made.flatMap(({ candidates }) => candidates)],
    tables: made.map(({ title, candidates }) => ({ title, candidates: [BASE, ...candidates.map(({ name }) => name)] })),
    notes,
  };
}

/**
 * The paper's G1 and losses with two discriminators, as large as the images ask for: the resolution of its residual blocks is
 * about 32 to 64 pixels, as in the paper. Upsampling and moving average are those of the preset `small`, for all candidates:
 * without them short runs have checkerboards and depend on their last few steps.
 */
function baseOptions({ images, instances, width, vgg }: DataFacts): TrainingOptions {
  return {
    ...(images && { labelNc: 0 }),
    noInstance: !instances,
    loadSize: width,
    ngf: 32,
    ndf: 32,
    nDownsampleGlobal: Math.max(2, Math.min(4, Math.round(Math.log2(width / 64)))),
    nBlocksGlobal: width <= 256 ? 6 : 9,
    upsample: 'resize',
    ema: 0.999,
    vggLoss: vgg,
  };
}

/** The U-Net with the base's losses and discriminators. */
function unet({ width, height }: DataFacts): TrainingOptions {
  const fits = (halvings: number) => width % 2 ** halvings === 0 && height % 2 ** halvings === 0;
  return { netG: 'unet', nDownsampleUnet: [8, 7, 6].find(fits) ?? 5 };
}

/** G1 at half the width, then an enhancer: at the end as many discriminators as the others have. */
function coarseToFine({ width }: DataFacts, numD: number): readonly Candidate[] {
  if (width < LEAST_FOR_STAGES || width % 2 !== 0) return [];
  return [{ name: 'g1-enhancer', changes: { stages: `${width / 2},${width}`, numD: Math.max(1, numD - 1) } }];
}

/**
 * Isola et al. 2017 as `--model pix2pix` has it, with the public sizes: one PatchGAN of 70 pixels, batch norm, L1 100, dropout as
 * noise. Its jitter, an image enlarged by an eighth and cut at random, takes square images.
 */
function pix2pix(facts: DataFacts): TrainingOptions {
  const { width, height } = facts;
  const jitter = {
    resizeOrCrop: 'resize_and_crop',
    loadSize: Math.round((width * 286) / 256),
    fineSize: width,
  } as const;
  return {
    model: 'pix2pix',
    ...unet(facts),
    ...(width === height && jitter),
    norm: 'batch',
    ngf: 64,
    ndf: 64,
    numD: 1,
    ganMode: 'vanilla',
    noGanFeatLoss: true,
    vggLoss: false,
    lambdaL1: 100,
    upsample: 'transpose',
    ema: 0,
  };
}

function impossible(title: string, found: string): UsageError {
  return new UsageError({
    code: 'OPTION_CONFLICT',
    doing: 'choosing the ablations',
    where: `--ablation ${title}`,
    found,
    expected: 'ablations that the data and the options allow',
    remedy: 'leave it out of --ablation, or leave --ablation out for all that the data allow',
  });
}
