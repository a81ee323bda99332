/** An animation of stills, as libvips reads it: its pictures are the stills, shown as long as told, over and over. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp, { type WebpOptions } from 'sharp';
import { animatedWebp } from '../../src/project/animated-webp.js';
import { durationsOf } from '../../src/project/pace.js';

const [width, height] = [37, 22];

/** A still of stripes. */
function still(seed: number, channels: 3 | 4, options: WebpOptions): Promise<Uint8Array> {
  const pixels = Uint8Array.from({ length: width * height * channels }, (_, i) =>
    channels === 4 && i % 4 === 3 ? 255 - (i % 100) : (i * seed) % 251,
  );
  return sharp(pixels, { raw: { width, height, channels } }).webp(options).toBuffer();
}

for (const [kind, channels, options] of [
  ['lossy', 3, { quality: 80 }],
  ['lossless', 3, { lossless: true }],
  ['lossy with alpha', 4, { quality: 80 }],
  ['lossless with alpha', 4, { lossless: true }],
] as const)
  test(`an animation of ${kind} stills`, async () => {
    const stills = await Promise.all([1, 5, 9, 13].map(seed => still(seed, channels, options)));
    const durations = [40, 600, 90, 2000];
    const file = animatedWebp(
      width,
      height,
      stills.map((bytes, i) => ({ bytes, duration: durations[i]! })),
    );
    assert.equal(new DataView(file.buffer).getUint32(4, true), file.length - 8);
    const {
      pages,
      pageHeight,
      delay,
      loop,
      width: across,
      hasAlpha,
    } = await sharp(file, { animated: true }).metadata();
    assert.deepEqual(
      { pages, pageHeight, delay, loop, across },
      { pages: 4, pageHeight: height, delay: durations, loop: 0, across: width },
    );
    assert.equal(hasAlpha, channels === 4);
    for (const [page, bytes] of stills.entries())
      assert.deepEqual(
        await sharp(file, { page }).ensureAlpha().raw().toBuffer(),
        await sharp(bytes).ensureAlpha().raw().toBuffer(),
        `frame ${page}`,
      );
  });

test('what is no WebP is refused', async () => {
  const png = await sharp({ create: { width, height, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  assert.throws(() => animatedWebp(width, height, [{ bytes: png, duration: 1 }]), /no WebP/);
  assert.throws(() => animatedWebp(width, height, [{ bytes: new Uint8Array(3), duration: 1 }]), /no WebP/);
  assert.throws(() => animatedWebp(width, height, []), RangeError);
});

test('pauses are cut, the last frame is held, and none is shorter than a screen shows', () => {
  assert.deepEqual(durationsOf([1000, 1001, 1100.4, 9000]), [20, 99, 600, 2000]);
  assert.deepEqual(durationsOf([5]), [2000]);
  assert.deepEqual(durationsOf([]), []);
});
