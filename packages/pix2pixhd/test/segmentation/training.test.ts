/** The training of a segmenter: the weights of classes, what a batch is shown as, resuming, and that something is learned. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { memoryStats, ops, scope, tensor } from '@pix2pixhd/torch';
import { chooseCompute } from '../../src/compute/choose-compute.js';
import { configureProcess } from '../../src/compute/configure-process.js';
import { type SegmenterConfig, trainSegmenterCommand } from '../../src/config/commands/train-segmenter.js';
import { findSamples } from '../../src/data/find/pairs.js';
import { Random } from '../../src/data/random.js';
import { UserError } from '../../src/errors.js';
import { readSegmenter } from '../../src/segmentation/segmenter-file.js';
import { TrainedSegmenter } from '../../src/segmentation/trained-segmenter.js';
import { classWeights } from '../../src/segmentation/training/class-weights.js';
import { splitHeldOut } from '../../src/segmentation/training/held-out.js';
import { trainSegmenter } from '../../src/segmentation/training/train.js';
import { zoomed } from '../../src/segmentation/training/zoom.js';
import { parseCommand } from '../support/parse-command.js';
import { labelNc, writeLabelPairs } from '../support/runs.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const dataroot = join(root, 'data');
const samples = () => findSamples(dataroot, 'train', { labelNc, useInstance: false });
const configOf = (...options: string[]): SegmenterConfig =>
  parseCommand(trainSegmenterCommand, [
    ...[
      dataroot,
      '--label-nc',
      String(labelNc),
      '--channels',
      '4',
      '--levels',
      '1',
      '--workers',
      '1',
      '--held-out',
      '0.25',
    ],
    ...['--device', 'cpu', '--precision', 'fp32', ...options],
  ]);
const train = (config: SegmenterConfig, name: string, hooks = {}, resumed?: ReturnType<typeof readSegmenter>) =>
  trainSegmenter(
    { config, path: join(root, name), samples: samples(), compute: chooseCompute(config), ...(resumed && { resumed }) },
    hooks,
  );

const tensorsOf = (name: string) => readSegmenter(join(root, name), 'everything').tensors;

before(() => {
  configureProcess({ threads: 1 });
  writeLabelPairs(dataroot, 'train', 8, 32, 32);
});

test('class weights follow their formulas', () => {
  const frequencies = { pixels: [60, 30, 0, 10], beside: [100, 100, 0, 40] };
  const near = (weights: number[], expected: number[]) =>
    weights.forEach((weight, i) => {
      assert.ok(Math.abs(weight - expected[i]!) < 1e-12, `${weights}`);
    });
  near(
    classWeights(frequencies, 'log'),
    [0.6, 0.3, Number.NaN, 0.1].map(p => (Number.isNaN(p) ? 1 : 1 / Math.log(1.02 + p))),
  );
  // Frequencies 0.6, 0.3 and 0.25, of which 0.3 is the median.
  near(classWeights(frequencies, 'median'), [0.5, 1, 1, 1.2]);
  near(classWeights(frequencies, 'none'), [1, 1, 1, 1]);
});

test('zoomed: images and labels stay over each other, whatever the factor', () => {
  const [height, width, classes] = [24, 40, 3];
  const label = Int32Array.from({ length: height * width }, (_, i) =>
    i % width < 17 ? 0 : Math.floor(i / width) < 9 ? 1 : 2,
  );
  // A channel for each class: 1 where it is.
  const image = Float32Array.from({ length: classes * label.length }, (_, i) =>
    label[i % label.length] === Math.floor(i / label.length) ? 1 : 0,
  );
  const factors = new Set<string>();
  scope(() => {
    const batch = { image: tensor(image, [1, classes, height, width]), label: tensor(label, [1, height, width]) };
    for (let draw = 0; draw < 20; draw++) {
      const shown = zoomed(batch, 2, 255, new Random(draw));
      assert.deepEqual([shown.image.shape, shown.label.shape], [batch.image.shape, batch.label.shape]);
      const [values, ids] = [shown.image.data(), shown.label.data()] as [Float32Array, Int32Array];
      factors.add(ids.includes(255) ? 'smaller' : 'larger');
      ids.forEach((id, i) => {
        const shares = [0, 1, 2].map(c => values[c * ids.length + i]!);
        if (id === 255) assert.deepEqual(shares, [0, 0, 0]);
        // Of the four pixels that bilinear interpolation mixes, the nearest has at least a quarter.
        else assert.ok(shares[id]! >= 0.2499, `${shares} at ${id}`);
      });
    }
    const same = zoomed(batch, 1, 255, new Random(7));
    assert.ok(ops.equal(same.image, batch.image) && ops.equal(same.label, batch.label));
  });
  assert.deepEqual([...factors].sort(), ['larger', 'smaller']);
});

test('pairs that are held out are not trained on, and follow from the seed', () => {
  const all = samples();
  const { training, heldOut } = splitHeldOut(all, 0.25, 5);
  assert.deepEqual([training.length, heldOut.length], [6, 2]);
  assert.deepEqual([...training, ...heldOut].map(({ stem }) => stem).sort(), all.map(({ stem }) => stem).sort());
  assert.deepEqual(splitHeldOut(all, 0.25, 5).heldOut, heldOut);
  assert.ok([0, 1, 2, 3].some(seed => splitHeldOut(all, 0.25, seed).heldOut[0] !== heldOut[0]));
  assert.equal(splitHeldOut(all, 0.001, 5).heldOut.length, 1);
  assert.throws(() => splitHeldOut(all.slice(0, 1), 0.1, 0), UserError);
});

test('learns classes that colours tell, keeps the best epoch, and its file segments', async () => {
  const config = configOf('--epochs', '18', '--batch-size', '2', '--lr', '0.02', '--zoom', '1', '--channels', '8');
  const epochs: number[] = [];
  const held: number[] = [];
  const before = memoryStats().tensors;
  const state = await train(config, 'learned.safetensors', {
    onEpoch: ({ meanIou }: { meanIou: number }) => epochs.push(meanIou),
    onStep: () => held.push(memoryStats().tensors),
  });
  assert.equal(new Set(held.slice(1)).size, 1, 'no step keeps tensors');
  assert.equal(memoryStats().tensors, before);
  assert.ok(state.finished && state.history.length === 18);
  assert.deepEqual(
    state.history.map(({ meanIou }) => meanIou),
    epochs,
  );
  assert.equal(state.best!.meanIou, Math.max(...epochs));
  assert.ok(state.best!.meanIou > 0.9, `mean IoU ${state.best!.meanIou}`);
  const { tensors } = readSegmenter(join(root, 'learned.safetensors'), 'everything');
  assert.ok(
    [...tensors.keys()].every(name => name.startsWith('best.')),
    'a finished file has nothing to go on from',
  );

  await using segmenter = TrainedSegmenter.load(join(root, 'learned.safetensors'), chooseCompute(config));
  // An odd size, which is padded and cut; and logits resized to another. Colours are those of the pairs.
  const [width, height] = [29, 21];
  const ids = Array.from({ length: width * height }, (_, i) => (i % width < 14 ? 1 : 4));
  const data = Uint8Array.from(ids.flatMap(id => [id * 50, id * 50 + 9, id * 50 + 18]));
  for (const scale of [1, 2]) {
    const found = await segmenter.segment({ width, height, channels: 3, data }, width * scale, height * scale);
    assert.equal(found.length, ids.length * scale * scale);
    const right = found.reduce((sum, id, i) => {
      const [x, y] = [i % (width * scale), Math.floor(i / (width * scale))];
      return sum + (id === ids[Math.floor(y / scale) * width + Math.floor(x / scale)] ? 1 : 0);
    }, 0);
    assert.ok(right > 0.9 * found.length, `${right} of ${found.length}`);
  }
});

test('interrupted within an epoch it is no segmenter yet; resumed, the weights are those of a training that was not', async () => {
  const config = configOf('--epochs', '2', '--batch-size', '2', '--seed', '1');
  const whole = await train(config, 'whole.safetensors');
  // Three steps an epoch: within one, and at its end before it is scored.
  for (const stopAt of [2, 3]) {
    const name = `stopped-${stopAt}.safetensors`;
    const stop = new AbortController();
    const onStep = ({ step }: { step: number }) => step === stopAt && stop.abort();
    const state = await train(config, name, { onStep, signal: stop.signal });
    assert.ok(!state.finished);
    assert.throws(
      () => TrainedSegmenter.load(join(root, name), chooseCompute(config)),
      /stopped within its first epoch[\s\S]*--resume --out/,
    );
    const resumed = await train(config, name, {}, readSegmenter(join(root, name), 'everything'));
    assert.deepEqual(resumed, whole);
    assert.deepEqual(tensorsOf(name), tensorsOf('whole.safetensors'), `stopped at step ${stopAt}`);
  }
});
