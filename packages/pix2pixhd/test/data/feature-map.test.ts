/** Precomputed features go through resizing, cropping and mirroring as the instance map they belong to. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeNpy } from '@pix2pixhd/torch/npy';
import { findSamples, type Sample } from '../../src/data/find/pairs.js';
import { loadSample, type SampleSpec } from '../../src/data/load/sample.js';
import type { TransformOptions } from '../../src/data/load/transform.js';
import { sampleRandom } from '../../src/data/random.js';
import { UserError } from '../../src/errors.js';
import { noise, temporaryFolder, writePng } from './images.js';

const [width, height] = [48, 32];

/** Writes features as a file: float32 (channels, height, width). */
function writeFeatures(path: string, shape: readonly number[], values: Float32Array): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeNpy(path, { dtype: 'float32', shape, bytes: new Uint8Array(values.buffer) });
}

/** A sample whose two feature channels are its instance ids and a third of them, at the size of the maps or at another. */
function writeSample(
  root: string,
  at: { readonly width: number; readonly height: number } = { width, height },
): Sample {
  const label = noise(width * height).map(value => value % 3);
  const block = (x: number, y: number) => 26_000 + Math.floor(x / 8) + 10 * Math.floor(y / 8);
  const instance = Uint16Array.from(label, (_, i) => block(i % width, Math.floor(i / width)));
  const [across, down] = [width / at.width, height / at.height];
  const planes = Float32Array.from({ length: 2 * at.width * at.height }, (_, i) => {
    const p = i % (at.width * at.height);
    const id = block((p % at.width) * across, Math.floor(p / at.width) * down);
    return i < at.width * at.height ? id : id / 3;
  });
  writePng(join(root, 'train_label', 'a.png'), width, 1, label);
  writePng(join(root, 'train_inst', 'a.png'), width, 1, instance);
  writePng(join(root, 'train_img', 'a.png'), width, 3, noise(width * height * 3));
  writeFeatures(join(root, 'train_feat', 'a.npy'), [2, at.height, at.width], planes);
  return findSamples(root, 'train', { labelNc: 3, useInstance: true, useFeatures: true })[0]!;
}

function specOf(transform: Partial<TransformOptions>): SampleSpec {
  return {
    transform: { mode: 'none', loadSize: 24, fineSize: 16, multiple: 1, flip: true, ...transform },
    labelNc: 3,
    sourceChannels: 3,
    imageChannels: 3,
    alpha: 'drop',
    featureChannels: 2,
  };
}

test('after any transform every pixel has the features of its instance', async t => {
  const root = temporaryFolder(t);
  const sample = writeSample(root);
  for (const mode of ['none', 'scale_width', 'scale_width_and_crop', 'resize_and_crop', 'crop'] as const)
    for (let seed = 0; seed < 4; seed++) {
      const { instance, features } = await loadSample(sample, specOf({ mode }), sampleRandom(seed, 0, 0));
      assert.equal(features!.length, 2 * instance!.length);
      assert.deepEqual([...features!.subarray(0, instance!.length)], [...instance!]);
      assert.deepEqual(
        features!.subarray(instance!.length),
        Float32Array.from(instance!, id => id / 3),
      );
    }
});

test('features may have the size of training, at which an encoder saw the image; others are refused', async t => {
  const root = temporaryFolder(t);
  const half = writeSample(root, { width: 24, height: 16 });
  const { instance, features } = await loadSample(half, specOf({ mode: 'scale_width' }), sampleRandom(0, 0, 0));
  assert.deepEqual([...features!.subarray(0, instance!.length)], [...instance!]);
  await assert.rejects(loadSample(half, specOf({ mode: 'none' }), sampleRandom(0, 0, 0)), (error: unknown) => {
    assert.ok(error instanceof UserError);
    assert.match(error.message, /a\.npy/);
    assert.match(error.message, /features of 24×16 pixels\n +expected: 48×32\n/);
    return true;
  });
});

test('files that are not feature maps are refused by name', async t => {
  const root = temporaryFolder(t);
  const sample = writeSample(root);
  const refused = (found: RegExp) =>
    assert.rejects(loadSample(sample, specOf({}), sampleRandom(0, 0, 0)), (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /train_feat.a\.npy\n/);
      assert.match(error.message, found);
      assert.match(error.message, /float32 with the shape \(2, height, width\)/);
      return true;
    });
  const pixels = width * height;
  writeFeatures(sample.features!, [3, height, width], new Float32Array(3 * pixels));
  await refused(/found: +float32 of shape \(3, 32, 48\)/);
  writeFeatures(sample.features!, [2, height, width], new Float32Array(2 * pixels).fill(Number.NaN));
  await refused(/not finite/);
  writeNpy(sample.features!, { dtype: 'uint8', shape: [2, height, width], bytes: new Uint8Array(2 * pixels) });
  await refused(/found: +uint8/);
  writePng(sample.features!, width, 1, noise(pixels));
  await refused(/not a .npy file/);
});

test('a missing folder of features is asked for by name', t => {
  const root = temporaryFolder(t);
  writeSample(root);
  assert.throws(() => findSamples(root, 'val', { labelNc: 3, useInstance: false, useFeatures: true }), /val_label/);
  writePng(
    join(root, 'val_label', 'a.png'),
    4,
    1,
    noise(16).map(value => value % 3),
  );
  assert.throws(
    () => findSamples(root, 'val', { labelNc: 3, useInstance: false, useFeatures: true }),
    (error: unknown) =>
      error instanceof UserError && /val_feat/.test(error.message) && /--write-features/.test(error.message),
  );
});
