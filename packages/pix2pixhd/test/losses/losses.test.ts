/**
 * The losses against their formulas, computed in plain JavaScript.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grad, ops, RandomGenerator, scope, type Tensor } from '@pix2pixhd/torch';
import { discriminatorLoss, type GanMode, generatorLoss } from '../../src/losses/adversarial.js';
import { featureMatchingLoss } from '../../src/losses/feature-matching.js';
import type { Predictions } from '../../src/networks/index.js';
import { assertRelative, numbers } from '../support/compare.js';

/** Two scales of two feature maps and a prediction map, of different sizes. */
function predictions(seed: number): Predictions {
  const generator = new RandomGenerator(seed);
  const draw = (shape: number[]) => ops.normalInPlace(ops.empty(shape, { dtype: 'float64' }), 0, 2, { generator });
  return [
    { featureMaps: [draw([2, 4, 6, 5]), draw([2, 8, 3, 3])], prediction: draw([2, 1, 4, 4]) },
    { featureMaps: [draw([2, 4, 3, 3]), draw([2, 8, 2, 2])], prediction: draw([2, 1, 3, 3]) },
  ];
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const overScales = (all: Predictions, f: (x: number) => number) =>
  all.reduce((sum, { prediction }) => sum + mean(numbers(prediction).map(f)), 0);
const softplus = (x: number) => Math.log1p(Math.exp(-Math.abs(x))) + Math.max(x, 0);

/** What one element of a prediction map contributes. */
const formulas: Record<GanMode, Record<'generator' | 'real' | 'fake', (x: number) => number>> = {
  lsgan: { generator: x => (x - 1) ** 2, real: x => (x - 1) ** 2, fake: x => x ** 2 },
  vanilla: { generator: x => softplus(-x), real: x => softplus(-x), fake: x => softplus(x) },
  hinge: { generator: x => -x, real: x => Math.max(0, 1 - x), fake: x => Math.max(0, 1 + x) },
};

for (const mode of ['lsgan', 'vanilla', 'hinge'] as const)
  test(`${mode}: means over each prediction map, summed over scales`, () => {
    scope(() => {
      const all = predictions(81);
      const { generator, real, fake } = formulas[mode];
      assertRelative(generatorLoss(mode, all).item(), overScales(all, generator), 1e-12, 'generator');
      assertRelative(discriminatorLoss(mode, all, true).item(), overScales(all, real), 1e-12, 'real');
      assertRelative(discriminatorLoss(mode, all, false).item(), overScales(all, fake), 1e-12, 'fake');
    });
  });

test('feature matching: L1 of all feature maps, 4 / (layers + 1) / scales', () => {
  scope(() => {
    const [fake, real] = [predictions(82), predictions(83)];
    let sum = 0;
    for (const [scale, { featureMaps }] of fake.entries())
      for (const [j, map] of featureMaps.entries()) {
        const other = numbers(real[scale]!.featureMaps[j]!);
        sum += mean(numbers(map).map((value, i) => Math.abs(value - other[i]!)));
      }
    // Two feature maps: one stride-2 convolution, so 4 / 2; two scales.
    assertRelative(featureMatchingLoss(fake, real).item(), sum * (4 / 2) * (1 / 2), 1e-12, 'loss');
  });
});

test('feature matching takes the real feature maps as constants and ignores the predictions', () => {
  scope(() => {
    const [fake, real] = [predictions(84), predictions(85)];
    const leaves = [...fake, ...real].flatMap(({ featureMaps, prediction }) => [...featureMaps, prediction]);
    for (const leaf of leaves) leaf.requiresGrad = true;
    const gradients = grad(featureMatchingLoss(fake, real), leaves, { allowUnused: true });
    assert.deepEqual(
      gradients.map(gradient => gradient !== null),
      [true, true, false, true, true, false, false, false, false, false, false, false],
    );
  });
});

test('bfloat16 predictions are averaged in float32', () => {
  scope(() => {
    // 70 000 ones: a bfloat16 sum would stop growing at 256.
    const map: Tensor = ops.ones([1, 1, 250, 280], { dtype: 'bfloat16' });
    const loss = generatorLoss('hinge', [{ featureMaps: [], prediction: map }]);
    assert.equal(loss.dtype, 'float32');
    assertRelative(loss.item(), -1, 1e-6, 'loss');
  });
});
