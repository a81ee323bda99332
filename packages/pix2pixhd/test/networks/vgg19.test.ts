/**
 * VGG19: keys, what a state dict must hold, and that its weights are frozen. Its numbers: losses/perceptual.test.ts and
 * parity/perceptual.test.ts.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryStats, noGrad, ops, RandomGenerator, scope, tensor } from '@pix2pixhd/torch';
import { Vgg19 } from '../../src/networks/index.js';
import { numbers } from '../support/compare.js';
import { vggConvolutions, vggState } from '../support/vgg.js';

test('the keys are those of the public implementation, the shapes those of torchvision', () => {
  const vgg = new Vgg19();
  const expected = vggConvolutions.flatMap(([index, inputs, outputs]): [string, number[]][] => {
    // Slice n begins after the nth of the indices 1, 6, 11, 20.
    const slice = 1 + [1, 6, 11, 20].filter(end => index > end).length;
    return [
      [`slice${slice}.${index}.weight`, [outputs, inputs, 3, 3]],
      [`slice${slice}.${index}.bias`, [outputs]],
    ];
  });
  assert.deepEqual(
    [...vgg.stateDict()].map(([key, { shape }]) => [key, shape]),
    expected,
  );
  vgg.dispose();
});

test("torchvision's state dict arrives; its classifier and later convolutions are passed over", () => {
  scope(() => {
    const vgg = new Vgg19();
    const state = vggState();
    vgg.loadTorchvision(state);
    for (const [key, value] of vgg.stateDict())
      assert.ok(ops.equal(value, state.get(key.replace(/^slice\d/, 'features'))!), key);
    vgg.dispose();
  });
});

test('what is missing or of another shape is named, and nothing is copied then', () => {
  scope(() => {
    const vgg = new Vgg19();
    const before = numbers(vgg.stateDict().get('slice1.0.weight')!);
    const state = vggState();
    state.delete('features.28.bias');
    state.set('features.2.weight', tensor([1, 2], [2, 1, 1, 1]));
    assert.throws(() => vgg.loadTorchvision(state), {
      message:
        "not torchvision's VGG19: features.2.weight has shape [2,1,1,1], expected [64,64,3,3]; missing features.28.bias [512]",
    });
    assert.deepEqual(numbers(vgg.stateDict().get('slice1.0.weight')!), before);
    vgg.dispose();
  });
});

test('no weight is trained, in any precision', () => {
  const vgg = new Vgg19();
  const trained = () => vgg.parameters().filter(parameter => parameter.trainable).length;
  assert.equal(trained(), 0);
  vgg.toMixedPrecision();
  assert.equal(trained(), 0);
  vgg.to({ dtype: 'float64' });
  assert.equal(trained(), 0);
  vgg.dispose();
});

test('making one draws nothing from the default generator', () => {
  scope(() => {
    const before = RandomGenerator.default().getState().data();
    new Vgg19().dispose();
    assert.deepEqual(RandomGenerator.default().getState().data(), before);
  });
});

test('the last map is that of relu5_1, and nothing else stays in memory', () => {
  scope(() => {
    const vgg = new Vgg19();
    const image = ops.randn([1, 3, 33, 47]);
    const maps = vgg.featureMaps(image);
    assert.deepEqual(
      maps.map(({ shape }) => shape),
      [
        [1, 64, 33, 47],
        [1, 128, 16, 23],
        [1, 256, 8, 11],
        [1, 512, 4, 5],
        [1, 512, 2, 2],
      ],
    );
    for (const map of maps) assert.ok(ops.min(map).item() >= 0, 'after the ReLU');
    const before = memoryStats();
    const last = noGrad(() => vgg.forward(image));
    assert.ok(ops.equal(last, maps.at(-1)!));
    last.dispose();
    assert.deepEqual(memoryStats(), before);
    vgg.dispose();
  });
});

test('images of other channels, too small or flat are refused', () => {
  scope(() => {
    const vgg = new Vgg19();
    for (const shape of [
      [1, 1, 32, 32],
      [1, 3, 15, 64],
      [3, 32, 32],
    ])
      assert.throws(() => vgg.featureMaps(ops.zeros(shape)), {
        name: 'RangeError',
        message: `Vgg19: the image has shape [${shape}], expected (N, 3, H, W) with sides from 16`,
      });
    vgg.dispose();
  });
});
