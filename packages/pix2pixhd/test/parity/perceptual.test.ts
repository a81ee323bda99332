/**
 * The perceptual loss against the public implementation's, in float32: the features' distances, the loss, its gradient.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DType, grad, noGrad, ops, scope, type Tensor } from '@pix2pixhd/torch';
import { perceptualLoss } from '../../src/losses/perceptual.js';
import { assertRelative, largestDifference, numbers } from '../support/compare.js';
import { formulaVgg } from '../support/vgg.js';
import { parityCase, type Vector, vector } from './vectors.js';

interface PerceptualCase {
  readonly x: Vector;
  readonly y: Vector;
  readonly feature_l1: readonly number[];
  readonly loss: number;
  readonly loss_float64: number;
  readonly grad_x: Vector;
  readonly rtol_suggested: number;
}

const recorded = parityCase<PerceptualCase>('vgg');

for (const [dtype, order] of [
  ['float32', 'contiguous'],
  ['float32', 'channels_last'],
  ['float64', 'contiguous'],
] as const satisfies readonly (readonly [DType, ops.MemoryFormat])[])
  test(`case vgg, ${dtype}, ${order}`, () => {
    assert.ok(recorded);
    const { x, y, feature_l1, loss, loss_float64, grad_x, rtol_suggested: tolerance } = recorded;
    scope(() => {
      const vgg = formulaVgg().convert(dtype).order(order);
      const [fake, real] = [x, y].map(file => ops.contiguous(ops.toDtype(vector(file), dtype), order)) as [
        Tensor,
        Tensor,
      ];
      fake.requiresGrad = true;

      const distances = noGrad(() => {
        const target = vgg.features(real);
        return vgg.features(fake).map((map, i) => ops.l1Mean(map, target[i]!).item());
      });
      for (const [i, distance] of distances.entries())
        assertRelative(distance, feature_l1[i]!, tolerance, `features ${i + 1}`);

      const found = perceptualLoss(vgg, fake, real, { imagenetNormalisation: false });
      assertRelative(found.item(), loss, tolerance, 'loss');
      if (dtype === 'float64') assertRelative(found.item(), loss_float64, 1e-10, 'loss in float64');
      const [gradient] = grad(found, [fake]);
      const expected = vector(grad_x);
      const largest = Math.max(...numbers(ops.abs(expected)));
      const off = largestDifference(gradient!, expected) / largest;
      assert.ok(off <= tolerance, `gradient off by ${off} of its largest element, at most ${tolerance} allowed`);
      vgg.dispose();
    });
  });
