/** Files find each other by name; what does not fit is said. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findSamples } from '../../src/data/find/pairs.js';
import { stemOf } from '../../src/data/find/stems.js';
import { UserError } from '../../src/errors.js';
import { temporaryFolder } from './images.js';

const classes = { labelNc: 35, useInstance: true };
const pairs = { labelNc: 0, useInstance: false };

/** A data set of empty files: pairing looks at names only. */
function dataset(t: TestContext, ...files: readonly string[]): string {
  const root = temporaryFolder(t);
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), '');
  }
  return root;
}

function refuses(run: () => unknown, ...texts: readonly string[]): void {
  assert.throws(run, (error: unknown) => {
    assert.ok(error instanceof UserError, String(error));
    for (const text of texts)
      assert.ok(error.message.includes(text), `${JSON.stringify(text)} is not in: ${error.message}`);
    return true;
  });
}

test('stems: extension and one known suffix go, everything else stays', () => {
  assert.equal(stemOf('aachen_000000_000019_gtFine_labelIds.png'), 'aachen_000000_000019');
  assert.equal(stemOf('aachen_000000_000019_gtFine_instanceIds.png'), 'aachen_000000_000019');
  assert.equal(stemOf('aachen_000000_000019_leftImg8bit.png'), 'aachen_000000_000019');
  assert.equal(stemOf('aachen/x_leftImg8bit.png'), 'aachen/x');
  assert.equal(stemOf('v1.2.cat.JPG'), 'v1.2.cat');
  assert.equal(stemOf('_label.png'), '_label');
  assert.equal(stemOf('labels.png'), 'labels');
  assert.equal(stemOf('cafe\u0301/e\u0301_img.png'), 'caf\u00e9/\u00e9');
  // Elsewhere than on Windows it is a letter like others: no way out of the folder of the results.
  if (process.platform !== 'win32') assert.equal(stemOf('..\\a.png'), '..\\a');
});

test('Cityscapes names pair by stem, sorted, and not by position', t => {
  const root = dataset(
    t,
    'train_label/b_gtFine_labelIds.png',
    'train_label/a_gtFine_labelIds.PNG',
    'train_inst/a_gtFine_instanceIds.png',
    'train_inst/b_gtFine_instanceIds.png',
    'train_img/b_leftImg8bit.jpg',
    'train_img/a_leftImg8bit.JPEG',
    'train_img/notes.txt',
    'train_img/.hidden.png',
  );
  assert.deepEqual(
    findSamples(root, 'train', classes).map(s =>
      [s.stem, s.label, s.instance, s.image].map(p => p?.replace(`${root}/`, '')),
    ),
    [
      ['a', 'train_label/a_gtFine_labelIds.PNG', 'train_inst/a_gtFine_instanceIds.png', 'train_img/a_leftImg8bit.JPEG'],
      ['b', 'train_label/b_gtFine_labelIds.png', 'train_inst/b_gtFine_instanceIds.png', 'train_img/b_leftImg8bit.jpg'],
    ],
  );
});

test('with --label-nc 0, folders A and B pair, in both spellings and in sub-folders', t => {
  for (const [a, b] of [
    ['train_A', 'train_B'],
    ['trainA', 'trainB'],
  ] as const) {
    const root = dataset(t, `${a}/x/1.png`, `${a}/y/1.png`, `${b}/x/1.webp`, `${b}/y/1.webp`);
    const samples = findSamples(root, 'train', pairs);
    assert.deepEqual(
      samples.map(s => s.stem),
      ['x/1', 'y/1'],
    );
    assert.equal(samples[1]!.source, join(root, a, 'y/1.png'));
    assert.equal(samples[1]!.image, join(root, b, 'y/1.webp'));
  }
});

test('orphans are refused and listed', t => {
  const root = dataset(t, 'train_A/1.png', 'train_A/2.png', 'train_B/1.png', 'train_B/3.png');
  refuses(() => findSamples(root, 'train', pairs), '2 file(s)', '2.png', '3.png', 'train_B');
});

test('an orphan whose partner is left out says so, with what makes it read', t => {
  const root = dataset(t, 'train_A/1.png', 'train_A/2.png', 'train_B/1.png', 'train_B/2.heic');
  refuses(
    () => findSamples(root, 'train', pairs),
    `2.png has no partner in ${join(root, 'train_B')}, where ${join(root, 'train_B/2.heic')} (HEIC, a format that is not read) is left out`,
    'remedy:   convert it to PNG',
  );
});

test('files that are left out of the folders that are needed are named in one line', t => {
  const root = dataset(
    t,
    ...['test_label/1.png', 'test_label/2.heic', 'test_label/3.bmp', 'test_label/4.avif', 'test_label/5.tga'],
    ...['test_inst/1.png', 'test_img/1.png', 'test_img/2.heic'],
  );
  const lines: string[] = [];
  findSamples(root, 'test', { ...classes, imageOptional: true, warn: line => lines.push(line) });
  assert.equal(lines.length, 1);
  assert.match(
    lines[0]!,
    /^left out: 4 files: .*2\.heic \(HEIC.*3\.bmp.*4\.avif.* and 1 more; pix2pixhd check --dataroot/,
  );
});

test('for generating, images may be missing, but not instance maps', t => {
  const root = dataset(
    t,
    'test_label/1.png',
    'test_label/2.png',
    'test_inst/1.png',
    'test_inst/2.png',
    'test_img/2.png',
  );
  const samples = findSamples(root, 'test', { ...classes, imageOptional: true });
  assert.deepEqual(
    samples.map(s => s.image),
    [undefined, join(root, 'test_img/2.png')],
  );
  refuses(() => findSamples(root, 'test', classes), '1.png', 'test_img');
  const bare = dataset(t, 'test_label/1.png', 'test_label/2.png', 'test_inst/1.png');
  refuses(() => findSamples(bare, 'test', { ...classes, imageOptional: true }), '2.png', 'test_inst');
});

test('two files with one name in a folder are refused', t => {
  const root = dataset(t, 'train_A/1.png', 'train_A/1.jpg', 'train_B/1.png');
  refuses(() => findSamples(root, 'train', pairs), '1.jpg', '1.png', 'twice');
});

test('accents composed in two ways are one name, and two files with it are refused', t => {
  const [nfc, nfd] = ['\u00e9', 'e\u0301'];
  const root = dataset(t, `train_A/${nfc}.png`, `train_B/${nfd}.png`);
  assert.deepEqual(
    findSamples(root, 'train', pairs).map(({ stem }) => stem),
    [nfc],
  );
  writeFileSync(join(root, `train_A/${nfd}.png`), '');
  refuses(() => findSamples(root, 'train', pairs), 'twice');
});

test('the files that Cityscapes has of one scene, in one folder, are told apart by their suffixes', t => {
  const kinds = ['labelIds', 'instanceIds', 'color'].map(kind => `train_label/a_gtFine_${kind}.png`);
  const root = dataset(t, ...kinds, 'train_inst/a.png', 'train_img/a.png');
  refuses(() => findSamples(root, 'train', classes), 'a_gtFine_color.png', 'keep *_labelIds.png in the label folder');
});

test('missing folders: what was looked for, what is there, what to do', t => {
  refuses(() => findSamples(join(dataset(t), 'nowhere'), 'train', classes), 'nowhere', 'no such folder', '--dataroot');
  refuses(() => findSamples(dataset(t, 'train_A/1.png'), 'train', classes), 'train_label/', 'train_A', '--label-nc 0');
  refuses(
    () => findSamples(dataset(t, 'train_label/1.png'), 'train', pairs),
    'train_A/',
    'hold label maps',
    '--label-nc',
  );
  refuses(() => findSamples(dataset(t, 'train_labels/1.png'), 'train', classes), 'rename train_labels to train_label');
  refuses(
    () => findSamples(dataset(t, 'train_label/1.png', 'train_img/1.png'), 'train', classes),
    'train_inst/',
    '--no-instance',
  );
});

test('folders without readable files are named', t => {
  refuses(() => findSamples(dataset(t, 'train_A/1.bmp', 'train_B/1.bmp'), 'train', pairs), '1.bmp', 'convert');
  refuses(() => findSamples(dataset(t, 'train_A/a.txt', 'train_B/b.txt'), 'train', pairs), 'no images');
});
