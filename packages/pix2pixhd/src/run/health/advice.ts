/** What the conditions of a run are called and what to do about them, in words for a user. Depends on nothing but types. */
import type { GanMode } from '../../losses/adversarial.js';

/** What can be wrong with a run. */
export type Condition = 'not-finite' | 'jump' | 'same-output' | 'discriminator-won' | 'discriminator-asleep';

/** A condition in words: what it is, and what to try. */
export interface Words {
  /** For the health line: "the discriminator has won". */
  readonly name: string;
  /** For the health line, after the figures. */
  readonly brief: string;
  /** Whole sentences. */
  readonly meaning: string;
  readonly remedy: string;
}

const goBack = 'stop the run, delete the checkpoints from then on, and --resume with a lower --lr';

/** The words for a condition of a run of that GAN mode. */
export function wordsFor(condition: Condition, ganMode: GanMode): Words {
  switch (condition) {
    case 'not-finite':
      return {
        name: 'losses are not finite',
        brief: 'lower --lr, or --precision fp32',
        meaning: 'A loss was no finite number, so the step was left out.',
        remedy:
          'One such step now and then does no harm. If they come back: --resume with a lower --lr, or with --precision fp32 where it was bf16.',
      };
    case 'jump':
      return {
        name: 'a loss has jumped',
        brief: 'wait a little, else go back and lower --lr',
        meaning: 'A loss is many times what it was just before: the training has slipped.',
        remedy: `Often it recovers within a few hundred steps. If it does not, ${goBack}.`,
      };
    case 'same-output':
      return {
        name: 'the same image whatever the input',
        brief: 'check the inputs, else go back and lower --lr',
        meaning: 'The generator draws the same image whatever the input.',
        remedy: `See on the sheet of samples whether the inputs differ and fit the real images; npx pix2pixhd check finds wrong labels. Inputs of one flat colour or class do look alike to the network, since instance norm takes out the mean. If the inputs are right, ${goBack}; more --lambda-feat or --lambda-L1 ties the output to the input as well.`,
      };
    case 'discriminator-won':
      return {
        name: 'the discriminator has won',
        brief: 'raise --lambda-feat, or a smaller --ndf',
        meaning:
          'The discriminator has won: it tells real from generated images almost without error, and a judge that cannot be fooled teaches the generator little beyond the other losses.',
        remedy: `If the sheets of samples still improve, let it run. If not: --resume with a higher --lambda-feat (20) or with --lambda-L1, more pairs and crops or flips of them, which it cannot learn by heart, or a new run with a smaller --ndf or fewer --num-D${
          ganMode === 'vanilla' ? ', or with --gan-mode lsgan, which is less prone to this' : ''
        }.`,
      };
    case 'discriminator-asleep':
      return {
        name: 'the discriminator is undecided',
        brief: 'look at the samples; if they are poor, a larger --ndf',
        meaning:
          'The discriminator gives the same undecided prediction on real and generated images, so the generator learns nothing from it.',
        remedy:
          'If you cannot tell the samples from the real images either, this is success. If you can: see that the real images are what you meant (npx pix2pixhd check), and begin a new run with a larger --ndf or more --n-layers-D, or --resume with a lower --lr.',
      };
  }
}
