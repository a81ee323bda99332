/** The demo's data set of label maps: every invariant of its files, on some of the emoji. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { checkDataset, decodeInstanceMap, decodeLabelMap, type LabelClass, readClasses } from 'pix2pixhd/internal';
import sharp from 'sharp';
import { makeEmojiDataset } from '../src/dataset/images.js';
import { EMOJI_LABEL_CLASSES, type EmojiLabelCounts, makeEmojiLabelDataset } from '../src/dataset/labels.js';
import { divide } from '../src/dataset/regions.js';
import { openEmojiArt } from '../src/emoji/art.js';
import { flatColours, TRANSPARENT } from '../src/emoji/drawn-colours.js';

const size = 128;
const limit = 60;
/** 24 pixels at 256×256. */
const minArea = 6;
const folders = ['test_img', 'test_inst', 'test_label', 'train_img', 'train_inst', 'train_label'];
let root: string;
let out: string;
let counts: EmojiLabelCounts;
let classes: readonly LabelClass[];
const progress: Array<[number, number]> = [];

before(async () => {
  root = mkdtempSync(join(tmpdir(), 'emoji-labels-'));
  out = join(root, 'labels');
  counts = await makeEmojiLabelDataset(out, { size, limit, onProgress: (...at) => progress.push(at) });
  classes = readClasses(out)!;
});
after(() => rmSync(root, { recursive: true, force: true }));

const names = (folder: string): string[] => readdirSync(folder).sort();

/** Ids of a decoded map. */
type IdMap = Awaited<ReturnType<typeof decodeLabelMap>>;

async function eachPair(use: (name: string, label: IdMap, instance: IdMap) => void | Promise<void>): Promise<void> {
  for (const phase of ['train', 'test'])
    for (const name of names(join(out, `${phase}_label`))) {
      const label = await decodeLabelMap(join(out, `${phase}_label`, name));
      await use(name, label, await decodeInstanceMap(join(out, `${phase}_inst`, name)));
    }
}

test('check finds nothing wrong with it', async () => {
  const layout = { labelNc: EMOJI_LABEL_CLASSES, useInstance: true };
  const { findings, samples } = await checkDataset(out, { ...layout, full: true });
  // A few emoji may lack the lightest colours; check would then call the number of classes too large.
  assert.deepEqual(
    findings.filter(({ severity }) => severity !== 'info'),
    [],
  );
  assert.deepEqual(samples, { train: counts.train, test: counts.test });
});

test('emoji, split and images are the same as in the data set of images', async () => {
  const images = join(root, 'images');
  const { train, test: held, dropped } = await makeEmojiDataset(images, { size, limit });
  assert.deepEqual([counts.train, counts.test, counts.dropped], [train, held, dropped]);
  assert.ok(train > 30 && held > 1, JSON.stringify(counts));
  for (const folder of folders) {
    const phase = folder.split('_')[0];
    assert.deepEqual(names(join(out, folder)), names(join(images, `${phase}_B`)), folder);
  }
  for (const name of names(join(out, 'test_img'))) {
    assert.deepEqual(readFileSync(join(out, 'test_img', name)), readFileSync(join(images, 'test_B', name)), name);
  }
});

/** Mean absolute difference per channel between the images and their label maps painted in the classes' colours. */
async function colourDifference(dataset: string): Promise<number> {
  const colours = readClasses(dataset)!.map(({ colour }) => Number.parseInt(colour.slice(1), 16));
  let [sum, values] = [0, 0];
  for (const name of names(join(dataset, 'train_label'))) {
    const { data } = await decodeLabelMap(join(dataset, 'train_label', name));
    const image = await sharp(join(dataset, 'train_img', name))
      .raw()
      .toBuffer();
    for (const [i, id] of data.entries())
      for (const [channel, shift] of [16, 8, 0].entries())
        sum += Math.abs(((colours[id]! >> shift) & 255) - image[3 * i + channel]!);
    values += image.length;
  }
  return sum / values;
}

test('label maps of the shaded drawings are of the images: a pixel has the class of its own colour', async () => {
  const annotated = join(root, 'annotated');
  const { train, test: held, colourError } = await makeEmojiLabelDataset(annotated, { size, limit }, 'shaded');
  assert.deepEqual([train, held], [counts.train, counts.test]);
  const [ofImage, ofFlat] = [await colourDifference(annotated), await colourDifference(out)];
  assert.ok(ofImage < 0.75 * ofFlat, `${ofImage}, of flat drawings ${ofFlat}`);
  assert.ok(colourError > 2 && colourError < 20, `${colourError}`);
});

test('classes are the background and 32 colours with distinct names', () => {
  assert.equal(classes.length, EMOJI_LABEL_CLASSES);
  assert.deepEqual(classes[0], { id: 0, name: 'background', colour: '#ffffff', countable: false });
  assert.equal(new Set(classes.map(({ name }) => name)).size, classes.length);
  assert.equal(new Set(classes.slice(1).map(({ colour }) => colour)).size, classes.length - 1);
  assert.ok(classes.slice(1).every(({ countable }) => countable));
});

test('instances are connected regions of one class, none too small, with ids of their class', async () => {
  let instances = 0;
  await eachPair((name, label, instance) => {
    assert.deepEqual([label.width, label.height], [size, size], name);
    const areas = new Map<number, number>();
    for (let i = 0; i < label.data.length; i++) {
      const [id, of] = [instance.data[i]!, label.data[i]!];
      assert.ok(of >= 0 && of < EMOJI_LABEL_CLASSES, `${name}: label ${of}`);
      assert.equal(Math.floor(id / 1000), of, `${name}: instance ${id} at a pixel of class ${of}`);
      areas.set(id, (areas.get(id) ?? 0) + 1);
    }
    for (const [id, area] of areas) assert.ok(area >= minArea, `${name}: instance ${id} has ${area} pixels`);
    assert.ok(!areas.has(1) && areas.has(0), `${name}: the background is one instance`);
    instances += areas.size - 1;
    // Dividing the map again must not change it: each instance is connected, and no two of a class touch.
    const again = divide(Uint8Array.from(label.data), size, size, minArea);
    assert.deepEqual([...again.label], [...label.data], name);
    assert.deepEqual([...again.instance], [...instance.data], name);
  });
  const mean = instances / (counts.train + counts.test);
  assert.ok(Math.abs(mean - counts.meanInstances) < 0.01 && mean > 5 && mean < 25, `${mean} instances an image`);
});

test('the maps keep the outline, and their colours are close to those of the drawings', async () => {
  const art = openEmojiArt();
  const colours = classes.map(({ colour }) => Number.parseInt(colour.slice(1), 16));
  let [error, pixels, outline] = [0, 0, 0];
  await eachPair(async (name, { data }) => {
    const flat = await flatColours(await art.flat(name.replace('.png', '')), size);
    for (let i = 0; i < flat.length; i++) {
      if ((flat[i] === TRANSPARENT) !== (data[i] === 0)) outline++;
      else if (data[i] !== 0) {
        pixels++;
        for (const shift of [0, 8, 16])
          error += Math.abs(((colours[data[i]!]! >> shift) & 255) - ((flat[i]! >> shift) & 255)) / 3;
      }
    }
  });
  assert.ok(error / pixels < 12, `${error / pixels} of 255`);
  assert.ok(counts.colourError > 0 && counts.colourError < 12, `${counts.colourError} of 255`);
  assert.ok(outline / pixels < 0.003, `${outline} pixels of ${pixels} moved between figure and background`);
});

test('drawings are rendered without colours between two fills', async () => {
  const svg = (fill: string) =>
    Buffer.from(
      `<svg width="32" height="32" viewBox="0 0 32 32" fill="none" xmlns="http://www.w3.org/2000/svg">
        <circle cx="15.3" cy="16.1" r="12.2" fill="#FFB02E"/><path d="M3 9L28 13L11 27Z" ${fill}/></svg>`,
    );
  const seen = async (fill: string) =>
    [...new Set(await flatColours(svg(fill), 100))].sort((a, b) => a - b).map(colour => colour.toString(16));
  assert.deepEqual(await seen('fill="#402a32"'), ['-1', '402a32', 'ffb02e']);
  // Half-transparent blue over amber, and over nothing, which is composited on white.
  const half = await seen('fill="#0000ff" fill-opacity="0.502"');
  assert.deepEqual(
    half,
    ['-1', '7f7fff', '7f5897', 'ffb02e'].sort((a, b) => Number.parseInt(a, 16) - Number.parseInt(b, 16)),
  );
  assert.deepEqual(
    await seen('fill="#0000ff" fill-opacity="0.1"').then(list => list.length),
    3,
    'thin glass is background',
  );
});

test('two runs write the same bytes, and the palette does not depend on the size', async () => {
  const again = join(root, 'again');
  assert.deepEqual(await makeEmojiLabelDataset(again, { size, limit }), counts);
  for (const folder of folders)
    for (const name of names(join(out, folder)))
      assert.deepEqual(readFileSync(join(again, folder, name)), readFileSync(join(out, folder, name)), name);
  for (const file of ['classes.json', 'dataset.json'])
    assert.equal(readFileSync(join(again, file), 'utf8'), readFileSync(join(out, file), 'utf8'));

  const small = join(root, 'small');
  await makeEmojiLabelDataset(small, { size: 32, limit });
  assert.deepEqual(readClasses(small), classes);
  const { width, channels } = await sharp(join(small, 'test_img', names(join(small, 'test_img'))[0]!)).metadata();
  assert.deepEqual([width, channels], [32, 3]);
});

test('progress ends at its announced total, and an existing folder is not made again', async () => {
  const total = progress.at(-1)![1];
  assert.deepEqual(
    progress,
    Array.from({ length: total }, (_, i) => [i + 1, total]),
  );
  let called = 0;
  assert.deepEqual(await makeEmojiLabelDataset(out, { size, limit, onProgress: () => called++ }), counts);
  assert.equal(called, 0);
  await assert.rejects(makeEmojiDataset(out, { size, limit }), /made with other settings/);
});
