/**
 * The bench of quality: the feature distance, and a run of two candidates from data to table, continued without training again.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FeatureDistance, trainFeatureNetwork } from '../../bench/quality/feature-distance.js';
import { lastConfig, pairsOf } from '../../bench/quality/held-out.js';
import { Random } from '../../src/data/random.js';
import { workFolder, writeImagePairs } from '../support/runs.js';

test('the feature distance is 0 for equal images, symmetric, and grows with what is done to an image', async () => {
  const folder = workFolder();
  writeImagePairs(folder, 'train', 4, 48, 48);
  const config = lastConfig({ labelNc: 0, noInstance: true, resizeOrCrop: 'none', dataroot: folder });
  const { samples, spec } = pairsOf(config, 'train');
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

test('candidates are trained, measured and shown; called again, nothing is trained', async () => {
  const folder = workFolder();
  const data = join(folder, 'data');
  writeImagePairs(data, 'train', 2, 32, 32);
  writeImagePairs(data, 'test', 2, 32, 32);
  const configs = join(folder, 'configs.json');
  const base = {
    ...{ labelNc: 0, noInstance: true, resizeOrCrop: 'none', ngf: 4, ndf: 4, nDownsampleGlobal: 2, nBlocksGlobal: 1 },
    ...{ vggLoss: false, device: 'cpu', threads: 1, workers: 1 },
  };
  writeFileSync(
    configs,
    JSON.stringify({ base, candidates: { plain: {}, skipped: { skips: 'all' } }, groups: { bright: ['1'] } }),
  );
  const main = fileURLToPath(new URL('../../bench/quality/main.js', import.meta.url));
  const out = join(folder, 'out');
  const call = (...more: string[]) =>
    promisify(execFile)(process.execPath, [
      ...[
        main,
        '--data',
        data,
        '--configs',
        configs,
        '--steps',
        '2',
        '--seeds',
        '1',
        '--feature-steps',
        '2',
        '--out',
        out,
      ],
      ...more,
    ]);
  const { stdout } = await call();
  assert.match(stdout, /^plain +1 +2 +[\d.]+ dB \([\d.]+ dB to [\d.]+ dB\)/m);
  assert.match(stdout, /^skipped +1 +2 +.*\n {2}less the first +-?[\d.]+ dB/m);
  assert.match(stdout, /^bright \(1 pairs\)\ncandidate/m);
  assert.ok(existsSync(join(out, 'sheet.png')));
  const results = join(out, 'results.json');
  assert.equal(JSON.parse(readFileSync(results, 'utf8')).length, 2);
  const before = statSync(results).mtimeMs;
  assert.match((await call('--only', 'skipped')).stdout, /1 runs, 1 of them done already/);
  assert.equal(statSync(results).mtimeMs, before);
  await assert.rejects(call('--only', 'absent'), /--only absent: .* has plain, skipped/);
});
