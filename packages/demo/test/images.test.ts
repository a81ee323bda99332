/** The demo's data set of images: what is dropped, that nothing leaks from train to test, and what the images look like. */

import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import { makeEmojiDataset } from '../src/dataset/images.js';
import { baseEmoji, isFlag, splitOf } from '../src/emoji/names.js';
import type { EmojiCounts } from '../src/emoji/pairs.js';

const size = 64;
const limit = 300;
let root: string;
let out: string;
let counts: EmojiCounts;
const progress: Array<[number, number]> = [];

before(async () => {
  root = mkdtempSync(join(tmpdir(), 'emoji-'));
  out = join(root, 'datasets', 'emoji');
  counts = await makeEmojiDataset(out, { size, limit, onProgress: (done, total) => progress.push([done, total]) });
});
after(() => rmSync(root, { recursive: true, force: true }));

const names = (folder: string): string[] => readdirSync(join(out, folder)).sort();

test('skin tone and gender do not change the base emoji', () => {
  const same = [
    ['1f3c3', '1f3c3-1f3fb-200d-2640-fe0f', '1f3c3-200d-2642-fe0f', '1f3c3-1f3ff'],
    ['1f9d1-200d-1f680', '1f468-1f3fc-200d-1f680', '1f469-200d-1f680'],
    ['1f3cb-fe0f-200d-2640-fe0f', '1f3cb-1f3fd-200d-2642-fe0f', '1f3cb-fe0f'],
    ['1f474-1f3fb', '1f475', '1f9d3-1f3ff'],
    ['1f385-1f3fb', '1f936', '1f9d1-1f3fe-200d-1f384'],
  ];
  for (const group of same) assert.equal(new Set(group.map(baseEmoji)).size, 1, group.join(' '));
  assert.equal(new Set(same.map(group => baseEmoji(group[0]!))).size, same.length, 'different emoji stay apart');
  assert.equal(baseEmoji('0023-fe0f-20e3'), '0023-20e3');
});

test('flags of countries and regions are flags; the chequered flag and letters are not', () => {
  assert.deepEqual(
    ['1f1e9-1f1ea', '1f3f4-e0067_e0062_e0073_e0063_e0074', '1f3c1', '1f3f4-200d-2620-fe0f', '1f170-fe0f'].map(isFlag),
    [true, true, false, false, false],
  );
});

test('every examined emoji is counted once', () => {
  const { flags, gradients, misaligned } = counts.dropped;
  const total = progress.at(-1)![1];
  assert.equal(counts.train + counts.test + gradients + misaligned, total);
  assert.deepEqual(
    progress.map(([done]) => done),
    Array.from({ length: total }, (_, i) => i + 1),
  );
  assert.ok(flags > 10, `${flags} flags`);
  assert.ok(misaligned > 10, `${misaligned} misaligned`);
  assert.ok(counts.test >= 5 && counts.train > 200, JSON.stringify(counts));
});

test('both sides have the same file names, and no base emoji is in both train and test', () => {
  assert.deepEqual(names('train_A'), names('train_B'));
  assert.deepEqual(names('test_A'), names('test_B'));
  assert.equal(names('train_A').length, counts.train);
  assert.equal(names('test_A').length, counts.test);
  const bases = (folder: string) => new Set(names(folder).map(name => baseEmoji(name.replace('.png', ''))));
  const train = bases('train_A');
  assert.deepEqual(
    [...bases('test_A')].filter(base => train.has(base)),
    [],
  );
  for (const name of names('test_A')) assert.equal(splitOf(name.replace('.png', '')), 'test');
});

test('images are RGB of the requested size, on white, and their outlines agree', async () => {
  let agreement = 0;
  for (const name of names('test_A')) {
    const [flat, shaded] = await Promise.all(
      ['test_A', 'test_B'].map(folder =>
        sharp(join(out, folder, name))
          .raw()
          .toBuffer({ resolveWithObject: true }),
      ),
    );
    for (const { info } of [flat!, shaded!]) {
      assert.deepEqual([info.width, info.height, info.channels], [size, size, 3], name);
    }
    // Corners are never covered by the artwork: a black corner would mean that alpha was dropped, not composited.
    for (const { data } of [flat!, shaded!]) {
      for (const at of [0, size - 1, size * (size - 1), size * size - 1]) {
        assert.deepEqual([...data.subarray(at * 3, at * 3 + 3)], [255, 255, 255], `${name}, pixel ${at}`);
      }
    }
    agreement += overlapOfInk(flat!.data, shaded!.data);
  }
  assert.ok(agreement / counts.test > 0.8, `mean overlap of what is not white: ${agreement / counts.test}`);
});

test('made once: the same settings return immediately, other settings and foreign folders are refused', async () => {
  const stamp = statSync(join(out, 'train_A')).mtimeMs;
  let called = 0;
  assert.deepEqual(await makeEmojiDataset(out, { size, limit, onProgress: () => called++ }), counts);
  assert.equal(called, 0);
  assert.equal(statSync(join(out, 'train_A')).mtimeMs, stamp);

  await assert.rejects(makeEmojiDataset(out, { size: 32, limit }), /made with other settings/);
  const foreign = join(root, 'foreign');
  mkdirSync(foreign);
  writeFileSync(join(foreign, 'holiday.jpg'), '');
  await assert.rejects(makeEmojiDataset(foreign, { size, limit }), /holds other files/);
  assert.deepEqual(readdirSync(foreign), ['holiday.jpg']);
});

test('a failure leaves nothing behind, and leftovers of a killed process are removed', async () => {
  const target = join(root, 'broken', 'emoji');
  const abandoned = `${target}.2147483646.partial`;
  mkdirSync(abandoned, { recursive: true });
  const stop = new Error('stopped');
  const failing = makeEmojiDataset(target, {
    size,
    limit: 20,
    onProgress: done => {
      if (done === 3) throw stop;
    },
  });
  await assert.rejects(failing, stop);
  assert.deepEqual(readdirSync(join(root, 'broken')), []);
});

test('making the same folder twice at once ends with one complete data set', async () => {
  const target = join(root, 'twice');
  const script = `import { makeEmojiDataset } from ${JSON.stringify(new URL('../src/dataset/images.js', import.meta.url).href)};
    await makeEmojiDataset(${JSON.stringify(target)}, { size: 32, limit: 30 });`;
  const { spawn } = await import('node:child_process');
  const codes = await Promise.all(
    [0, 1].map(
      () =>
        new Promise<number | null>(resolve => {
          spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' }).on('exit', resolve);
        }),
    ),
  );
  assert.deepEqual(codes, [0, 0]);
  const manifest = JSON.parse(readFileSync(join(target, 'dataset.json'), 'utf8')) as { counts: EmojiCounts };
  assert.equal(readdirSync(join(target, 'train_A')).length, manifest.counts.train);
  assert.ok(existsSync(join(target, 'test_B')));
  assert.deepEqual(
    readdirSync(root).filter(name => name.endsWith('.partial')),
    [],
  );
});

/** Intersection over union of the pixels that are clearly not white, in two RGB images of the same size. */
function overlapOfInk(a: Buffer, b: Buffer): number {
  const ink = (data: Buffer, i: number) => Math.min(data[i]!, data[i + 1]!, data[i + 2]!) < 230;
  let both = 0;
  let either = 0;
  for (let i = 0; i < a.length; i += 3) {
    const [inA, inB] = [ink(a, i), ink(b, i)];
    if (inA && inB) both++;
    if (inA || inB) either++;
  }
  return either === 0 ? 1 : both / either;
}
