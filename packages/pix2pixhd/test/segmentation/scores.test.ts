/** Confusion matrices and scores against numbers worked out by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfusionMatrix } from '../../src/segmentation/confusion-matrix.js';
import { scoresOf } from '../../src/segmentation/scores.js';

const counted = (classes: number, truth: number[], found: number[]) => {
  const matrix = new ConfusionMatrix(classes);
  matrix.add(truth, found);
  return matrix;
};

test('two images of three classes', () => {
  // Class 0: 4 pixels, 3 hit, found 4 times. Class 1: 3, 2, 4. Class 2: 3, 2, 2.
  const matrix = counted(3, [0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 1]);
  matrix.addAll(counted(3, [1, 2, 2, 2], [0, 2, 2, 1]));
  assert.deepEqual(matrix.toRows(), [
    [3, 1, 0, 0],
    [1, 2, 0, 0],
    [0, 1, 2, 0],
  ]);
  const scores = scoresOf(matrix);
  const near = (actual: number, expected: number) => assert.ok(Math.abs(actual - expected) < 1e-15, `${actual}`);
  near(scores.pixelAccuracy, 7 / 10);
  near(scores.classAccuracy, (3 / 4 + 2 / 3 + 2 / 3) / 3);
  near(scores.meanIou, (3 / 5 + 2 / 5 + 2 / 3) / 3);
  near(scores.frequencyWeightedIou, 0.4 * (3 / 5) + 0.3 * (2 / 5) + 0.3 * (2 / 3));
  assert.deepEqual(
    scores.perClass.map(({ pixels, iou }) => [pixels, iou]),
    [
      [4, 3 / 5],
      [3, 2 / 5],
      [3, 2 / 3],
    ],
  );
});

test('pixels that are ignored are not counted; what is taken for none of the classes is wrong', () => {
  const matrix = new ConfusionMatrix(2);
  assert.equal(matrix.add([0, 0, 255, -1, 1], [0, -1, 0, 1, 1]), 3);
  assert.equal(matrix.at(0, 2), 1);
  const { pixelAccuracy, perClass } = scoresOf(matrix);
  assert.equal(pixelAccuracy, 2 / 3);
  assert.deepEqual(
    perClass.map(({ iou }) => iou),
    [1 / 2, 1],
  );
});

test('a class that neither has is left out of the means; one that is only found counts as 0', () => {
  const without = scoresOf(counted(4, [0, 0, 1], [0, 0, 1]));
  assert.deepEqual([without.meanIou, without.classAccuracy], [1, 1]);
  assert.deepEqual(without.perClass[3], { id: 3, pixels: 0, accuracy: null, iou: null });
  const found = scoresOf(counted(4, [0, 0, 1], [0, 3, 1]));
  assert.equal(found.meanIou, (1 / 2 + 1 + 0) / 3);
  assert.equal(found.classAccuracy, (1 / 2 + 1) / 2);
  assert.deepEqual(found.perClass[3], { id: 3, pixels: 0, accuracy: null, iou: 0 });
});

test('counts beyond 32 bits are exact', () => {
  const matrix = counted(1, [0], [0]);
  for (let doublings = 0; doublings < 52; doublings++) matrix.addAll(matrix);
  matrix.add([0], [0]);
  assert.equal(matrix.at(0, 0), 2 ** 52 + 1);
});

test('nothing counted: no number, rather than a wrong one', () => {
  const { pixelAccuracy, meanIou, classAccuracy, frequencyWeightedIou } = scoresOf(new ConfusionMatrix(3));
  for (const score of [pixelAccuracy, meanIou, classAccuracy, frequencyWeightedIou]) assert.ok(Number.isNaN(score));
  assert.throws(() => counted(2, [0, 1], [0]), /a label map of 2 pixels and a segmentation of 1/);
  assert.throws(() => new ConfusionMatrix(2).addAll(new ConfusionMatrix(3)), RangeError);
});
