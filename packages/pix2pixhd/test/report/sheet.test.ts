/** The sample sheet: every image is there pixel for pixel, nothing is drawn over it, and text needs no system font. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import sharp from 'sharp';
import type { Image8 } from '../../src/raster.js';
import { shortened, textPath, textWidth } from '../../src/report/lettering.js';
import { composeSheet } from '../../src/report/sheet.js';

const plain = (width: number, height: number, colour: readonly number[]): Image8 => ({
  width,
  height,
  channels: colour.length,
  data: Uint8Array.from({ length: width * height * colour.length }, (_, i) => colour[i % colour.length]!),
});

/** The bounding box of all pixels of one colour, and their count. */
async function find(png: Buffer, [r, g, b]: readonly number[]) {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  assert.equal(info.channels, 3);
  let [left, top, right, bottom, count] = [Infinity, Infinity, -1, -1, 0];
  for (let i = 0; i < data.length; i += 3) {
    if (data[i] !== r || data[i + 1] !== g || data[i + 2] !== b) continue;
    const x = (i / 3) % info.width;
    const y = Math.floor(i / 3 / info.width);
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
    count++;
  }
  return { left, top, width: right - left + 1, height: bottom - top + 1, count };
}

test('every image is complete, rows go down, columns to the right', async () => {
  const colour = (row: number, column: number) => [200 - 10 * row, 30 + 20 * column, 90];
  const rows = [0, 1].map(row => ({
    label: `street ${row}\nPSNR 19.10 dB`,
    images: [0, 1, 2].map(column => plain(160, 100, colour(row, column))),
  }));
  const png = await composeSheet({ title: 'Step 1,200', columns: ['input', 'generated', 'real'], rows });
  const boxes = await Promise.all([0, 1].flatMap(r => [0, 1, 2].map(c => find(png, colour(r, c)))));
  for (const box of boxes) assert.deepEqual([box.width, box.height, box.count], [160, 100, 16000]);
  const [a, b, c, d] = boxes as [(typeof boxes)[0], (typeof boxes)[0], (typeof boxes)[0], (typeof boxes)[0]];
  assert.ok(a.left < b.left && b.left < c.left && a.top === c.top);
  assert.ok(d.top >= a.top + 100 && d.left === a.left);
});

test('large images are reduced, tiny ones enlarged with square pixels, grey ones become RGB', async () => {
  const large = await find(
    await composeSheet({ columns: ['x'], rows: [{ images: [plain(2048, 1024, [9, 99, 199])] }] }),
    [9, 99, 199],
  );
  assert.deepEqual([large.width, large.height], [512, 256]);
  const half: Image8 = {
    ...plain(32, 32, [77]),
    data: Uint8Array.from({ length: 1024 }, (_, i) => (i % 32 < 16 ? 77 : 177)),
  };
  const tiny = await composeSheet({ columns: ['x'], rows: [{ images: [half] }] });
  const [left, right] = [await find(tiny, [77, 77, 77]), await find(tiny, [177, 177, 177])];
  assert.deepEqual([left.width, left.height, right.width, right.left], [48, 96, 48, left.left + 48]);
});

test('many rows continue in a second block instead of making the sheet too tall', async () => {
  const rows = Array.from({ length: 40 }, () => ({
    images: [plain(128, 128, [0, 0, 0]), plain(128, 128, [255, 0, 0])],
  }));
  const { width, height } = await sharp(await composeSheet({ columns: ['a', 'b'], rows })).metadata();
  assert.ok(height <= 1.25 * width && width <= 2.5 * height, `${width}×${height}`);
});

test('captions are drawn without system fonts, and without warnings from fontconfig', () => {
  const script = `import { composeSheet } from ${JSON.stringify(new URL('../../src/report/sheet.js', import.meta.url).href)};
    const images = [{ width: 128, height: 128, channels: 3, data: new Uint8Array(128 * 128 * 3).fill(255) }];
    process.stdout.write(await composeSheet({ columns: ['generated'], rows: [{ label: 'emoji', images }] }));`;
  const render = (env: NodeJS.ProcessEnv) =>
    execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  const bare = render({ ...process.env, FONTCONFIG_FILE: '/nonexistent', FONTCONFIG_PATH: '/nonexistent' });
  assert.deepEqual(bare, render(process.env));
});

test('glyph outlines are finite numbers at any position, and characters the font lacks become question marks', () => {
  for (let x = 0; x < 400; x += 7.3) {
    const path = textPath('Held-out emoji 0123456789', x, 48, 20, '#000', 'bold');
    assert.match(path, /^<path fill="#000" d="[MLQCZ0-9. -]+"\/>$/);
  }
  assert.equal(textPath('日本', 0, 20, 12, '#000'), textPath('??', 0, 20, 12, '#000'));
  const long = 'frankfurt_000000_000294_leftImg8bit.png';
  const short = shortened(long, 100, 12);
  assert.ok(textWidth(short, 12) <= 100 && textWidth(short, 12) > 80, short);
  assert.ok(short.startsWith('frank') && short.endsWith('.png') && short.includes('…'), short);
  assert.equal(shortened('short', 100, 12), 'short');
});

test('images that do not fit together are refused', async () => {
  const a = plain(16, 16, [0, 0, 0]);
  await assert.rejects(composeSheet({ columns: ['a'], rows: [] }), /without images/);
  await assert.rejects(composeSheet({ columns: ['a', 'b'], rows: [{ images: [a] }] }), /1 images for 2 columns/);
  await assert.rejects(
    composeSheet({ columns: ['a', 'b'], rows: [{ images: [a, plain(16, 17, [0, 0, 0])] }] }),
    /16×17, others have 16×16/,
  );
  await assert.rejects(composeSheet({ columns: ['a'], rows: [{ images: [plain(16, 16, [0, 0])] }] }), /512 values/);
});
