/**
 * Instance-wise average pooling against its definition, and its gradient.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grad, memoryStats, ops, RandomGenerator, scope, tensor } from '@pix2pixhd/torch';
import { poolByInstance } from '../../src/styles/instance-pooling.js';
import { assertRelative, numbers } from '../support/compare.js';

const [images, channels, height, width] = [2, 3, 6, 7];
const plane = height * width;
/** Ids that both images use, one of a single pixel, one near 2³¹, not in order. */
const ids = Int32Array.from({ length: images * plane }, (_, i) =>
  i === 20 ? 5 : i % plane < 15 ? 33_001 : i % 3 === 0 ? 2_000_000_000 : 26,
);

/** The mean of the values of a plane over each pixel's instance. */
function pooledByDefinition(values: readonly number[]): number[] {
  return values.map((_, i) => {
    const image = Math.floor(i / (channels * plane));
    const start = Math.floor(i / plane) * plane;
    const id = ids[image * plane + (i % plane)];
    let [sum, members] = [0, 0];
    for (let p = 0; p < plane; p++)
      if (ids[image * plane + p] === id) {
        sum += values[start + p]!;
        members++;
      }
    return sum / members;
  });
}

for (const memory of ['contiguous', 'channels_last'] as const)
  for (const type of ['int32', 'int64'] as const)
    test(`every pixel gets the mean of its instance in its own image: ${memory}, ${type} ids`, () => {
      scope(() => {
        const drawn = ops.normalInPlace(ops.empty([images, channels, height, width], { dtype: 'float64' }), 0, 1, {
          generator: new RandomGenerator(91),
        });
        const features = ops.detach(ops.contiguous(drawn, { memoryFormat: memory }));
        features.requiresGrad = true;
        const instances = ops.toDtype(tensor(ids, [images, 1, height, width]), type);
        const pooled = poolByInstance(features, instances);
        assert.deepEqual(pooled.shape, features.shape);
        const expected = pooledByDefinition(numbers(features));
        numbers(pooled).forEach((value, i) => {
          assertRelative(value, expected[i]!, 1e-12, `element ${i}`, 1e-14);
        });
        // Averaging is its own transpose: the gradient is the pooled upstream gradient.
        const seed = ops.normalInPlace(ops.empty(features.shape, { dtype: 'float64' }), 0, 1, {
          generator: new RandomGenerator(92),
        });
        const wanted = pooledByDefinition(numbers(seed));
        numbers(grad(pooled, [features], { seeds: [seed] })[0]!).forEach((value, i) => {
          assertRelative(value, wanted[i]!, 1e-12, `gradient of element ${i}`, 1e-14);
        });
      });
    });

test('pooling twice changes nothing, and only the result is left', () => {
  scope(() => {
    const features = ops.normalInPlace(ops.empty([images, channels, height, width], { dtype: 'float64' }), 0, 1, {
      generator: new RandomGenerator(93),
    });
    const instances = tensor(ids, [images, 1, height, width]);
    const before = memoryStats();
    scope(() => {
      const once = poolByInstance(features, instances);
      const twice = numbers(poolByInstance(once, instances));
      numbers(once).forEach((value, i) => {
        assertRelative(twice[i]!, value, 1e-12, `element ${i}`, 1e-14);
      });
    });
    assert.deepEqual(memoryStats(), before);
  });
});
