/**
 * Edge cases: data sets that shrink between two runs, images smaller than the network takes, batches larger than the data
 * set, one channel, losses that are not finite.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { noise, writePng } from '../data/images.js';
import { pix2pixhd, refuse, succeed } from '../support/cli.js';
import { lossesOf, tensorsOf, tiny, writeImagePairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const checkpointsDir = join(root, 'checkpoints');
const place = (name: string) => ['--name', name, '--checkpoints-dir', checkpointsDir];
const arguments_ = (name: string, dataroot: string, ...options: string[]) => [
  ...['train', ...place(name), '--dataroot', dataroot, '--label-nc', '0', ...tiny, '--display-freq', '0'],
  ...options,
];

test('a run continues with the next epoch if so many pairs were removed that this one is over', async () => {
  const dataroot = join(root, 'shrinks');
  writeImagePairs(dataroot, 'train', 4, 16, 16);
  await succeed(...arguments_('shrinks', dataroot, '--max-steps', '3'));
  for (const side of ['A', 'B']) for (const stem of [1, 2, 3]) rmSync(join(dataroot, `train_${side}`, `${stem}.png`));
  await succeed('train', ...place('shrinks'), '--resume', '--max-steps', '5');
  const epochs = lossesOf(join(checkpointsDir, 'shrinks')).map(({ epoch }) => epoch);
  assert.deepEqual(epochs, [1, 1, 1, 2, 3]);
});

test('images smaller than the network takes are enlarged, with a message; a batch may hold the whole data set', async () => {
  const dataroot = join(root, 'small');
  writeImagePairs(dataroot, 'train', 3, 5, 3);
  const said = await succeed(...arguments_('small', dataroot, '--batch-size', '8', '--max-steps', '2'));
  assert.match(said, /size 5×3 is used as 8×8: .* a multiple of 4 and at least 8/);
  assert.equal(lossesOf(join(checkpointsDir, 'small')).at(-1)!.epoch, 2);
  const unet = ['--netG', 'unet', '--n-downsample-unet', '5', '--norm', 'batch', '--max-steps', '1'];
  assert.match(await succeed(...arguments_('unet', dataroot, ...unet)), /5×3 is used as 32×32/);
});

test('more discriminators than the image size allows are refused, in a dry run too', async () => {
  const dataroot = join(root, 'halvings');
  writeImagePairs(dataroot, 'train', 1, 16, 16);
  for (const options of [['--dry-run'], ['--max-steps', '1']])
    await refuse(arguments_('halvings', dataroot, '--num-D', '5', ...options), 1, /--num-D 5/, /--num-D 4 or less/);
  await succeed(...arguments_('halvings', dataroot, '--num-D', '4', '--max-steps', '1'));
});

test('a network with one output channel writes grey images', async () => {
  const dataroot = join(root, 'grey');
  for (const side of ['A', 'B']) writePng(join(dataroot, `train_${side}`, '0.png'), 16, 1, noise(16 * 16));
  await succeed(...arguments_('grey', dataroot, '--input-nc', '1', '--output-nc', '1', '--max-steps', '1'));
  const out = join(root, 'out');
  await succeed('generate', ...place('grey'), '--input', join(dataroot, 'train_A'), '--out', out);
  const { channels, space } = await sharp(join(out, '0.png')).metadata();
  assert.deepEqual([channels, space], [1, 'b-w']);
});

test('non-finite steps change nothing; without a checkpoint to go back to the run ends and says what to do', async () => {
  const dataroot = join(root, 'diverges');
  writeImagePairs(dataroot, 'train', 1, 16, 16);
  const { code, stdout, stderr } = await pix2pixhd(
    ...arguments_('diverges', dataroot, '--lr', '1e30', '--max-steps', '9'),
  );
  assert.equal(code, 1);
  assert.match(stdout, /step 2 was skipped: a loss or a gradient is not finite\n/);
  assert.match(stderr, /step 4\n(.*\n)+ +remedy: +start over with a lower --lr, or --precision fp32/);
  assert.ok(lossesOf(join(checkpointsDir, 'diverges')).some(record => Object.values(record).includes(null)));
  assert.equal(existsSync(join(checkpointsDir, 'diverges', 'checkpoints')), false);
});

test('a diverging run goes back to its last good checkpoint three times, and keeps it for resuming', async () => {
  const dataroot = join(root, 'bounds');
  writeImagePairs(dataroot, 'train', 2, 16, 16);
  const run = join(checkpointsDir, 'bounds');
  await succeed(...arguments_('bounds', dataroot, '--max-steps', '3', '--save-latest-freq', '1'));
  const good = tensorsOf(run);
  // Every step at this learning rate breaks the weights, and a checkpoint is due after each.
  const resume = ['train', ...place('bounds'), '--resume', '--max-steps', '60'];
  const { code, stdout, stderr } = await pix2pixhd(...resume, '--lr', '1e30');
  assert.equal(code, 1);
  assert.equal(stdout.match(/back to the weights of step 3, since several steps in a row were not finite/g)?.length, 3);
  assert.match(stderr, /continue from step 3 with --resume and a lower --lr/);
  assert.deepEqual(tensorsOf(run), good);
  await succeed('train', ...place('bounds'), '--resume', '--max-steps', '5', '--lr', '2e-4');
  const losses = lossesOf(run);
  assert.deepEqual(
    losses.map(({ step }) => step),
    [1, 2, 3, 4, 5],
  );
  assert.ok(losses.every(record => Object.values(record).every(Number.isFinite)));
});

test('resuming reports a damaged best checkpoint, and the process ends', async () => {
  const dataroot = join(root, 'damaged');
  writeImagePairs(dataroot, 'train', 2, 16, 16);
  await succeed(...arguments_('damaged', dataroot, '--max-steps', '1'));
  const best = join(checkpointsDir, 'damaged', 'checkpoints', 'best.safetensors');
  // Written to a new file: the best checkpoint is a second name of the step's.
  rmSync(best);
  writeFileSync(best, 'damaged');
  const resume = ['train', ...place('damaged'), '--resume', '--max-steps', '2'];
  const { code, stderr } = await pix2pixhd(...resume);
  assert.equal(code, 1, stderr);
  assert.match(stderr, /best\.safetensors\n {2}found: /);
});

test('--tf-log writes losses and sheets to event files, a new one per invocation', async () => {
  const dataroot = join(root, 'events');
  writeImagePairs(dataroot, 'train', 2, 16, 16);
  const options = ['--tf-log', '--display-freq', '2', '--max-steps'];
  await succeed(...arguments_('events', dataroot, ...options, '3'));
  await succeed('train', ...place('events'), '--resume', '--max-steps', '4');
  const logs = join(checkpointsDir, 'events', 'logs');
  const files = readdirSync(logs).sort();
  assert.equal(files.length, 2);
  const [first, second] = files.map(file => readFileSync(join(logs, file)));
  for (const name of ['G_GAN', 'D_real', 'samples']) assert.ok(first!.includes(name), name);
  assert.ok(first!.includes(Buffer.from('89504e470d0a1a0a', 'hex')), 'a sheet as PNG');
  assert.ok(second!.includes('G_GAN_Feat'));
});
