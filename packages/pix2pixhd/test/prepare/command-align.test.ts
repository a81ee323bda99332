/** `prepare --align` and `check --alignment`, on scenes whose edges coincide in both cameras and whose contrasts do not. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { decodeImage } from '../../src/data/decode/decode.js';
import {
  compose,
  cornerDistance,
  identity,
  invert,
  measureAlignment,
  rotation,
  type Transform,
  translation,
} from '../../src/prepare/alignment/index.js';
import { noise, temporaryFolder, writePng } from '../data/images.js';
import { refuse, succeed } from '../support/cli.js';
import { photograph, Scene, through } from './alignment/scene.js';

const size = { width: 160, height: 112 };
/** Five pixels and three degrees. */
const truth: Transform = compose(translation(85, 54), rotation(0.05, 1.03), translation(-80, -56));

function write(root: string, transform: Transform, count: number): void {
  for (let k = 0; k < count; k++) {
    const scene = new Scene(1 + k, size, 50);
    const thermal = photograph(through(scene, identity), size, 'thermal', 6, 100 + k);
    const colour = photograph(through(scene, invert(transform)), size, 'rgb', 6, 200 + k);
    // 14 bits of a thermal camera.
    writePng(
      join(root, 'ir', `${k}.png`),
      size.width,
      1,
      Uint16Array.from(thermal.data, v => 7000 + 9 * v),
    );
    writePng(join(root, 'vis', `${k}.png`), size.width, 3, colour.data);
  }
}

test('a rig of 16 and 8 bits is aligned by one transform, cut to what both see, and check says so', async t => {
  const root = temporaryFolder(t);
  write(root, truth, 5);
  const from = ['--inputs', join(root, 'ir'), '--targets', join(root, 'vis'), '--test', '0'];
  const [plain, out] = [join(root, 'plain'), join(root, 'set')];
  await succeed('prepare', ...from, '--out', plain);
  const before = await succeed('check', plain, '--alignment', '--overlays', join(root, 'before.png'));
  const [, apart] = /targets are ([\d.]+) pixels apart/.exec(before)!;
  assert.ok(Number(apart) > 4 && Number(apart) < 9, before);
  assert.match(before, /remedy: pix2pixhd prepare --align rig/);
  assert.ok((await sharp(join(root, 'before.png')).metadata()).width > 300);
  const said = await succeed('prepare', ...from, '--align', 'rig', '--align-model', 'similarity', '--out', out);
  assert.match(said, /One similarity for the rig, from 5 pairs/);
  const { alignment } = JSON.parse(readFileSync(join(out, 'dataset.json'), 'utf8'));
  const error = cornerDistance(alignment.transform, truth, size);
  assert.ok(error < 0.7, `off by ${error} pixels at the corners`);
  const a = await decodeImage(join(out, 'train_A', '3.png'));
  const b = await decodeImage(join(out, 'train_B', '3.png'));
  assert.deepEqual([a.width, a.height], [b.width, b.height]);
  assert.ok(a.data instanceof Uint16Array && a.data.every(value => value >= 6900), 'counts stay counts');
  const left = measureAlignment(a, b);
  assert.ok(left.known && left.displacement.mean < 0.7, 'what was made fits');
  const after = await succeed('check', out, '--alignment');
  assert.ok(Number(/targets are ([\d.]+) pixels apart/.exec(after)![1]) < 0.7, after);
});

test('what does not tell is not aligned: flat frames, several sizes, label maps', async t => {
  const root = temporaryFolder(t);
  for (let k = 0; k < 4; k++) {
    writePng(join(root, 'a', `${k}.png`), 96, 1, new Uint8Array(96 * 64).fill(90));
    writePng(join(root, 'b', `${k}.png`), 96, 3, noise(96 * 64 * 3, k));
  }
  const from = ['prepare', '--inputs', join(root, 'a'), '--targets', join(root, 'b'), '--out', join(root, 'o')];
  await refuse([...from, '--align', 'rig'], 1, /4 pairs that do not tell: one of them is flat/, /--align none/);
  await refuse([...from, '--align', 'pair'], 1, /do not tell how they lie/);
  writePng(join(root, 'a', '2.png'), 64, 1, noise(64 * 64));
  await refuse([...from, '--align', 'rig', '--out', join(root, 'o2')], 1, /images of several sizes/, /--align pair/);
  writePng(join(root, 'l', '0.png'), 96, 1, new Uint8Array(96 * 64));
  writePng(join(root, 'c', '0.png'), 96, 3, noise(96 * 64 * 3));
  const labels = ['prepare', '--labels', join(root, 'l'), '--targets', join(root, 'c'), '--out', join(root, 'o3')];
  await refuse([...labels, '--align', 'rig'], 1, /a pair without an input image/);
});
