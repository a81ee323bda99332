/** Which stored values become black and white: formulas, the survey of a data set, and what training and results make of it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadGenerator } from '../../src/api/load-generator.js';
import { checkDataset } from '../../src/data/check/check.js';
import { decodeImage, decodeLabelMap, decodeStored } from '../../src/data/decode/decode.js';
import { loadSample } from '../../src/data/load/sample.js';
import { Random } from '../../src/data/random.js';
import { surveyValues } from '../../src/data/survey/survey.js';
import { percentileRange, quantile } from '../../src/data/values/percentiles.js';
import { parseFixedRange, type ValueScale } from '../../src/data/values/range.js';
import { scaleValues } from '../../src/data/values/scale.js';
import { UserError } from '../../src/errors.js';
import type { StoredRaster } from '../../src/raster.js';
import { RunFolder } from '../../src/run/run-folder.js';
import { trainingSpec } from '../../src/run/training-spec.js';
import { succeed } from '../support/cli.js';
import { configOf, trainHere } from '../support/in-process.js';
import { lossesOf } from '../support/runs.js';
import { noise, temporaryFolder, writePng } from './images.js';
import { writeTiff } from './stored-files.js';

const scale = (low: number, high: number): ValueScale => ({ range: { low, high }, option: '--input-range' });

/** Counts of a camera of 14 bits in a range of its own: a warm gradient, noise and a hot spot. */
function counts(width: number, height: number, salt = 0): Uint16Array {
  const grain = noise(width * height, salt);
  return Uint16Array.from(grain, (g, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return 27000 + 60 * x + 25 * y + 3 * g + ((x - 9) ** 2 + (y - 7) ** 2 < 9 ? 1500 : 0);
  });
}

test('values become (v − low) / (high − low), cut off at 0 and 1, whatever they are stored as', async t => {
  const folder = temporaryFolder(t);
  const stored = [-40, -3, 0, 17, 100, 127, 60, 5];
  const expected = stored.map(v => Math.fround(Math.min(1, Math.max(0, (v + 3) / 103))));
  for (const [bits, format] of [
    [8, 'signed'],
    [16, 'signed'],
    [32, 'signed'],
    [32, 'float'],
  ] as const) {
    const path = join(folder, `${format}${bits}.tif`);
    writeTiff(path, { width: 4, bits, format }, stored);
    const image = await decodeImage(path, undefined, scale(-3, 100));
    assert.deepEqual([...image.data], expected, `${format} ${bits}`);
    assert.deepEqual([...(await decodeStored(path)).data], stored, 'stored values stay in their unit');
  }
  const path = join(folder, 'eight.png');
  writePng(path, 4, 1, Uint8Array.of(0, 10, 20, 30, 40, 50, 60, 255));
  const eight = await decodeImage(path, undefined, scale(10, 50));
  assert.deepEqual([...eight.data], [0, 0, 0.25, 0.5, 0.75, 1, 1, 1]);
});

test('NumPy arrays are images: any type, with channels last or first', async t => {
  const folder = temporaryFolder(t);
  const python = spawnSync('python3', ['-c', NUMPY, folder], { encoding: 'utf8' });
  if (python.status !== 0) return t.skip('needs python3 with NumPy');
  const values = Array.from({ length: 24 }, (_, i) => i * 5);
  for (const type of ['u1', 'i1', 'u2', 'i2', 'u4', 'i4', 'i8', 'f2', 'f4', 'f8']) {
    const grey = await decodeStored(join(folder, `${type}.npy`));
    assert.deepEqual([grey.width, grey.height, grey.channels, ...grey.data], [6, 4, 1, ...values], type);
  }
  const last = await decodeStored(join(folder, 'last.npy'));
  assert.deepEqual([last.width, last.height, last.channels, ...last.data], [2, 4, 3, ...values]);
  const first = await decodeStored(join(folder, 'first.npy'));
  assert.deepEqual([first.width, first.height, first.channels], [20, 2, 3]);
  for (const [i, value] of first.data.entries()) assert.equal(value, (i % 3) * 40 + Math.floor(i / 3));
  assert.deepEqual([...(await decodeImage(join(folder, 'u2.npy'))).data], values, 'uint16 has a white of its own');
  await assert.rejects(decodeImage(join(folder, 'f4.npy')), /floating-point values from 0 to 115/);
  await assert.rejects(decodeStored(join(folder, 'line.npy')), /shape \(24\), expected \(H, W\)/);
  await assert.rejects(decodeStored(join(folder, 'complex.npy')), /<c8, expected whole numbers/);
  const whole = readFileSync(join(folder, 'f4.npy'));
  writeFileSync(join(folder, 'cut.npy'), whole.subarray(0, whole.length - 9));
  await assert.rejects(decodeStored(join(folder, 'cut.npy')), UserError);
  await assert.rejects(decodeLabelMap(join(folder, 'u1.npy')), /NumPy/);
});

const NUMPY = `
import sys, numpy as np
v = np.arange(24) * 5
for t in 'u1 i1 u2 i2 u4 i4 i8 f2 f4 f8'.split(): np.save(f'{sys.argv[1]}/{t}.npy', v.reshape(4, 6).astype(t))
np.save(f'{sys.argv[1]}/last.npy', np.asfortranarray(v.reshape(4, 2, 3).astype('u2')))
np.save(f'{sys.argv[1]}/first.npy', np.arange(120).reshape(3, 2, 20).astype('f4'))
np.save(f'{sys.argv[1]}/line.npy', v)
np.save(f'{sys.argv[1]}/complex.npy', v.reshape(4, 6).astype('c8'))
`;

test('alpha keeps the full range', () => {
  const image: StoredRaster = {
    width: 2,
    height: 1,
    channels: 2,
    alpha: true,
    data: Uint16Array.of(300, 65535, 500, 0),
  };
  assert.deepEqual([...scaleValues(image, scale(300, 500), 'a', 'testing').data], [0, 1, 1, 0]);
});

test('quantiles are interpolated as NumPy does, and a range of one image follows from its values', () => {
  // numpy.percentile([1, 2, 4, 8], [0, 10, 50, 90, 100])
  const sorted = Float64Array.of(1, 2, 4, 8);
  for (const [share, value] of [
    [0, 1],
    [0.1, 1.3],
    [0.5, 3],
    [0.9, 6.8],
    [1, 8],
  ] as const)
    assert.ok(Math.abs(quantile(sorted, share) - value) < 1e-12, `${share}`);
  const data = Uint16Array.from({ length: 10001 }, (_, i) => 20000 + ((i * 7919) % 10001));
  assert.deepEqual(percentileRange({ width: 10001, height: 1, channels: 1, data }), { low: 20010, high: 29990 });
  const flat = percentileRange({ width: 2, height: 1, channels: 1, data: Uint16Array.of(5, 5) });
  assert.ok(flat.low <= 5 && flat.high > flat.low, 'one value is no reason to divide by zero');
});

test('a range of the option is two numbers, the smaller first', () => {
  assert.deepEqual(parseFixedRange('27000,32000'), { low: 27000, high: 32000 });
  assert.deepEqual(parseFixedRange(' -1.5e2 , 1e-3 '), { low: -150, high: 0.001 });
  for (const text of ['', '5', '5,', ',5', '5,5', '6,5', 'a,b', '1,2,3', '0,Infinity'])
    assert.equal(parseFixedRange(text), undefined, text);
});

test('local equalisation leaves what is spread evenly, raises faint contrast, and not without limit', () => {
  const size = 64;
  const equalised = (value: (x: number, y: number) => number) => {
    const data = Float32Array.from({ length: size * size }, (_, i) => value(i % size, Math.floor(i / size)));
    const image: StoredRaster = { width: size, height: size, channels: 1, data };
    return {
      before: data,
      after: scaleValues(image, { range: 'clahe', option: '--input-range' }, 'a', 'testing').data,
    };
  };
  // Every tile of 8×8 pixels holds the same 64 values, evenly spread: the mapping is the identity but for the bins' width.
  const even = equalised((x, y) => ((x % 8) * 8 + (y % 8)) / 63);
  for (const [i, value] of even.after.entries()) assert.ok(Math.abs(value - even.before[i]!) < 0.05, `${i}`);
  // Faint texture on a slope from black to white: its contrast grows, at most by the limit of 2 and what was cut.
  const faint = equalised((x, y) => (x / (size - 1)) * 0.98 + ((x + y) % 2) * 0.02);
  const contrast = (data: ArrayLike<number>) => {
    let sum = 0;
    for (let i = 0; i + 1 < size * size; i++) sum += Math.abs(data[i + 1]! - data[i]!);
    return sum;
  };
  const ratio = contrast(faint.after) / contrast(faint.before);
  assert.ok(ratio > 1.1 && ratio < 3.1, `contrast grows ${ratio}-fold`);
});

test('an image outside the range is said, since it would be black or white all over', async t => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'eight.png');
  writePng(file, 16, 1, noise(256));
  const config = configOf(
    folder,
    'n',
    folder,
    '--input-nc',
    '1',
    '--input-range',
    '27000,32000',
    '--resize-or-crop',
    'none',
  );
  const { notices } = await loadSample({ stem: 'a', source: file }, trainingSpec(config), new Random(0));
  assert.ok(
    notices.some(notice => /almost wholly outside 27000 to 32000/.test(notice)),
    notices.join(),
  );
});

test('values at the ends of the range are not outside it: masks, drawings of lines, opaque images', async t => {
  const folder = temporaryFolder(t);
  const lines = Uint8Array.from({ length: 256 }, (_, i) => (i % 40 === 0 ? 0 : 255));
  writePng(join(folder, 'lines.png'), 16, 1, lines);
  // Grey and alpha: half of the numbers are full coverage; a quarter of the others lies outside.
  const opaque = Uint8Array.from({ length: 512 }, (_, i) => (i % 2 === 1 ? 255 : i % 8 === 0 ? 250 : 0));
  writePng(join(folder, 'opaque.png'), 16, 2, opaque);
  for (const [name, range] of [
    ['lines', '0,255'],
    ['opaque', '0,200'],
  ] as const) {
    const options = ['--input-nc', '1', '--input-range', range, '--resize-or-crop', 'none'];
    const spec = trainingSpec(configOf(folder, 'n', folder, ...options));
    const sample = { stem: name, source: join(folder, `${name}.png`) };
    const { notices } = await loadSample(sample, spec, new Random(0));
    assert.deepEqual(
      notices.filter(notice => notice.includes('outside')),
      [],
      name,
    );
  }
});

test('the survey finds range, dead pixels and saturated frames, and check shows them', async t => {
  const root = temporaryFolder(t);
  const [width, height] = [40, 32];
  const sources: string[] = [];
  for (let i = 0; i < 10; i++) {
    const frame = counts(width, height, i);
    frame[5 * width + 6] = 65535;
    frame[20 * width + 30] = 0;
    if (i === 3) frame.fill(65535, 0, 200);
    sources.push(join(root, 'train_A', `${i}.png`));
    writePng(sources.at(-1)!, width, 1, frame);
    writePng(join(root, 'train_B', `${i}.png`), width, 3, noise(width * height * 3, i));
  }
  const survey = await surveyValues(sources);
  assert.deepEqual([survey.least, survey.most, survey.files, survey.stuck], [0, 65535, 10, 2]);
  assert.deepEqual(survey.saturated, [sources[3]]);
  assert.equal(
    survey.histogram.reduce((a, b) => a + b),
    10 * width * height,
  );
  const report = await checkDataset(root, { labelNc: 0, useInstance: false, full: true, inputNc: 1 });
  assert.deepEqual(report.findings, []);
  assert.deepEqual(report.values?.sources[0]?.used, survey.range);
  assert.equal(report.values?.image, undefined, 'of 8 bits there is nothing to say');
});

test('counts in a range train to the losses of the same data scaled before, bit for bit', async t => {
  const root = temporaryFolder(t);
  const [width, height] = [32, 32];
  for (let i = 0; i < 3; i++) {
    const values = counts(width, height, i);
    const scaled = Array.from(values, v => Math.fround(Math.min(1, Math.max(0, (v - 27000) / 5000))));
    writePng(join(root, 'counts/train_A', `${i}.png`), width, 1, values);
    writeTiff(join(root, 'scaled/train_A', `${i}.tif`), { width, bits: 32, format: 'float' }, scaled);
    for (const kind of ['counts', 'scaled'])
      writePng(join(root, kind, 'train_B', `${i}.png`), width, 3, noise(width * height * 3, i));
  }
  const losses = async (kind: string, ...options: string[]) => {
    const config = configOf(
      join(root, 'runs'),
      kind,
      join(root, kind),
      '--input-nc',
      '1',
      '--max-steps',
      '4',
      ...options,
    );
    const { error } = await trainHere(config);
    assert.equal(error, undefined);
    return lossesOf(join(root, 'runs', kind));
  };
  // Resizing to another size comes after the range, in both.
  const more = ['--load-size', '64'];
  const ranged = await losses('counts', '--input-range', '27000,32000', ...more);
  assert.equal(ranged.length, 4);
  assert.deepEqual(ranged, await losses('scaled', '--input-range', 'full', ...more));
});

test('a network from colours to counts writes counts: 16 bits, in the range of its targets', async t => {
  const root = temporaryFolder(t);
  const [width, height] = [32, 32];
  for (let i = 0; i < 3; i++) {
    writePng(join(root, 'train_A', `${i}.png`), width, 3, noise(width * height * 3, i));
    writePng(join(root, 'train_B', `${i}.png`), width, 1, counts(width, height, i));
    writePng(join(root, 'test_A', `${i}.png`), width, 3, noise(width * height * 3, i + 9));
  }
  const runs = join(root, 'runs');
  const config = configOf(runs, 'n', root, '--output-nc', '1', '--max-steps', '2');
  assert.equal((await trainHere(config)).error, undefined);
  const stored = RunFolder.open(runs, 'n').readConfig();
  assert.equal(stored.outputDepth, '16');
  const { low, high } = parseFixedRange(stored.outputRange)!;
  assert.ok(low >= 27000 && high <= 32000, stored.outputRange);
  const out = join(root, 'out');
  await succeed('generate', '--name', 'n', '--checkpoints-dir', runs, '--dataroot', root, '--out', out);
  const { data } = await decodeStored(join(out, '0.png'));
  assert.ok(data instanceof Uint16Array);
  // Two steps teach nothing but the middle; every value is a count of that camera.
  assert.ok(data.every(value => value >= Math.floor(low) && value <= Math.ceil(high)));
  assert.ok(new Set(data).size > 20, 'more than 8 bits would show in so narrow a range');
  const program = await loadGenerator(join(runs, 'n'));
  try {
    const image = await program.generate(join(root, 'test_A', '0.png'));
    assert.deepEqual(image.values, data);
    assert.deepEqual([image.black, image.white], [low, high]);
    assert.equal(image.data.length, data.length);
  } finally {
    await program.dispose();
  }
});
