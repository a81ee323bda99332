import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import { encode } from 'fast-png';
import sharp from 'sharp';
import { pix2pixhd } from '../support/cli.js';

const root = mkdtempSync(join(tmpdir(), 'check-'));
after(() => rmSync(root, { recursive: true }));

const check = (...argv: string[]) => pix2pixhd('check', ...argv);

const width = 16;
const height = 8;

/** Writes an id map of one channel whose left and right half have an id each. */
function writeMap(path: string, depth: 8 | 16, left: number, right: number): void {
  const ids = Array.from({ length: width * height }, (_, i) => (i % width < width / 2 ? left : right));
  const data = depth === 8 ? Uint8Array.from(ids) : Uint16Array.from(ids);
  writeFileAtomic(path, encode({ width, height, data, depth, channels: 1 }));
}

async function writePhoto(path: string, side = width): Promise<void> {
  const noise = Uint8Array.from({ length: side * height * 3 }, (_, i) => (i * 7919) % 251);
  await sharp(noise, { raw: { width: side, height, channels: 3 } })
    .png()
    .toFile(path);
}

async function writeDataset(name: string): Promise<string> {
  const dataroot = join(root, name);
  for (const role of ['label', 'inst', 'img']) mkdirSync(join(dataroot, `train_${role}`), { recursive: true });
  for (const stem of ['a', 'b', 'c', 'd', 'e', 'f']) {
    writeMap(join(dataroot, 'train_label', `${stem}.png`), 8, 7, 34);
    writeMap(join(dataroot, 'train_inst', `${stem}.png`), 16, 7, 26001);
    await writePhoto(join(dataroot, 'train_img', `${stem}.png`));
  }
  return dataroot;
}

let sound = '';
let damaged = '';
before(async () => {
  sound = await writeDataset('sound');
  damaged = await writeDataset('damaged');
  writeMap(join(damaged, 'train_label', 'a.png'), 8, 7, 255);
  writeMap(join(damaged, 'train_label', 'b.png'), 8, 7, 40);
  truncateSync(join(damaged, 'train_img', 'c.png'), 200);
  rmSync(join(damaged, 'train_img', 'd.png'));
  await writePhoto(join(damaged, 'train_img', 'e.png'), 12);
});

test('a sound dataset is ready, exit 0', async () => {
  const { code, stdout, stderr } = await check('--dataroot', sound);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /train 6 complete samples/);
  assert.match(stdout, /Ready to train\./);
});

test('a 255, a 40 with 35 classes, a truncated file, an orphan and a size mismatch are all named, exit 1', async () => {
  const { code, stdout } = await check('--dataroot', damaged, '--label-nc', '35');
  assert.equal(code, 1);
  const expected = [
    /label\/a\.png: 64 pixel.*255/,
    /label\/b\.png: 64 pixel.*40/,
    /train_img\/c\.png/,
    /label\/d\.png/,
    /12×8/,
  ];
  for (const finding of expected) assert.match(stdout, finding);
  assert(!/\bf\.png/.test(stdout.replace(/To see[^\n]*/, '')));
});

test('the preview is the boundary map: white on both sides of the border between two objects', async () => {
  const preview = join(root, 'boundaries.png');
  const { stdout } = await check('--dataroot', sound, '--preview', preview);
  assert(stdout.includes(preview));
  const { data, info } = await sharp(preview).extractChannel(0).raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual([info.width, info.height], [width, height]);
  const row = [0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0, 0, 0, 0, 0, 0];
  assert.deepEqual([...data], Array.from({ length: height }, () => row).flat());
});

test('a preview that cannot be written is a user error', async () => {
  const { code, stderr } = await check('--dataroot', sound, '--preview', join(root, 'nowhere', 'x.png'));
  assert.equal(code, 1);
  assert.match(stderr, /^Error while writing the preview[\s\S]*remedy:/);
});

test('a folder that is not a dataset is said to be none, exit 1', async () => {
  const { code, stdout } = await check('--dataroot', join(root, 'nowhere'));
  assert.equal(code, 1);
  assert.match(stdout, /Missing folders[\s\S]*nowhere/);
});
