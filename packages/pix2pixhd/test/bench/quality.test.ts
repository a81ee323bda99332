/**
 * The bench of quality: the feature distance, and a call from folders to figures.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FeatureDistance, trainFeatureNetwork } from '../../bench/quality/feature-distance.js';
import { trainingPairs } from '../../bench/quality/training-pairs.js';
import { Random } from '../../src/data/random.js';
import { writeImagePairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

test('the feature distance is 0 for equal images, symmetric, and grows with what is done to an image', async () => {
  const folder = workFolder();
  writeImagePairs(folder, 'train', 4, 48, 48);
  const { samples, spec } = trainingPairs(folder, 0);
  const [file, again] = [join(folder, 'network.safetensors'), join(folder, 'again.safetensors')];
  await trainFeatureNetwork(file, samples, spec, 3);
  await trainFeatureNetwork(again, samples, spec, 3);
  assert.deepEqual(readFileSync(file), readFileSync(again));
  using distance = FeatureDistance.load(file);
  const image = (noise: number) => {
    const random = new Random(1);
    const data = Uint8Array.from({ length: 3 * 48 * 48 }, (_, i) => {
      const stripes = (i / 3) % 8 < 4 ? 60 : 180;
      return stripes + Math.round(noise * (random.uniform() - 0.5));
    });
    return { width: 48, height: 48, channels: 3, data };
  };
  const [clean, some, more] = [image(0), image(20), image(100)];
  assert.equal(distance.between(clean, clean), 0);
  const [little, much] = [distance.between(clean, some), distance.between(clean, more)];
  assert.ok(0 < little && little < much && much < 4, `${little}, ${much}`);
  assert.ok(Math.abs(little - distance.between(some, clean)) < 1e-6);
});

test('folders of images are measured and compared pair by pair', async () => {
  const folder = workFolder();
  for (const phase of ['train', 'test']) writeImagePairs(folder, phase, 5, 32, 32);
  const main = fileURLToPath(new URL('../../bench/quality/main.js', import.meta.url));
  const results = ['B', 'A'].flatMap(side => ['--results', `${side}=${join(folder, `test_${side}`)}`]);
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...[main, '--data', folder, '--feature-steps', '2', '--network', join(folder, 'network.safetensors'), ...results],
  ]);
  assert.match(stdout, /^features of 5 images/m);
  assert.match(stdout, /^B: 0\.0000 \(0\.0000 to 0\.0000\)$/m);
  assert.match(stdout, /^ {2}less B: 0\.\d+ \(0\.\d+ to \d\.\d+\), p 0\.0625$/m);
});
