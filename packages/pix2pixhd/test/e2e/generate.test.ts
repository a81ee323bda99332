/**
 * `pix2pixhd generate` after a short training: which files are written, of which size, and that their pixels are what the
 * network in training generates.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import sharp from 'sharp';
import { Checkpoint } from '../../src/checkpoint/checkpoint.js';
import { CheckpointStore } from '../../src/checkpoint/store.js';
import { decodeImage } from '../../src/data/decode/decode.js';
import { findSamples } from '../../src/data/find/pairs.js';
import { makeBatch } from '../../src/data/load/batch.js';
import { loadSample } from '../../src/data/load/sample.js';
import { sampleRandom } from '../../src/data/random.js';
import { imageToShow } from '../../src/raster.js';
import { RunFolder } from '../../src/run/run-folder.js';
import { trainingSpec } from '../../src/run/training-spec.js';
import { TrainingSession } from '../../src/training/session.js';
import { noise, writePng } from '../data/images.js';
import { refuse, succeed } from '../support/cli.js';
import { prepareCompute } from '../support/compute.js';
import { labelNc, tiny, writeImagePairs, writeLabelPairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const labels = join(root, 'labels');
const images = join(root, 'images');
const grey = join(root, 'grey');
const checkpointsDir = join(root, 'checkpoints');
const steps = ['--max-steps', '8', '--save-latest-freq', '4', '--display-freq', '0'];

let folders = 0;
/** Runs generate. @returns the output folder. */
async function generate(name: string, ...options: string[]): Promise<string> {
  const out = join(root, `out-${folders++}`);
  const exactly = ['--precision', 'fp32', '--threads', '1'];
  await succeed('generate', '--name', name, '--checkpoints-dir', checkpointsDir, '--out', out, ...exactly, ...options);
  return out;
}

function train(name: string, dataroot: string, classes: number, ...options: string[]): Promise<string> {
  const place = ['--name', name, '--checkpoints-dir', checkpointsDir, '--dataroot', dataroot];
  return succeed('train', ...place, '--label-nc', String(classes), ...tiny, ...steps, ...options);
}

/** Writes a 16-bit greyscale image as PNG or TIFF. */
async function writeDeep(path: string, width: number, data: Uint16Array): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  await sharp(data, { raw: { width, height: data.length / width, channels: 1 } })
    .toColourspace('grey16')
    .tiff({ compression: 'deflate' })
    .toFile(path);
}

before(async () => {
  writeLabelPairs(labels, 'train', 3, 32, 32);
  // A map whose second half is "ignore", one that is all "ignore", and one of odd size.
  const half = Uint8Array.from({ length: 32 * 32 }, (_, i) => (i < 512 ? i % labelNc : 255));
  writePng(join(labels, 'train_label', '0.png'), 32, 1, half);
  writeLabelPairs(labels, 'test', 3, 37, 53);
  writePng(join(labels, 'test_label', '1.png'), 37, 1, new Uint8Array(37 * 53).fill(255));
  writeImagePairs(images, 'train', 3, 32, 32);
  writeImagePairs(images, 'test', 2, 53, 37);
  for (let i = 0; i < 3; i++) {
    const deep = Uint16Array.from(noise(32 * 32, i), value => value * 257);
    await writeDeep(join(grey, 'train_A', `${i}.${i === 0 ? 'tiff' : 'png'}`), 32, deep);
    writePng(join(grey, 'train_B', `${i}.png`), 32, 3, noise(32 * 32 * 3, i));
  }
  await train('labels', labels, labelNc);
  await train('images', images, 0);
  await train('grey', grey, 0, '--input-nc', '1', '--input-range', 'full');
});

test('label maps with instance maps keep their odd sizes, even if no pixel has a class', async () => {
  const out = await generate('labels', '--dataroot', labels);
  assert.deepEqual(readdirSync(out).sort(), ['0.png', '1.png', '2.png']);
  for (const file of readdirSync(out)) {
    const { format, width, height, channels } = await sharp(join(out, file)).metadata();
    assert.deepEqual({ format, width, height, channels }, { format: 'png', width: 37, height: 53, channels: 3 });
  }
});

test('images keep their odd sizes, and --how-many takes the first ones', async () => {
  const out = await generate('images', '--dataroot', images, '--how-many', '1');
  assert.deepEqual(readdirSync(out), ['0.png']);
  const { width, height } = await sharp(join(out, '0.png')).metadata();
  assert.deepEqual([width, height], [53, 37]);
});

test('an image of odd size is padded by reflection and cropped back', async () => {
  const odd = await decodeImage(join(images, 'test_A', '0.png'));
  const [width, height] = [56, 40];
  const reflected = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = (y < 37 ? y : 72 - y) * 53 + (x < 53 ? x : 104 - x);
      for (let c = 0; c < 3; c++) reflected[(y * width + x) * 3 + c] = odd.data[from * 3 + c]!;
    }
  const folder = join(root, 'reflected');
  writePng(join(folder, 'odd.png'), 53, 3, odd.data as Uint8Array);
  writePng(join(folder, 'even.png'), width, 3, reflected);
  const out = await generate('images', '--input', folder);
  const cut = sharp(join(out, 'even.png')).extract({ left: 0, top: 0, width: 53, height: 37 });
  assert.deepEqual(await cut.raw().toBuffer(), await sharp(join(out, 'odd.png')).raw().toBuffer());
});

test('single files of any name, and folders of them, give the same images as the dataset', async () => {
  const fromDataset = await generate('labels', '--dataroot', labels);
  const pixels = (folder: string, file: string) => sharp(join(folder, file)).raw().toBuffer();
  const map = join(labels, 'test_label', '2.png');
  const lone = join(root, 'instances', 'of-the-second.png');
  mkdirSync(join(root, 'instances'));
  await sharp(join(labels, 'test_inst', '2.png'))
    .toColourspace('grey16')
    .toFile(lone);
  const one = await generate('labels', '--input', map, '--input-inst', lone);
  assert.deepEqual(readdirSync(one), ['2.png']);
  assert.deepEqual(await pixels(one, '2.png'), await pixels(fromDataset, '2.png'));
  const byName = await generate('labels', '--input', map, '--input-inst', join(labels, 'test_inst'));
  assert.deepEqual(await pixels(byName, '2.png'), await pixels(fromDataset, '2.png'));
  const all = await generate(
    'labels',
    '--input',
    join(labels, 'test_label'),
    '--input-inst',
    join(labels, 'test_inst'),
  );
  for (const file of readdirSync(fromDataset))
    assert.deepEqual(await pixels(all, file), await pixels(fromDataset, file), file);
});

test('at the training size an image is the one that the training session generates', async () => {
  for (const [name, dataroot] of [
    ['labels', labels],
    ['images', images],
  ] as const) {
    const folder = RunFolder.open(checkpointsDir, name);
    const config = folder.readConfig();
    const session = new TrainingSession(config, prepareCompute(config));
    session.restore(Checkpoint.read(new CheckpointStore(folder.checkpoints).find('latest')));
    const out = await generate(name, '--dataroot', dataroot, '--phase', 'train');
    const still = trainingSpec({ ...config, noFlip: true });
    const layout = { labelNc: config.labelNc, useInstance: name === 'labels' };
    for (const sample of findSamples(dataroot, 'train', layout)) {
      const arrays = await loadSample(sample, still, sampleRandom(0, 0, 0));
      const batch = makeBatch([sample.stem], [arrays], still);
      const expected = imageToShow(session.imageGenerator().generateBatch(batch)[0]!);
      const { data } = await sharp(join(out, `${sample.stem}.png`))
        .raw()
        .toBuffer({ resolveWithObject: true });
      assert.equal(data.length, expected.data.length);
      const furthest = expected.data.reduce((most, value, i) => Math.max(most, Math.abs(value - data[i]!)), 0);
      assert.ok(furthest <= 1, `${name} ${sample.stem}: off by ${furthest}/255`);
    }
    session.dispose();
  }
});

test('--which-epoch takes a step, latest or best; the error for a missing one lists those there are', async () => {
  const input = ['--input', join(images, 'test_A', '0.png')];
  const made = async (which: string) => {
    const out = await generate('images', ...input, '--which-epoch', which);
    return sharp(join(out, '0.png')).raw().toBuffer();
  };
  const store = new CheckpointStore(RunFolder.open(checkpointsDir, 'images').checkpoints);
  const bestStep = String(Checkpoint.read(store.best, 'state').state.step);
  const [four, eight] = [await made('4'), await made('8')];
  assert.notDeepEqual(four, eight);
  assert.deepEqual(await made('latest'), eight);
  assert.deepEqual(await made('best'), bestStep === '4' ? four : eight);
  const place = ['generate', '--name', 'images', '--checkpoints-dir', checkpointsDir, ...input];
  await refuse([...place, '--which-epoch', '5'], 1, /checkpoints of steps 4, 8/, /step 5/, /--which-epoch/);
  await refuse([...place, '--which-epoch', 'newest'], 2, /--which-epoch/, /latest, best/);
});

test('16-bit greyscale: PNG and TIFF give the same image, and so does the upper byte in 8 bits', async () => {
  const folder = join(root, 'depths');
  const image = noise(29 * 23, 9);
  writePng(join(folder, 'eight.png'), 29, 1, image);
  const deep = Uint16Array.from(image, value => value * 257);
  for (const file of ['sixteen.png', 'tagged.tiff']) await writeDeep(join(folder, file), 29, deep);
  const out = await generate('grey', '--input', folder);
  const [eight, sixteen, tagged] = await Promise.all(
    ['eight.png', 'sixteen.png', 'tagged.png'].map(file => sharp(join(out, file)).raw().toBuffer()),
  );
  assert.equal(eight!.length, 29 * 23 * 3);
  assert.deepEqual(sixteen, eight);
  assert.deepEqual(tagged, eight);
});

test('inputs that do not fit the network or each other are refused', async () => {
  const of = (name: string) => ['generate', '--name', name, '--checkpoints-dir', checkpointsDir];
  const twice = join(root, 'twice');
  for (const file of ['same.png', 'same_img.png']) writePng(join(twice, file), 8, 3, noise(8 * 8 * 3));
  const map = join(labels, 'test_label', '0.png');
  await refuse(of('labels'), 2, /neither --dataroot nor --input/);
  await refuse([...of('labels'), '--input', map], 2, /--input-inst/, /trained with instance maps/);
  const instances = ['--input-inst', join(labels, 'train_inst')];
  await refuse([...of('labels'), '--input', map, ...instances], 1, /0\.png/, /37×53|32×32/, /expected:/);
  await refuse([...of('images'), '--input', join(root, 'nowhere.png')], 1, /nowhere\.png/, /no such file or folder/);
  await refuse([...of('images'), '--input', join(labels)], 1, /a data set, with test_img, test_inst, test_label/);
  await refuse([...of('images'), '--input', twice], 1, /same\.png and same_img\.png/);
  await refuse([...of('grey'), '--input', twice.replace('twice', 'reflected')], 1, /--input-nc/);
  await refuse([...of('absent'), '--dataroot', labels], 1, /no such folder/, /grey, images, labels/);
  await refuse(['generate', '--dataroot', labels], 2, /neither --name nor --checkpoint/);
});
