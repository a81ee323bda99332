/**
 * A run that is stopped and resumed equals one that never stopped: every loss, and every weight, moment and random state of
 * the last checkpoint, bit for bit. Stopped after step 7 of 12, in the middle of an epoch and at its end. The parts of the first case
 * run in processes of their own, as users run them; all others in this one, with any state that earlier runs have left.
 */
import { join } from 'node:path';
import { test } from 'node:test';
import { succeed, succeedAlone } from '../support/cli.js';
import { assertSameRun, labelNc, tiny, writeImagePairs, writeLabelPairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const labels = join(root, 'labels');
const images = join(root, 'images');
const small = join(root, 'small');
writeLabelPairs(labels, 'train', 5, 48, 32);
writeImagePairs(images, 'train', 5, 32, 32);
const large = join(root, 'large');
writeImagePairs(large, 'train', 5, 64, 64);
// Seven: after step 7 an epoch is complete.
writeImagePairs(small, 'train', 7, 32, 32);

const withLabels = ['--dataroot', labels, '--label-nc', String(labelNc), ...tiny];
const withImages = ['--dataroot', images, '--label-nc', '0', ...tiny];

const cases: Record<string, readonly string[]> = {
  // The U-Net needs six downsamplings to have a level with dropout.
  'images, U-Net: dropout draws from the random generator': [
    ...['--dataroot', large, '--label-nc', '0', ...tiny],
    ...['--netG', 'unet', '--n-downsample-unet', '6'],
  ],
  'label and instance maps, global generator, in the middle of an epoch': withLabels,
  'local enhancer': [...withImages, '--netG', 'local', '--n-downsample-global', '1', '--n-blocks-local', '1'],
  'batch norm: running statistics': [...withImages, '--norm', 'batch', '--batch-size', '2'],
  'a pool of earlier fakes': [...withImages, '--pool-size', '4'],
  'bf16: weights are rounded again from the master': [...withImages, '--precision', 'bf16'],
  'an average of the weights': [...withImages, '--ema', '0.9'],
  'gradients of two batches in a step, the last of an epoch of one': [...withLabels, '--accumulate', '2'],
  'an encoder: styles of objects': [...withLabels, '--instance-feat', '--nef', '4', '--n-downsample-E', '2'],
  'an encoder in bf16, styles of classes': [
    ...[...withLabels, '--label-feat', '--nef', '4', '--n-downsample-E', '2', '--precision', 'bf16'],
  ],
  'bf16 with a pool': [...withImages, '--precision', 'bf16', '--pool-size', '2'],
  'batches of two, the last of an epoch with one; crops': [
    ...withLabels,
    ...['--batch-size', '2', '--resize-or-crop', 'crop', '--fine-size', '16'],
  ],
  'stopped at the end of an epoch': ['--dataroot', small, '--label-nc', '0', ...tiny],
};

const alone = 1;

for (const [number, [title, options]] of Object.entries(cases).entries()) {
  test(title, async () => {
    const checkpoints = join(root, title.replace(/\W+/g, '-'));
    const place = (name: string) => ['train', '--name', name, '--checkpoints-dir', checkpoints];
    const train = number < alone ? succeedAlone : succeed;
    await succeed(...place('uninterrupted'), ...options, '--max-steps', '12');
    await train(...place('parts'), ...options, '--max-steps', '7');
    await train(...place('parts'), '--resume', '--max-steps', '12');
    assertSameRun(join(checkpoints, 'parts'), join(checkpoints, 'uninterrupted'), 12);
  });
}
