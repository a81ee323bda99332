import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Position } from '../../src/training/position.js';
import { learningRate, stageFinished, stageLearningRate, totalEpochs } from '../../src/training/schedule.js';

const rates = (lr: number, niter: number, niterDecay: number) =>
  Array.from({ length: niter + niterDecay }, (_, i) => learningRate({ lr, niter, niterDecay }, i + 1));

test('the rate of every epoch is, to the last bit, that of the public implementation', () => {
  assert.deepEqual(rates(0.001, 5, 4), [0.001, 0.001, 0.001, 0.001, 0.001, 0.001, 0.00075, 0.0005, 0.00025]);
  const paper = rates(2e-4, 100, 100);
  // Recorded from the public implementation: its repeated subtraction gathers rounding errors, and they are kept.
  const recorded: Record<number, number> = {
    1: 0.0002,
    100: 0.0002,
    101: 0.0002,
    102: 0.00019800000000000002,
    103: 0.00019600000000000002,
    104: 0.00019400000000000003,
    150: 0.00010200000000000028,
    151: 0.00010000000000000029,
    152: 9.80000000000003e-5,
    199: 4.000000000000372e-6,
    200: 2.0000000000003718e-6,
  };
  for (const [epoch, rate] of Object.entries(recorded)) assert.equal(paper[Number(epoch) - 1], rate, `epoch ${epoch}`);
});

test('the rate never grows, and is zero after the last epoch', () => {
  const schedule = { lr: 2e-4, niter: 3, niterDecay: 7 };
  for (let epoch = 2; epoch <= 12; epoch++) {
    assert(learningRate(schedule, epoch) <= learningRate(schedule, epoch - 1));
  }
  assert.equal(totalEpochs(schedule), 10);
  assert(learningRate(schedule, 10) > 0);
  assert.equal(learningRate(schedule, 11), 0);
});

test('without decay the rate is constant', () => {
  assert.deepEqual(rates(0.01, 3, 0), [0.01, 0.01, 0.01]);
});

test('epochs are counted from 1', () => {
  assert.throws(() => learningRate({ lr: 1, niter: 1, niterDecay: 1 }, 0), RangeError);
  assert.throws(() => learningRate({ lr: 1, niter: 1, niterDecay: 1 }, 1.5), RangeError);
});

const inSteps = { steps: 10, config: { lr: 1, niter: 1, niterDecay: 1 } };
const inEpochs = { ...inSteps, steps: null };

test('a stage given in steps keeps its rate over the share of niter, then falls linearly; it ends after its steps', () => {
  const at = (stageStep: number) => stageLearningRate(inSteps, { epoch: 99, stageStep });
  assert.deepEqual([0, 4, 5, 6, 9, 10].map(at), [1, 1, 1, 0.8, 0.2, 0]);
  assert.deepEqual(
    [9, 10].map(stageStep => stageFinished(inSteps, { epoch: 1, stageStep })),
    [false, true],
  );
});

test('a stage given in epochs follows them, and ends after the last', () => {
  const at = (epoch: number) => stageLearningRate(inEpochs, { epoch, stageStep: 0 });
  assert.deepEqual([1, 2, 3].map(at), [1, 1, 0]);
  assert.deepEqual(
    [2, 3].map(epoch => stageFinished(inEpochs, { epoch, stageStep: 0 })),
    [false, true],
  );
});

test('a position counts batches to the end of the epoch, and skips an epoch that has shrunk', () => {
  const position = new Position();
  for (let step = 0; step < 3; step++) position.advance(2, 5);
  assert.deepEqual({ ...position }, { step: 3, stageStep: 3, epoch: 2, batch: 0 });
  position.advance(2, 5);
  position.skipFinishedEpoch(3);
  assert.deepEqual({ ...position }, { step: 4, stageStep: 4, epoch: 2, batch: 2 });
  position.skipFinishedEpoch(2);
  assert.deepEqual({ ...position }, { step: 4, stageStep: 4, epoch: 3, batch: 0 });
});
