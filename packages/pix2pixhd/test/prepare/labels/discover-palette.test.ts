/**
 * Palettes found in images whose palette is known. At quality 75 JPEG rounds flat colours by 3: all blocks alike, so that no
 * mean can tell.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { discoverPalette } from '../../../src/prepare/labels/discover-palette.js';
import { idsByPalette } from '../../../src/prepare/labels/ids-by-palette.js';
import type { Rgb } from '../../../src/prepare/labels/palette.js';
import type { Image8 } from '../../../src/raster.js';
import { refused } from './refused.js';
import { agreement, random, randomColours, scene, throughJpeg } from './synthetic.js';

const farthest = (a: Rgb, b: Rgb) => Math.max(...a.map((value, c) => Math.abs(value - b[c]!)));

/** The number of the true colour of each entry; fails where one is missing, or found twice, or off by more than `most`. */
function truthOf(found: readonly { readonly color: Rgb }[], colours: readonly Rgb[], most: number): number[] {
  assert.equal(found.length, colours.length);
  const to = found.map(({ color }) => colours.findIndex(colour => farthest(color, colour) <= most));
  assert.deepEqual(
    [...to].sort((a, b) => a - b),
    [...colours.keys()],
    JSON.stringify(found),
  );
  return to;
}

test('random colours with smooth borders, PNG and JPEG: the true palette, and ids nearly all right', async t => {
  for (const [classes, seed] of [
    [2, 1],
    [5, 2],
    [12, 3],
  ] as const) {
    const colours = randomColours(classes, seed);
    const scenes = [1, 2, 3].map(n => scene(320, 256, colours, n * 13));
    for (const quality of [undefined, 95, 85, 75]) {
      const images: Image8[] = [];
      for (const { smooth } of scenes) images.push(quality === undefined ? smooth : await throughJpeg(smooth, quality));
      const { palette, isNoisy, rest } = await discoverPalette(images);
      assert.equal(isNoisy, quality !== undefined);
      assert.ok(rest < 0.001);
      const to = truthOf(palette.entries, colours, quality === undefined ? 0 : quality === 75 ? 3 : 2);
      const shares = images.map((image, i) =>
        agreement(
          idsByPalette(image, palette).labels.data.map(id => to[id] ?? 255),
          scenes[i]!.ids,
        ),
      );
      const right = shares.reduce((sum, share) => sum + share, 0) / shares.length;
      t.diagnostic(`${classes} classes, ${quality ?? 'PNG'}: ${(100 * right).toFixed(2)} % right`);
      assert.ok(right >= (quality === undefined ? 0.995 : 0.99), `${classes} classes, ${quality}: ${right}`);
    }
  }
});

test('ids go by frequency, whatever the order of the images', async () => {
  const colours = randomColours(6, 8);
  const images = [1, 2, 3].map(n => scene(160, 120, colours, n).smooth);
  const first = await discoverPalette(images);
  assert.deepEqual(await discoverPalette([...images].reverse()), first);
  assert.deepEqual(
    [...first.shares].sort((a, b) => b - a),
    first.shares,
  );
  async function* read() {
    yield* images;
  }
  assert.deepEqual(await discoverPalette(read()), first);
});

test('close colours stay apart without noise; lines without flat areas are found; rare colours are not', async () => {
  const data = new Uint8Array(200 * 100 * 3);
  const paint = (x: number, y: number, color: Rgb) => data.set(color, (y * 200 + x) * 3);
  for (let y = 0; y < 100; y++) for (let x = 0; x < 200; x++) paint(x, y, x < 150 ? [255, 0, 20] : [255, 0, 31]);
  for (let y = 0; y < 100; y++) paint(40, y, [0, 200, 60]);
  paint(10, 10, [1, 2, 3]);
  const { palette } = await discoverPalette([{ width: 200, height: 100, channels: 3, data }]);
  assert.deepEqual(
    palette.entries.map(({ color }) => color),
    [
      [255, 0, 20],
      [255, 0, 31],
      [0, 200, 60],
    ],
  );
});

test('photographs and no images are refused', async () => {
  const next = random(2);
  // Smooth as a photograph is: 600 tones and more.
  const data = Uint8Array.from({ length: 512 * 256 * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % 512, Math.floor(i / 3 / 512)];
    return [x / 2, y, 128 + 100 * Math.sin(x / 40 + y / 70)][i % 3]! + next() * 2;
  });
  await assert.rejects(
    discoverPalette([{ width: 512, height: 256, channels: 3, data }], { name: 'photos/', leastShare: 1e-5 }),
    refused('photos/', 'colours with at least'),
  );
  await assert.rejects(discoverPalette([], { name: 'empty/' }), refused('empty/', 'no flat areas in 0 image(s)'));
});
