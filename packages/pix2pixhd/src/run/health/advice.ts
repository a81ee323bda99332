/** The symptoms of a run in words for a user: their names, and what to do about them. Depends on types only. */
import type { TrainConfig } from '../../config/schema.js';
import type { GanMode } from '../../losses/adversarial.js';

type Model = TrainConfig['model'];

/** What can be wrong with a run. */
export type Symptom = 'not-finite' | 'jump' | 'same-output' | 'discriminator-won' | 'discriminator-undecided';

/** A symptom in words: what it is, and what to try. */
export interface Words {
  /** For the health line: "the discriminator has won". */
  readonly name: string;
  /** For the health line, after the figures. */
  readonly brief: string;
  /** Whole sentences. */
  readonly meaning: string;
  readonly remedy: string;
}

const goBack = 'stop the run, delete the checkpoints since then, and --resume with a lower --lr';

/** Options that a model has for what others have other options for. */
const ofModel: Readonly<Record<Model, { readonly ties: string; readonly stronger: string; readonly fewer: string }>> = {
  pix2pixHD: {
    ties: 'a higher --lambda-feat or --lambda-L1',
    stronger: 'with a higher --lambda-feat (20) or with --lambda-L1',
    fewer: ' or fewer --num-D',
  },
  pix2pix: { ties: 'a higher --lambda-L1', stronger: 'with a higher --lambda-L1', fewer: '' },
  'cycle-gan': {
    ties: 'a higher --lambda-A and --lambda-B',
    stronger: 'with a higher --lambda-A and --lambda-B',
    fewer: '',
  },
};

/** The words for a symptom, in a run of that GAN mode. */
export function wordsFor(symptom: Symptom, ganMode: GanMode, model: Model = 'pix2pixHD'): Words {
  const { ties, stronger, fewer } = ofModel[model];
  switch (symptom) {
    case 'not-finite':
      return {
        name: 'losses are not finite',
        brief: 'lower --lr, or --precision fp32',
        meaning: 'A loss was not finite, so the step was skipped.',
        remedy:
          'A single such step does no harm. If there are more: --resume with a lower --lr, or with --precision fp32 where it was bf16.',
      };
    case 'jump':
      return {
        name: 'a loss has jumped',
        brief: 'wait a little, then go back and lower --lr',
        meaning: 'A loss is many times what it was just before: training has become unstable.',
        remedy: `Often it recovers within a few hundred steps. If it does not, ${goBack}.`,
      };
    case 'same-output':
      return {
        name: 'the same image whatever the input',
        brief: 'check the inputs, then go back and lower --lr',
        meaning: 'The generator makes the same image whatever the input.',
        remedy: `Look at the sheet of samples: do the inputs differ, and do they match the real images? npx pix2pixhd check finds wrong labels. Inputs of a single flat colour or class look alike to the network, since instance norm removes the mean. If the inputs are right, ${goBack}; ${ties} ties the output to the input as well.`,
      };
    case 'discriminator-won':
      return {
        name: 'the discriminator has won',
        brief: model === 'pix2pixHD' ? 'raise --lambda-feat, or a smaller --ndf' : 'a smaller --ndf',
        meaning:
          'The discriminator has won: it tells real from generated images almost without error, so the generator learns little from it beyond the other losses.',
        remedy: `If the samples still improve, let it run. If not: --resume ${stronger}; use more images, crops or flips, which it cannot memorise; or start a new run with a smaller --ndf${fewer}${
          ganMode === 'vanilla' ? ', or with --gan-mode lsgan, which is less prone to this' : ''
        }.`,
      };
    case 'discriminator-undecided':
      return {
        name: 'the discriminator is undecided',
        brief: 'look at the samples; if they are poor, a larger --ndf',
        meaning:
          'The discriminator makes the same undecided prediction for real and generated images, so the generator learns nothing from it.',
        remedy:
          'If you cannot tell the samples from the real images either, this is success. If you can: check that the real images are the ones you meant (npx pix2pixhd check), and start a new run with a larger --ndf or more --n-layers-D, or --resume with a lower --lr.',
      };
  }
}
