/** Every kind of label image is recognised, in memory and from files. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { labelsOf } from '../../../src/prepare/labels/labels-of.js';
import type { Palette } from '../../../src/prepare/labels/palette.js';
import { builtinPalette } from '../../../src/prepare/labels/palettes/builtin.js';
import { parsePanoptic } from '../../../src/prepare/labels/panoptic.js';
import { readLabels } from '../../../src/prepare/labels/read-labels.js';
import type { Raster } from '../../../src/raster.js';
import { temporaryFolder, writePng } from '../../data/images.js';
import { writeStoredPng, writeTiff } from '../../data/stored-files.js';
import { refused } from './refused.js';

const raster = (width: number, channels: number, values: readonly number[]): Raster => ({
  width,
  height: values.length / (width * channels),
  channels,
  data: Uint8Array.from(values),
});

/** The kind and the labels, where there are any. */
function seen(reading: ReturnType<typeof labelsOf>): readonly [string, number[]] {
  return [reading.kind, 'labels' in reading ? [...reading.labels.data] : []];
}

const thrice = (values: readonly number[]) => values.flatMap(value => [value, value, value]);

test('ids, masks and one channel per class', () => {
  assert.deepEqual(seen(labelsOf(raster(2, 1, [0, 1, 7, 255]))), ['ids', [0, 1, 7, 255]]);
  assert.deepEqual(seen(labelsOf(raster(2, 3, thrice([0, 1, 7, 255])))), ['ids', [0, 1, 7, 255]]);
  assert.deepEqual(seen(labelsOf(raster(2, 1, [0, 255, 255, 0]))), ['mask', [0, 1, 1, 0]]);
  assert.deepEqual(seen(labelsOf(raster(2, 3, thrice([0, 255, 255, 0])))), ['mask', [0, 1, 1, 0]]);
  // Only 0, or only 255, says nothing of a mask.
  assert.deepEqual(seen(labelsOf(raster(2, 1, [255, 255]))), ['ids', [255, 255]]);
  const wide: Raster = { width: 2, height: 1, channels: 1, data: Uint16Array.of(300, 26001) };
  assert.deepEqual(seen(labelsOf(wide)), ['ids', [300, 26001]]);
  const stack = [1, 0, 0, 0, 0, /**/ 0, 0, 0, 0, 1, /**/ 0, 0, 0, 0, 0, /**/ 0, 0, 1, 0, 0];
  assert.deepEqual(seen(labelsOf(raster(2, 5, stack))), ['one-hot', [0, 4, 255, 2]]);
  const full = stack.map(value => value * 255);
  assert.deepEqual(seen(labelsOf(raster(2, 5, full))), ['one-hot', [0, 4, 255, 2]]);
  const floats: Raster = { width: 2, height: 2, channels: 5, data: Float32Array.from(stack) };
  assert.deepEqual(seen(labelsOf(floats)), ['one-hot', [0, 4, 255, 2]]);
  assert.deepEqual(seen(labelsOf(raster(2, 2, [1, 0, 0, 1]))), ['one-hot', [0, 1]]);
  assert.deepEqual(seen(labelsOf(raster(1, 3, [0, 1, 0, 0, 0, 1]))), ['one-hot', [1, 2]]);
});

test('colours are left to palettes, grey ones too where a palette has them all', () => {
  const pure = raster(1, 3, [255, 0, 0, 0, 255, 0]);
  assert.deepEqual(labelsOf(pure), { kind: 'colours', image: pure });
  const wide: Raster = { ...pure, data: Uint16Array.from(pure.data, value => value * 257) };
  assert.deepEqual(labelsOf(wide), labelsOf(pure));
  const greys = raster(2, 3, thrice([70, 153]));
  assert.equal(labelsOf(greys).kind, 'ids');
  assert.equal(labelsOf(greys, { palette: builtinPalette('cityscapes')! }).kind, 'colours');
  assert.equal(labelsOf(greys, { palette: builtinPalette('pascal-voc')! }).kind, 'ids');
});

test('what is none of these is refused with name and place', () => {
  assert.throws(
    () => labelsOf(raster(2, 5, [1, 0, 0, 0, 0, 1, 0, 0, 1, 0]), { name: 'stack.tif' }),
    refused('stack.tif', 'channels 1 and 4 both set at x 1, y 0'),
  );
  assert.throws(
    () => labelsOf(raster(1, 5, [2, 0, 0, 0, 0, 0, 7, 0, 0, 0]), { name: 'stack.tif' }),
    refused('stack.tif', 'the value 2 in channel 1 at x 0, y 0, elsewhere 7'),
  );
  const wide: Raster = { width: 1, height: 2, channels: 3, data: Uint16Array.of(0, 257, 514, 257, 300, 0) };
  assert.throws(() => labelsOf(wide, { name: 'c.png' }), refused('c.png', '300 in channel 2 at x 0, y 1'));
  assert.throws(
    () => labelsOf(raster(2, 1, [3, 90]), { name: 'g.jpg', isLossy: true }),
    refused('g.jpg', 'changes ids'),
  );
});

test('files: ids and palettes of PNG as stored, bands of TIFF, masks of JPEG', async t => {
  const folder = temporaryFolder(t);
  const path = (name: string) => join(folder, name);
  const ids = [0, 1, 2, 3, 1, 0];
  // Index 1 is VOC's colour of id 1, and so on; swapped, the indices mean nothing and the colours do.
  const { entries } = builtinPalette('pascal-voc')!;
  const plte = (order: readonly number[]) =>
    [['PLTE', Buffer.from(order.flatMap(id => [...entries[id]!.color]))]] as [string, Buffer][];
  writeStoredPng(path('voc.png'), { width: 3, bits: 8, colourType: 3, chunks: plte([0, 1, 2, 3]) }, ids);
  writeStoredPng(path('packed.png'), { width: 3, bits: 8, colourType: 3, chunks: plte([2, 0, 1, 3]) }, ids);
  const palette: Palette = builtinPalette('pascal-voc')!;
  assert.deepEqual(seen(await readLabels(path('voc.png'))), ['ids', ids]);
  assert.deepEqual(seen(await readLabels(path('voc.png'), { palette })), ['ids', ids]);
  assert.deepEqual(seen(await readLabels(path('packed.png'))), ['ids', ids]);
  assert.equal((await readLabels(path('packed.png'), { palette })).kind, 'colours');

  writePng(path('grey.png'), 3, 3, Uint8Array.from(thrice(ids)));
  assert.deepEqual(seen(await readLabels(path('grey.png'))), ['ids', ids]);
  const stack = Uint8Array.from(ids.flatMap(id => [0, 1, 2, 3, 4].map(c => Number(c === id) * 255)));
  writeTiff(path('bands.tif'), { width: 3, bits: 8, channels: 5, extraSamples: [0, 0, 0, 0] }, stack);
  assert.deepEqual(seen(await readLabels(path('bands.tif'))), ['one-hot', ids]);

  const disc = Uint8Array.from({ length: 64 * 64 }, (_, i) =>
    Math.hypot((i % 64) - 32, Math.floor(i / 64) - 32) < 20 ? 255 : 0,
  );
  const jpeg = await sharp(disc, { raw: { width: 64, height: 64, channels: 1 } })
    .jpeg({ quality: 80 })
    .toBuffer();
  const [kind, mask] = seen(await readLabels({ name: 'mask.jpg', bytes: jpeg }));
  assert.equal(kind, 'mask');
  assert.deepEqual(
    mask,
    [...disc].map(value => value / 255),
  );
  await assert.rejects(readLabels(path('none.png')), refused(path('none.png'), 'ENOENT'));
});

/** Segments 1, 70000 and a crowd 300, of categories 7 (thing) and 12. */
const json = {
  categories: [
    { id: 12, name: 'sky', isthing: 0, color: [1, 2, 3] },
    { id: 7, name: 'car', isthing: 1, color: [0, 0, 142] },
  ],
  annotations: [
    {
      file_name: 'a.png',
      segments_info: [
        { id: 70000, category_id: 12 },
        { id: 1, category_id: 7, iscrowd: 0 },
        { id: 300, category_id: 7, iscrowd: 1 },
        { id: 9, category_id: 7 },
      ],
    },
  ],
};

test("COCO's panoptic format: labels, instances, crowds ignored", () => {
  const panoptic = parsePanoptic(JSON.stringify(json), 'p.json');
  assert.deepEqual(
    panoptic.palette.entries.map(({ id, name, countable }) => [id, name, countable]),
    [
      [0, 'car', true],
      [1, 'sky', false],
    ],
  );
  const pixels = [1, 70000, 300, 0].flatMap(id => [id % 256, (id >> 8) % 256, id >> 16]);
  const source = { panoptic, file: 'a.png' };
  const reading = labelsOf(raster(2, 3, pixels), { panoptic: source });
  assert.ok(reading.kind === 'panoptic');
  assert.deepEqual([...reading.labels.data], [0, 1, 255, 255]);
  assert.deepEqual([...reading.instances.data], [2, 1, 0, 0]);
  assert.deepEqual([reading.crowd, reading.missing], [1, [9]]);
  assert.throws(
    () => labelsOf(raster(2, 3, [1, 0, 0, 5, 1, 0]), { panoptic: source }),
    refused('a.png', 'the segment 261 (5, 1, 0) at x 1, y 0', 'p.json'),
  );
  assert.throws(
    () => labelsOf(raster(1, 3, [1, 0, 0]), { panoptic: { panoptic, file: 'b.png' } }),
    refused('p.json', '"b.png"'),
  );
});

test('a wrong JSON file: file and field', () => {
  const changed = (change: (value: typeof json) => void) => {
    const value = structuredClone(json);
    change(value);
    return JSON.stringify(value);
  };
  for (const [text, found] of [
    ['{', 'JSON'],
    ['[]', 'the whole file'],
    [changed(v => (v.annotations[0]!.segments_info[2]!.id = -4)), 'annotations[0].segments_info[2].id'],
    [changed(v => (v.annotations[0]!.segments_info[1]!.category_id = 8)), 'segments_info[1].category_id: 8'],
    [changed(v => (v.categories[1]!.id = 12)), 'two have the same id'],
    [changed(v => (v.categories[0]!.color = [1, 2, 256])), 'categories[0].color[2]'],
  ] as const)
    assert.throws(() => parsePanoptic(text, 'p.json'), refused('p.json', found), text);
});
