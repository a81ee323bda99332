/**
 * The two ways a generator doubles its resolution: keys, shapes, and what resize + convolution computes.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grad, ops, scope, type Tensor, tensor } from '@pix2pixhd/torch';
import { GlobalGenerator, LocalEnhancer, ResizeConv2d, type UpsampleKind } from '../../src/networks/index.js';
import { numbers } from '../support/compare.js';

const options = { inputChannels: 4, outputChannels: 3, ngf: 4, downsamplings: 2, blocks: 1, norm: 'instance' } as const;

const makers = {
  global: (upsample: UpsampleKind) => new GlobalGenerator({ ...options, upsample }),
  local: (upsample: UpsampleKind) => new LocalEnhancer({ ...options, upsample, enhancers: 1, localBlocks: 1 }),
};

const shapesOf = (state: ReadonlyMap<string, Tensor>) => new Map([...state].map(([key, value]) => [key, value.shape]));

for (const [name, make] of Object.entries(makers))
  test(`${name}: both variants have the same keys; only the doubling weights differ in order`, () => {
    const [transpose, resize] = [make('transpose'), make('resize')];
    const [expected, found] = [shapesOf(transpose.stateDict()), shapesOf(resize.stateDict())];
    assert.deepEqual([...found.keys()], [...expected.keys()]);
    // (in, out, 3, 3) of a transposed convolution, (out, in, 3, 3) of a convolution.
    const different = [...found].filter(([key, shape]) => String(shape) !== String(expected.get(key)));
    const doublings =
      name === 'global'
        ? ['model.11.weight', 'model.14.weight']
        : ['model.11.weight', 'model.14.weight', 'model1_2.1.weight'];
    assert.deepEqual(
      different.map(([key]) => key),
      doublings,
    );
    for (const [key, [outputs, inputs]] of different as [string, [number, number]][]) {
      assert.equal(inputs, 2 * outputs);
      assert.deepEqual(expected.get(key), [inputs, outputs, 3, 3]);
    }
    transpose.dispose();
    resize.dispose();
  });

for (const [name, make] of Object.entries(makers))
  test(`${name}: the resize variant keeps the size, and every weight gets a gradient`, () => {
    scope(() => {
      const net = make('resize');
      const output = net.forward(ops.randn([2, 4, 16, 24]));
      assert.deepEqual(output.shape, [2, 3, 16, 24]);
      assert.ok(numbers(output).every(value => Math.abs(value) < 1));
      const gradients = grad(
        ops.sum(ops.mul(output, output)),
        net.parameters().map(parameter => parameter.compute),
      );
      const names = [...net.namedParameters().keys()];
      gradients.forEach((gradient, i) => {
        // A bias before instance norm has none.
        if (names[i]!.endsWith('weight'))
          assert.ok(
            numbers(gradient!).some(value => value !== 0),
            names[i],
          );
      });
      net.dispose();
    });
  });

test('resize + convolution: every pixel becomes four equal ones, then the window is summed', () => {
  scope(() => {
    const layer = new ResizeConv2d(1, 1);
    const image = tensor([1, 2, 3, 4, 5, 6], [1, 1, 2, 3]);
    layer.bias!.assign(tensor([0.5]));
    const pixel = (y: number, x: number) => (y < 0 || x < 0 || y >= 4 || x >= 6 ? 0 : 1 + (y >> 1) * 3 + (x >> 1));
    // A kernel that tells up from down and left from right.
    layer.weight.assign(tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3]));
    const expected: number[] = [];
    for (let y = 0; y < 4; y++)
      for (let x = 0; x < 6; x++) {
        let sum = 0.5;
        for (let k = 0; k < 9; k++) sum += (k + 1) * pixel(y + Math.floor(k / 3) - 1, x + (k % 3) - 1);
        expected.push(sum);
      }
    assert.deepEqual(numbers(layer.forward(image)), expected);
    layer.dispose();
  });
});
