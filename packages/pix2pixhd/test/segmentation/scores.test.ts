/** Confusion matrices and scores against numbers worked out by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/data/random.js';
import { ConfusionMatrix } from '../../src/segmentation/confusion-matrix.js';
import { influencesOn } from '../../src/segmentation/influence.js';
import { matrixOf, pixelCounts, sceneCounts } from '../../src/segmentation/scene-counts.js';
import { scoreNames, scoresOf } from '../../src/segmentation/scores.js';

const counted = (classes: number, truth: number[], found: number[]) => {
  const matrix = new ConfusionMatrix(classes);
  matrix.add(truth, found);
  return matrix;
};
const nothingSkipped = { ignored: 0, unknown: 0 };

test('two images of three classes', () => {
  // Class 0: 4 pixels, 3 hit, found 4 times. Class 1: 3, 2, 4. Class 2: 3, 2, 2.
  const one = sceneCounts(counted(3, [0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 1]), { ignored: 5, unknown: 7 });
  const other = sceneCounts(counted(3, [1, 2, 2, 2], [0, 2, 2, 1]), nothingSkipped);
  assert.deepEqual(pixelCounts([one, other]), { scored: 10, ignored: 5, unknown: 7 });
  const matrix = matrixOf([one, other], 3);
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
  const scene = sceneCounts(counted(1, [0], [0]), nothingSkipped);
  const matrix = matrixOf([scene, scene], 1, [2 ** 52, 1]);
  assert.equal(matrix.at(0, 0), 2 ** 52 + 1);
  // Nor are those of an image of more than 2^24 pixels rounded to float32.
  matrix.counts[0] = 2 ** 25 + 1;
  assert.equal(matrixOf([sceneCounts(matrix, nothingSkipped)], 1).at(0, 0), 2 ** 25 + 1);
});

test('nothing counted: no number, rather than a wrong one', () => {
  const { pixelAccuracy, meanIou, classAccuracy, frequencyWeightedIou } = scoresOf(new ConfusionMatrix(3));
  for (const score of [pixelAccuracy, meanIou, classAccuracy, frequencyWeightedIou]) assert.ok(Number.isNaN(score));
  assert.throws(() => counted(2, [0, 1], [0]), /a label map of 2 pixels and a segmentation of 1/);
});

test('a scene’s influence is the derivative of the scores along its counts, and all influences add up to nothing', () => {
  const random = new Random(3);
  const pixels = () => Array.from({ length: 60 }, () => random.integer(5));
  // Class 4 is in the last scene alone, and what is found may be none of the classes.
  const scenes = [4, 4, 5].map(classes => {
    const truth = pixels().map(id => id % classes);
    return sceneCounts(
      counted(
        5,
        truth,
        pixels().map((id, i) => (id === 3 ? -1 : id < 2 ? truth[i]! : id)),
      ),
      {
        ...nothingSkipped,
      },
    );
  });
  const influence = influencesOn(matrixOf(scenes, 5));
  const scores = (times: number[]) => {
    const all = scoresOf(matrixOf(scenes, 5, times));
    return scoreNames.map(name => all[name]);
  };
  const step = 1e-5;
  const sum = scoreNames.map(() => 0);
  for (const [i, scene] of scenes.entries()) {
    const at = (by: number) => scores(scenes.map((_, other) => 1 + (other === i ? by : 0)));
    const [above, below] = [at(step), at(-step)];
    for (const [k, value] of influence(scene).entries()) {
      assert.ok(Math.abs(value - (above[k]! - below[k]!) / (2 * step)) < 1e-8, `${scoreNames[k]} of scene ${i}`);
      sum[k]! += value;
    }
  }
  for (const value of sum) assert.ok(Math.abs(value) < 1e-12);
});
