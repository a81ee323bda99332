/** Ids from colours: exact ones, anti-aliased edges, JPEG, and colours that are in no palette. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idsByPalette } from '../../../src/prepare/labels/ids-by-palette.js';
import type { Palette, Rgb } from '../../../src/prepare/labels/palette.js';
import { builtinPalette } from '../../../src/prepare/labels/palettes/builtin.js';
import type { Image8 } from '../../../src/raster.js';
import { refused } from './refused.js';
import { agreement, random, randomColours, scene, throughJpeg } from './synthetic.js';

const paletteOf = (colours: readonly Rgb[]): Palette => ({
  name: 'test',
  entries: colours.map((color, id) => ({ id, name: `class ${id}`, color })),
});

/** An image of rows, each character a colour. */
function drawn(rows: readonly string[], colours: Readonly<Record<string, Rgb>>): Image8 {
  const pixels = rows.flatMap(row => [...row].map(mark => colours[mark]!));
  return { width: rows[0]!.length, height: rows.length, channels: 3, data: Uint8Array.from(pixels.flat()) };
}

/** The nearest colour of all, pixel by pixel. */
function nearestOfAll({ data }: Image8, colours: readonly Rgb[]): Uint8Array {
  return Uint8Array.from({ length: data.length / 3 }, (_, i) => {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (const [id, [r, g, b]] of colours.entries()) {
      const distance = (r - data[i * 3]!) ** 2 + (g - data[i * 3 + 1]!) ** 2 + (b - data[i * 3 + 2]!) ** 2;
      if (distance < least) [least, best] = [distance, id];
    }
    return best;
  });
}

test('exact colours become their ids, noise of single pixels too', () => {
  const { entries, ignore } = builtinPalette('pascal-voc')!;
  const next = random(4);
  const ids = Uint8Array.from({ length: 40 * 30 }, () => Math.floor(next() * 22)).map(id => (id === 21 ? 255 : id));
  const data = Uint8Array.from([...ids].flatMap(id => [...(id === 255 ? ignore![0]! : entries[id]!.color)]));
  const { labels, report } = idsByPalette({ width: 40, height: 30, channels: 3, data }, builtinPalette('pascal-voc')!);
  assert.deepEqual(labels.data, ids);
  assert.deepEqual([report.exact, report.snapped, report.beyond, report.shared], [1200, 0, 0, 0]);
});

test('an edge is never a third class whose colour lies between, not even exactly', () => {
  // In VOC's colours half background, half aeroplane is cat: 64, 0, 0.
  const colours: Record<string, Rgb> = { '.': [0, 0, 0], a: [128, 0, 0], m: [64, 0, 0], n: [63, 0, 0], l: [90, 0, 0] };
  const rows = ['....maaaa', '....maaaa', '....naaaa', '....maaaa', '....laaaa', '....maaaa'];
  const { labels, report } = idsByPalette(drawn(rows, colours), builtinPalette('pascal-voc')!);
  assert.deepEqual(new Set(labels.data), new Set([0, 1]));
  assert.deepEqual([report.snapped, report.exact], [6, 48]);
  assert.equal(report.maxDistance, 64);
  assert.equal(labels.data[4 * 9 + 4], 1, 'a mixture with more of the aeroplane');
  // The same colour where it is established, and in an image that is exact elsewhere, is a cat.
  const cats = idsByPalette(drawn(['....mmaaa', '....mmaaa', '....nmaaa'], colours), builtinPalette('pascal-voc')!);
  assert.equal(cats.labels.data.filter(id => id === 8).length, 6);
  const line = idsByPalette(drawn(['....maaaa', '....maaaa', '....maaaa'], colours), builtinPalette('pascal-voc')!);
  assert.equal(line.labels.data.filter(id => id === 8).length, 3);
});

test('smooth borders: right but for pixels that are half one class, half the other', () => {
  for (const name of ['cityscapes-train-ids', 'pascal-voc', 'ade20k']) {
    const entries = builtinPalette(name)!.entries.filter((_, i) => name !== 'ade20k' || i % 7 === 3);
    const { ids, smooth } = scene(
      384,
      256,
      entries.map(({ color }) => color),
      11,
    );
    const truth = ids.map(id => entries[id]!.id);
    const { labels, report } = idsByPalette(smooth, builtinPalette(name)!);
    assert.ok(agreement(labels.data, truth) >= 0.995, `${name}: ${agreement(labels.data, truth)}`);
    assert.equal(report.exact + report.snapped + report.beyond, report.pixels);
  }
});

test('JPEG: at least 99 % right, and better than the nearest colour alone', async t => {
  for (const [classes, seed] of [
    [8, 5],
    [12, 7],
  ] as const) {
    const colours = randomColours(classes, seed);
    const { ids, smooth } = scene(512, 384, colours, 11);
    for (const quality of [75, 85, 95]) {
      const image = await throughJpeg(smooth, quality);
      const { labels, report } = idsByPalette(image, paletteOf(colours));
      const right = agreement(labels.data, ids);
      const alone = agreement(nearestOfAll(image, colours), ids);
      t.diagnostic(
        `${classes} classes, quality ${quality}: ${(100 * right).toFixed(2)} % (${(100 * alone).toFixed(2)} %)`,
      );
      assert.ok(right >= 0.99 && 1 - right < (1 - alone) / 2, `${classes} classes, quality ${quality}: ${right}`);
      assert.ok(report.beyond < report.pixels / 1000);
    }
  }
});

test('a colour of no class becomes 255, or an error that names it and its place', () => {
  const colours: Record<string, Rgb> = { '.': [0, 0, 0], a: [128, 0, 0], x: [255, 0, 255] };
  const image = drawn(['....aaaa', '..xxxaaa', '..xxxaaa', '..xxxaaa'], colours);
  const { labels, report } = idsByPalette(image, builtinPalette('pascal-voc')!);
  assert.equal(labels.data.filter(id => id === 255).length, 9);
  assert.deepEqual(report.firstBeyond, { x: 2, y: 1, color: [255, 0, 255] });
  assert.equal(report.beyond, 9);
  assert.throws(
    () => idsByPalette(image, builtinPalette('pascal-voc')!, { beyond: 'error', name: 'a.png' }),
    refused('a.png', '#ff00ff (255, 0, 255) at x 2, y 1', '8 more', 'distance of'),
  );
  // Within a larger tolerance it is its nearest class.
  const wide = idsByPalette(image, builtinPalette('pascal-voc')!, { tolerance: 200 });
  assert.equal(wide.report.beyond, 0);
});

test('shared colours go to the first class, and transparent pixels to none', () => {
  const data = Uint8Array.from([0, 0, 142, 255, 153, 153, 153, 255, 128, 64, 128, 255, 128, 64, 128, 0]);
  const { labels, report } = idsByPalette({ width: 2, height: 2, channels: 4, data }, builtinPalette('cityscapes')!);
  assert.deepEqual([...labels.data], [26, 17, 7, 255]);
  assert.deepEqual([report.shared, report.transparent, report.exact], [2, 1, 3]);
});
