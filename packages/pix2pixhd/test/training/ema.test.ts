/** The moving average of weights against its formula. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nn, noGrad, ops, scope, tensor } from '@pix2pixhd/torch';
import { ExponentialMovingAverage } from '../../src/training/ema.js';

const conv = (weight: number) => {
  const layer = new nn.Conv2d(1, 1, 1, { bias: false });
  layer.loadStateDict(new Map([['weight', tensor([weight], [1, 1, 1, 1])]]));
  return layer;
};
const weightOf = (module: nn.Module) => (module.stateDict().get('weight')!.data() as Float32Array)[0]!;

test('the average follows d a + (1 - d) w, shorter over the first steps', () => {
  scope(() => {
    const source = conv(1);
    const average = new ExponentialMovingAverage(source, conv(5), 0.5);
    assert.equal(weightOf(average.current()), 1);
    let expected = 1;
    for (let step = 1; step <= 40; step++) {
      source.weight.assign(tensor([step], [1, 1, 1, 1]));
      average.update(step);
      const decay = Math.min(0.5, (1 + step) / (10 + step));
      expected = Math.fround(decay * expected + (1 - decay) * step);
      assert.ok(Math.abs(weightOf(average.current()) - expected) < 1e-5, `step ${step}`);
    }
    average.dispose();
    source.dispose();
  });
});

test('what is run after an update has the averaged weights in bfloat16 too', () => {
  scope(() => {
    const source = conv(1);
    const average = new ExponentialMovingAverage(source, conv(1).toMixedPrecision(), 0.5);
    source.weight.assign(tensor([3], [1, 1, 1, 1]));
    average.update(1000);
    const input = ops.toDtype(ops.ones([1, 1, 1, 1]), 'bfloat16');
    assert.equal(noGrad(() => average.current().forward(input)).item(), 2);
    average.dispose();
    source.dispose();
  });
});

test('running statistics are taken over as they are', () => {
  scope(() => {
    const source = new nn.BatchNorm2d(1);
    const average = new ExponentialMovingAverage(source, new nn.BatchNorm2d(1), 0.9);
    source.forward(tensor([1, 2, 3, 4], [1, 1, 2, 2]));
    average.update(5);
    for (const key of ['running_mean', 'running_var', 'num_batches_tracked'])
      assert.deepEqual(average.network.stateDict().get(key)!.data(), source.stateDict().get(key)!.data());
    average.dispose();
    source.dispose();
  });
});
