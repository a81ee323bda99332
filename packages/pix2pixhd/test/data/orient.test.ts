/** The orientation tag is applied to images and maps alike; samples whose files differ in it are refused. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import sharp from 'sharp';
import { checkDataset } from '../../src/data/check/check.js';
import { decodeImage, decodeLabelMap } from '../../src/data/decode/decode.js';
import { readHeader } from '../../src/data/files/header.js';
import { loadSample, type SampleSpec } from '../../src/data/load/sample.js';
import { sampleRandom } from '../../src/data/random.js';
import { UserError } from '../../src/errors.js';
import { noise, temporaryFolder, writePng } from './images.js';
import { writeTiff } from './stored-files.js';

const WIDTH = 6;
const HEIGHT = 4;
const spec: SampleSpec = {
  transform: { mode: 'none', loadSize: 0, fineSize: 0, multiple: 1, flip: false },
  labelNc: 35,
  sourceChannels: 3,
  imageChannels: 3,
  alpha: 'drop',
};

/** Writes random RGB pixels with an orientation, in the format of the ending. */
async function writeTurned(path: string, orientation: number): Promise<void> {
  await sharp(noise(WIDTH * HEIGHT * 3), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .withMetadata({ orientation })
    .webp({ lossless: true })
    .tiff({ compression: 'none' })
    .toFile(path);
}

test('images of all four formats are turned as libvips turns them, in all eight orientations', async t => {
  const folder = temporaryFolder(t);
  for (const ending of ['png', 'jpg', 'tif', 'webp']) {
    for (let orientation = 1; orientation <= 8; orientation++) {
      const path = join(folder, `${orientation}.${ending}`);
      await writeTurned(path, orientation);
      const { data, info } = await sharp(path).autoOrient().raw().toBuffer({ resolveWithObject: true });
      const kind = `${ending}, orientation ${orientation}`;
      const header = await readHeader(path);
      assert.deepEqual([header.orientation, header.width, header.height], [orientation, info.width, info.height], kind);
      const image = await decodeImage(path);
      assert.deepEqual([image.width, image.height], [info.width, info.height], kind);
      assert.deepEqual([...image.data], [...data], kind);
    }
  }
});

test('maps are turned like the images that they belong to', async t => {
  const folder = temporaryFolder(t);
  for (let orientation = 1; orientation <= 8; orientation++) {
    const values = noise(WIDTH * HEIGHT).map(v => v % 16);
    const files = { stem: 's', label: join(folder, 'label.tif'), image: join(folder, 'image.tif') };
    writeTiff(files.label, { width: WIDTH, bits: 4, orientation }, values);
    writeTiff(files.image, { width: WIDTH, bits: 8, orientation }, values);
    const label = await decodeLabelMap(files.label);
    const image = await decodeImage(files.image);
    assert.deepEqual([label.width, label.height, [...label.data]], [image.width, image.height, [...image.data]]);
    const { width } = await loadSample(files, { ...spec, imageChannels: 1 }, sampleRandom(0, 0, 0));
    assert.equal(width, orientation < 5 ? WIDTH : HEIGHT);
  }
});

test('files of a sample with different orientations are refused by check and loading in the same words', async t => {
  for (const [stored, mapWidth] of [
    [6, HEIGHT],
    [6, WIDTH],
    [3, WIDTH],
  ] as const) {
    // biome-ignore format: a table
    const { root, label, image } = await pairWith(t, stored, mapWidth);
    const report = await checkDataset(root, { labelNc: 35, useInstance: false, full: false });
    const found = report.findings.filter(finding => finding.severity === 'error');
    assert.deepEqual(
      found.map(({ code }) => code),
      ['exif-orientation'],
      'and not another size, which it would only look like',
    );
    assert.match(found[0]!.remedy!, /mogrify -auto-orient \S*train_img\/\*\.jpg/);
    await assert.rejects(loadSample({ stem: 's', label, image }, spec, sampleRandom(0, 0, 0)), error => {
      assert.ok(error instanceof UserError);
      assert.equal(found[0]!.message, `${error.parts.found}; expected ${error.parts.expected}`);
      assert.equal(found[0]!.remedy, error.parts.remedy);
      return true;
    });
  }
});

test('no image editor is suggested for turning a map, since it may change its ids', async t => {
  const folder = temporaryFolder(t);
  const files = { stem: 's', label: join(folder, 'label.tif'), image: join(folder, 'image.png') };
  writeTiff(files.label, { width: WIDTH, bits: 8, orientation: 3 }, new Uint8Array(WIDTH * HEIGHT));
  writePng(files.image, WIDTH, 3, noise(WIDTH * HEIGHT * 3));
  await assert.rejects(loadSample(files, spec, sampleRandom(0, 0, 0)), error => {
    assert.ok(error instanceof UserError);
    assert.match(error.parts.remedy, /exiftool -Orientation= \S*\/\*\.tif/);
    assert.doesNotMatch(error.parts.remedy, /mogrify/);
    return true;
  });
});

/** A data set of one pair whose photo alone has an orientation. */
async function pairWith(t: TestContext, orientation: number, mapWidth: number) {
  const root = temporaryFolder(t);
  const label = join(root, 'train_label', 's.png');
  const image = join(root, 'train_img', 's.jpg');
  writePng(label, mapWidth, 1, new Uint8Array(WIDTH * HEIGHT));
  mkdirSync(join(root, 'train_img'));
  await writeTurned(image, orientation);
  return { root, label, image };
}
