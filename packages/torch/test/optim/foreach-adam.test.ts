/**
 * Adam by lists of tensors against Adam one parameter at a time, and on a GPU against the CPU.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cudaAvailable,
  type DType,
  nn,
  ops,
  optim,
  RandomGenerator,
  scope,
  type Tensor,
  tensor,
} from '../../src/index.js';
import { type AdamUpdate, foreachAdamStep } from '../../src/optim/foreach-adam.js';
import { assertClose } from '../support/compare.js';
import { normal } from '../support/samples.js';

const factors = { lr: 0.01, beta1: 0.5, beta2: 0.999, eps: 1e-8 };
const shapes = [[17], [8, 3, 3, 3], [5, 4]];

/** Parameters with their moments at zero; those of four axes in channels-last order. */
function parameters(dtype: DType, lowered: boolean): Omit<AdamUpdate, 'gradient' | 'step'>[] {
  const draws = new RandomGenerator(5);
  return shapes.map(shape => {
    const drawn = normal(draws, shape, dtype);
    const param = shape.length === 4 ? ops.contiguous(drawn, { memoryFormat: 'channels_last' }) : drawn;
    const bf16Copy = lowered ? ops.toDtype(param, 'bfloat16') : null;
    return { param, expAvg: ops.zerosLike(param), expAvgSq: ops.zerosLike(param), bf16Copy };
  });
}

for (const [dtype, gradientType, relative] of [
  ['float64', 'float64', 1e-13],
  ['float32', 'float32', 1e-6],
  ['float32', 'bfloat16', 1e-6],
] as const)
  test(`five steps of ${dtype} weights on ${gradientType} gradients equal those taken one by one`, () => {
    scope(() => {
      const lowered = gradientType === 'bfloat16';
      const [together, single] = [parameters(dtype, lowered), parameters(dtype, lowered)];
      const draws = new RandomGenerator(6);
      for (let t = 1; t <= 5; t++) {
        // The last parameter joined later: its bias corrections are others.
        const steps = [t, t, t + 3];
        const gradients = shapes.map((shape, i) =>
          ops.toDtype(ops.mul(normal(draws, shape, dtype), 10 ** (i - 1)), gradientType),
        );
        foreachAdamStep(
          together.map((one, i) => ({ ...one, gradient: gradients[i]!, step: steps[i]! })),
          factors,
        );
        for (const [i, { param, expAvg, expAvgSq, bf16Copy }] of single.entries())
          ops.adamStep(
            ...([param, expAvg, expAvgSq, gradients[i]!, bf16Copy] as const),
            ...([factors.lr, factors.beta1, factors.beta2, factors.eps, steps[i]!] as const),
          );
      }
      for (const [i, one] of together.entries()) {
        const other = single[i]!;
        // Around zero a sum of two nearly equal terms has the rounding of the terms.
        const absolute = dtype === 'float64' ? 1e-15 : 1e-7;
        for (const name of ['param', 'expAvg', 'expAvgSq'] as const)
          assertClose(one[name], other[name], { relative, absolute });
        assert.deepEqual(one.param.strides, other.param.strides);
        if (lowered) assert.deepEqual(one.bf16Copy!.data(), ops.toDtype(one.param, 'bfloat16').data());
      }
    });
  });

test('a gradient of another shape is refused before anything is changed', () => {
  scope(() => {
    const all = parameters('float32', false);
    const before = all.map(({ param }) => param.data());
    const gradients = [normal(new RandomGenerator(1), [17], 'float32'), tensor([1]), tensor([1])] as Tensor[];
    assert.throws(
      () =>
        foreachAdamStep(
          all.map((one, i) => ({ ...one, gradient: gradients[i]!, step: 1 })),
          factors,
        ),
      /shape \[1\], expected \[8,3,3,3\]/,
    );
    assert.deepEqual(
      all.map(({ param }) => param.data()),
      before,
    );
  });
});

test('Adam on a GPU gives what it gives on the CPU', { skip: !cudaAvailable() && 'no CUDA device' }, () => {
  scope(() => {
    const run = (device: string): number[] => {
      const parameter = new nn.Parameter(normal(new RandomGenerator(2), [64, 8, 3, 3], 'float32'));
      parameter.to({ device });
      parameter.toMixedPrecision();
      const adam = new optim.Adam(new Map([['p', parameter]]), { lr: 0.01 });
      const draws = new RandomGenerator(3);
      for (let t = 0; t < 5; t++) {
        const gradient = ops.toDtype(normal(draws, [64, 8, 3, 3], 'float32'), 'bfloat16');
        adam.step([ops.to(gradient, { device, dtype: 'bfloat16' })]);
      }
      const values = [...(parameter.value.data() as Float32Array)];
      adam.dispose();
      parameter.dispose();
      return values;
    };
    assertClose(tensor(run('cuda:0')), run('cpu'), { relative: 1e-5, absolute: 1e-6 });
  });
});
