/** The error for a data set with another layout says what it is, and following its remedy gives one that is found. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import sharp from 'sharp';
import { decodeImage } from '../../src/data/decode/decode.js';
import type { DatasetLayout } from '../../src/data/find/layout.js';
import { findSamples } from '../../src/data/find/pairs.js';
import { UserError } from '../../src/errors.js';
import { succeed } from '../support/cli.js';
import { noise, temporaryFolder, writePng } from './images.js';

const maps: DatasetLayout = { labelNc: 5, useInstance: false };
const pairs: DatasetLayout = { labelNc: 0, useInstance: false };

/** A data set of empty files: pairing looks at names only. */
function dataset(t: TestContext, files: readonly string[]): string {
  const root = temporaryFolder(t);
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), '');
  }
  return root;
}

function remedyOf(root: string, phase: string, layout: DatasetLayout): string {
  try {
    findSamples(root, phase, layout);
  } catch (error) {
    if (error instanceof UserError) return error.parts.remedy;
    throw error;
  }
  return assert.fail('the data set was found');
}

const inFolders = (...folders: readonly string[]) => folders.flatMap(folder => [`${folder}/1.png`, `${folder}/2.png`]);

const moved: readonly (readonly [what: string, layout: DatasetLayout, folders: readonly string[], remedy: string])[] = [
  ['capitals', pairs, ['Train_A', 'Train_B'], 'rename Train_A to train_A and Train_B to train_B'],
  ['a hyphen', pairs, ['train-A', 'train-B'], 'rename train-A to train_A and train-B to train_B'],
  ['one folder right', pairs, ['train_A', 'train_b'], 'rename train_b to train_B'],
  ['the phase inside', pairs, ['A/train', 'B/train', 'A/test'], 'move A/train to train_A and B/train to train_B'],
  ['the phase outside', pairs, ['train/A', 'train/B'], 'move train/A to train_A and train/B to train_B'],
  [
    'what they are for',
    pairs,
    ['train/input', 'train/target'],
    'move train/input to train_A and train/target to train_B',
  ],
  [
    'plurals',
    maps,
    ['train_labels', 'train_images'],
    'rename train_labels to train_label and train_images to train_img',
  ],
  ['YOLO’s', maps, ['images/train', 'labels/train'], 'move labels/train to train_label and images/train to train_img'],
  ['masks', maps, ['train/images', 'train/masks'], 'move train/masks to train_label and train/images to train_img'],
  [
    'ADE20K’s',
    maps,
    ['annotations/training', 'images/training'],
    'move annotations/training to train_label and images/training to train_img',
  ],
  [
    'instances too',
    { labelNc: 5, useInstance: true },
    ['train_label', 'train_instances', 'train_photos'],
    'rename train_instances to train_inst and train_photos to train_img',
  ],
];

for (const [what, layout, folders, remedy] of moved)
  test(`folders to be moved: ${what} (${folders.join(', ')})`, t => {
    const root = dataset(t, inFolders(...folders));
    assert.equal(remedyOf(root, 'train', layout), remedy);
    for (const [, from, to] of remedy.matchAll(/(\S+) to (\S+)/g)) renameSync(join(root, from!), join(root, to!));
    assert.equal(findSamples(root, 'train', layout).length, 2);
  });

test('folders of the other kind of input name the option that says so', t => {
  const a = dataset(t, inFolders('train_A', 'train_B'));
  assert.match(remedyOf(a, 'train', maps), /the folders of image pairs: give --label-nc 0/);
  const labels = dataset(t, inFolders('train_label', 'train_img'));
  assert.match(remedyOf(labels, 'train', pairs), /hold label maps: give --label-nc with/);
  assert.match(
    remedyOf(dataset(t, inFolders('A/train', 'B/train')), 'train', maps),
    /^move A\/train to train_A and B\/train to train_B, and give --label-nc 0/,
  );
  assert.match(
    remedyOf(dataset(t, inFolders('images/train', 'labels/train')), 'train', pairs),
    /^move labels\/train to train_label and images\/train to train_img, and give --label-nc with/,
  );
});

test('a data set in another place, or of another phase', t => {
  const root = dataset(t, inFolders('city/train_A', 'city/train_B', 'city/val_A', 'city/val_B'));
  const city = join(root, 'city');
  assert.equal(remedyOf(root, 'train', pairs), `give --dataroot ${city}`);
  assert.equal(remedyOf(join(city, 'train_A'), 'train', pairs), `give --dataroot ${city}`);
  assert.equal(remedyOf(city, 'test', pairs), 'give --phase train or --phase val, or put the images into test_A/');
  assert.match(remedyOf(join(root, 'nowhere'), 'train', pairs), /^check --dataroot/);
  assert.match(remedyOf(join(city, 'train_A', '1.png'), 'train', pairs), /^give the folder that has train_A\//);
});

test('folders with nothing to tell by get the general remedy, and litter is not mentioned', t => {
  const root = dataset(t, inFolders('cats', 'dogs', '__MACOSX', '.cache'));
  assert.match(remedyOf(root, 'train', maps), /^put the label images into train_label\//);
  assert.throws(() => findSamples(root, 'train', maps), /the folders cats, dogs\n/);
  assert.match(remedyOf(dataset(t, []), 'train', pairs), /^put the source images into train_A\//);
});

/** Runs the command of a remedy, whose words are not quoted. @returns the folder that it names for what comes then. */
async function prepareAsTold(remedy: string): Promise<string> {
  const [, from, out, then] = /pix2pixhd prepare (\S+) --out (\S+), and then give --dataroot (\S+)$/.exec(remedy) ?? [];
  assert.equal(then, out, remedy);
  await succeed('prepare', from!, '--out', out!, '--test', '0');
  return out!;
}

test('Cityscapes as it is published becomes a data set by the command that is given', async t => {
  const root = join(temporaryFolder(t), 'cityscapes');
  for (const stem of ['aachen_000000_000019', 'bochum_000000_000885']) {
    const city = stem.split('_')[0]!;
    const place = (kind: string) => join(root, 'gtFine/train', city, `${stem}_gtFine_${kind}.png`);
    writePng(
      place('labelIds'),
      8,
      1,
      noise(64).map(value => value % 34),
    );
    writePng(place('instanceIds'), 8, 1, noise(64));
    writePng(place('color'), 8, 3, noise(192));
    writePng(join(root, 'leftImg8bit/train', city, `${stem}_leftImg8bit.png`), 8, 3, noise(192));
  }
  const remedy = remedyOf(root, 'train', { labelNc: 35, useInstance: true });
  assert.match(remedy, /^these are the folders of Cityscapes/);
  const out = await prepareAsTold(remedy);
  const samples = findSamples(out, 'train', { labelNc: 35, useInstance: true });
  assert.deepEqual(
    samples.map(({ stem }) => stem),
    ['aachen/aachen_000000_000019', 'bochum/bochum_000000_000885'],
  );
});

/** Images of pix2pix: A dark on the left, B bright on the right, with one pixel that tells them apart from file to file. */
async function sideBySide(folder: string, width = 16): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const height = 8;
  for (const name of ['1', '2']) {
    const data = noise(width * height * 3, Number(name)).map((v, i) =>
      i % (width * 3) < (width * 3) / 2 ? v >> 1 : 128 + (v >> 1),
    );
    await sharp(data, { raw: { width, height, channels: 3 } }).toFile(join(folder, `${name}.png`));
  }
}

test('side-by-side images of pix2pix are called that, with the command that splits them', async t => {
  const root = join(temporaryFolder(t), 'facades');
  for (const phase of ['train', 'val', 'test']) await sideBySide(join(root, phase));
  const remedy = remedyOf(root, 'train', pairs);
  assert.match(remedy, /^these are the side-by-side pairs of pix2pix; make a data set of them: pix2pixhd prepare/);
  assert.match(remedyOf(root, 'train', maps), /side-by-side[\s\S]*; then give --label-nc 0/);
  assert.equal(remedyOf(join(root, 'train'), 'train', pairs), remedy);
  const out = await prepareAsTold(remedy);
  const samples = findSamples(out, 'train', pairs);
  assert.equal(samples.length, 2);
  for (const { stem, source, image } of samples) {
    const whole = await decodeImage(join(root, 'train', `${stem}.png`));
    const half = (side: 0 | 1) => [...whole.data].filter((_, i) => Math.floor((i % 48) / 24) === side);
    assert.deepEqual([...(await decodeImage(source!)).data], half(0));
    assert.deepEqual([...(await decodeImage(image!)).data], half(1));
  }
});

test('images of other proportions are not called side by side', async t => {
  const root = temporaryFolder(t);
  await sideBySide(join(root, 'train'), 10);
  assert.match(remedyOf(root, 'train', pairs), /^sort the images of .*train into .*train_A \(the inputs\)/);
  assert.equal(readdirSync(root).length, 1);
});
