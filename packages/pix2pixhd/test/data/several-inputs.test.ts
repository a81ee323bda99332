/** Several inputs at once: which files, which channels, which ranges; training, resuming, generating, refusing. */
import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scope } from '@pix2pixhd/torch';
import { conditionOf } from '../../src/conditioning/condition.js';
import { conditionTensor } from '../../src/conditioning/tensors.js';
import { checkDataset } from '../../src/data/check/check.js';
import { findSamples } from '../../src/data/find/pairs.js';
import { boundaryMap } from '../../src/data/labels/boundary.js';
import { makeBatch } from '../../src/data/load/batch.js';
import { loadSample } from '../../src/data/load/sample.js';
import { Random } from '../../src/data/random.js';
import { trainingSpec } from '../../src/run/training-spec.js';
import { refuse, succeed } from '../support/cli.js';
import { numbers } from '../support/compare.js';
import { configOf, resumeHere, trainHere } from '../support/in-process.js';
import { lossesOf } from '../support/runs.js';
import { noise, temporaryFolder, writePng } from './images.js';

const side = 32;

/** Thermal counts of 16 bits, a grey depth and a colour image beside labels and instances. */
function write(root: string, phase: string, count: number): void {
  for (let i = 0; i < count; i++) {
    const place = (kind: string) => join(root, `${phase}_${kind}`, `${i}.png`);
    writePng(
      place('thermal'),
      side,
      1,
      Uint16Array.from(noise(side * side, i), value => 27000 + 12 * value),
    );
    writePng(place('rgb'), side, 3, noise(side * side * 3, i + 50));
    const ids = noise(side * side, i).map((_, at) => Math.floor(at / side / 8) % 3);
    writePng(place('label'), side, 1, ids);
    writePng(
      place('inst'),
      side,
      1,
      ids.map((id, at) => id * 10 + Number(at % side > 15)),
    );
    writePng(place('img'), side, 3, noise(side * side * 3, i + 90));
    writePng(place('B'), side, 3, noise(side * side * 3, i + 90));
  }
}

const INPUTS = 'thermal,rgb,label,inst';
const LAYOUT = { labelNc: 3, useInstance: true, images: ['thermal', 'rgb'] };

test('classes, boundary and the channels of each image in their own ranges follow each other', async t => {
  const root = temporaryFolder(t);
  write(root, 'train', 2);
  const [sample] = findSamples(root, 'train', LAYOUT);
  assert.deepEqual(
    sample!.sources,
    ['thermal', 'rgb'].map(kind => join(root, `train_${kind}`, '0.png')),
  );
  const options = [
    '--inputs',
    INPUTS,
    '--label-nc',
    '3',
    '--input-nc',
    '4',
    '--input-range',
    '27000,30060/full',
    '--no-flip',
  ];
  const config = configOf(root, 'n', root, ...options, '--resize-or-crop', 'none');
  const spec = trainingSpec(config);
  const batch = makeBatch(['0'], [await loadSample(sample!, spec, new Random(0))], spec);
  scope(() => {
    const format = { dtype: 'float32', memory: 'contiguous', device: 'cpu' } as const;
    const tensor = conditionTensor(conditionOf(batch), 3, true, format, true);
    assert.deepEqual(tensor.shape, [1, 3 + 1 + 4, side, side]);
    const values = numbers(tensor);
    const plane = side * side;
    const edges = boundaryMap(batch.instance!, side, side);
    const [thermal, colour] = [noise(plane, 0), noise(3 * plane, 50)];
    for (let i = 0; i < plane; i++) {
      for (let c = 0; c < 3; c++) assert.equal(values[c * plane + i], Number(batch.label![i] === c));
      assert.equal(values[3 * plane + i], edges[i]);
      assert.ok(Math.abs(values[4 * plane + i]! - ((12 * thermal[i]!) / 1530 - 1)) < 1e-6);
      for (let c = 0; c < 3; c++)
        assert.ok(Math.abs(values[(5 + c) * plane + i]! - (colour[3 * i + c]! / 127.5 - 1)) < 1e-6);
    }
  });
});

test('such a network is checked, trained, resumed and generates', async t => {
  const root = temporaryFolder(t);
  write(root, 'train', 3);
  write(root, 'test', 2);
  const runs = join(root, 'runs');
  const options = ['--inputs', INPUTS, '--label-nc', '3', '--input-nc', '4', '--save-latest-freq', '2'];
  const config = configOf(runs, 'n', root, ...options, '--max-steps', '4');
  assert.equal((await trainHere(config)).error, undefined);
  const whole = lossesOf(join(runs, 'n'));
  assert.equal((await trainHere(configOf(runs, 'm', root, ...options, '--max-steps', '2'))).error, undefined);
  assert.equal((await resumeHere(configOf(runs, 'm', root, ...options), { maxSteps: 4 })).error, undefined);
  assert.deepEqual(lossesOf(join(runs, 'm')), whole);
  const out = join(root, 'out');
  await succeed('generate', '--name', 'n', '--checkpoints-dir', runs, '--dataroot', root, '--out', out);
  assert.deepEqual(readdirSync(out).sort(), ['0.png', '1.png']);
  const from = ['--name', 'n', '--checkpoints-dir', runs];
  await refuse(
    ['generate', ...from, join(root, 'test_rgb', '0.png'), '--out', join(root, 'o2')],
    2,
    /several inputs/,
    /--dataroot/,
  );
  await refuse(['edit', ...from, '--port', '0'], 1, /several inputs \(thermal,rgb,label,inst\)/);
  await refuse(['export', ...from, '--out', join(root, 'o3')], 1, /several inputs/, /--format safetensors/);
  rmSync(join(root, 'test_thermal', '1.png'));
  await refuse(
    ['generate', ...from, '--dataroot', root, '--out', join(root, 'o4')],
    1,
    /without a partner/,
    /test_thermal/,
  );
});

test('images with a boundary map alone, without label maps', async t => {
  const root = temporaryFolder(t);
  write(root, 'train', 2);
  const config = configOf(join(root, 'runs'), 'n', root, '--inputs', 'rgb,inst', '--label-nc', '0', '--max-steps', '2');
  assert.equal((await trainHere(config)).error, undefined);
});

test('what does not fit is said before anything is computed', async t => {
  const root = temporaryFolder(t);
  write(root, 'train', 2);
  const report = await checkDataset(root, { ...LAYOUT, full: false, inputNc: 3 });
  const [finding] = report.findings;
  assert.match(finding!.message, /1 \+ 3 = 4 channels; expected 3 together/);
  assert.equal(finding!.remedy, 'give --input-nc 4');
  const train = ['train', '--dataroot', root, '--name', 'n', '--checkpoints-dir', join(root, 'runs')];
  await refuse([...train, '--inputs', INPUTS, '--label-nc', '0'], 2, /--inputs/, /the number of classes/);
  await refuse([...train, '--inputs', 'rgb', '--label-nc', '3'], 2, /label among the inputs/);
  await refuse([...train, '--inputs', 'rgb,rgb', '--label-nc', '0'], 2, /rgb twice/);
  await refuse([...train, '--inputs', 'rgb,inst', '--label-nc', '0', '--no-instance'], 2, /--no-instance/);
  await refuse(
    [...train, '--inputs', 'rgb,lidar', '--label-nc', '0'],
    1,
    /no folder train_lidar/,
    /leave it out of --inputs/,
  );
});
