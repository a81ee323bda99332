/**
 * Single layers against PyTorch's numbers and definitions.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grad, manualSeed, nn, noGrad, ops, RandomGenerator, scope, tensor } from '../../src/index.js';
import { assertClose, numbers } from '../support/compare.js';
import { leaf, normal } from '../support/samples.js';

const close = { absolute: 2e-6, relative: 2e-6 };

/** sin(0.7 i) + (i mod 5) / 10 as (2, 3, 2, 2). */
const batch = () =>
  tensor(
    Array.from({ length: 24 }, (_, i) => Math.sin(0.7 * i) + 0.1 * (i % 5)),
    [2, 3, 2, 2],
  );

/** torch.nn.BatchNorm2d(3) of PyTorch 1.13 with these weights on {@link batch}, seed cos(0.3 i). */
const pytorch = {
  weight: [1.5, -0.5, 2],
  bias: [0.1, 0.2, -0.3],
  train: [
    -0.9865366, 0.6635398, 1.6418375, 1.5925262, -0.4190024, 0.3553174, 0.6554063, 0.6631631, -3.8623829, -0.7446791,
    0.2562657, 2.0532603, 1.3517157, 0.3861257, -0.9122142, -2.9369943, 0.7321428, 0.4033509, -0.1327682, -0.6576098,
    1.6466651, 1.4597042, -0.3849964, -2.8238358,
  ],
  inputGradient: [
    2.1134651, 1.7180189, 1.2540408, 0.8111995, 0.1863286, 0.0203853, 0.0879506, 0.2822072, -2.3664351, -3.7284024,
    -4.3007283, -4.6748872, -2.5120614, -1.9598486, -1.2040861, -0.2207276, -0.1735345, -0.2219188, -0.1461079,
    -0.0353105, 3.529176, 3.7345986, 3.9226191, 3.884058,
  ],
  weightGradient: [0.9722509, 2.7084968, 0.821734],
  biasGradient: [1.0785346, 1.6359292, 0.1070485],
  runningMean: [0.049005, -0.0132993, 0.0523513],
  runningVar: [0.9523066, 0.9561771, 0.9263184],
  eval: [
    0.0246747, 1.1686075, 1.8468227, 1.8126372, -0.1826195, 0.3725646, 0.5877271, 0.5932887, -1.0971617, 0.4573567,
    0.9564378, 1.8524374, 1.6456927, 0.9762873, 0.0761994, -1.3275007, 0.6427469, 0.4070044, 0.0226093, -0.3537,
    1.6497049, 1.5564843, 0.6366981, -0.5793316,
  ],
};

function batchNorm(): nn.BatchNorm2d {
  const layer = new nn.BatchNorm2d(3);
  layer.weight.assign(tensor(pytorch.weight));
  layer.bias.assign(tensor(pytorch.bias));
  return layer;
}

test('batch norm in training: values, gradients and running statistics are PyTorch’s', () => {
  scope(() => {
    const layer = batchNorm();
    const x = leaf(batch());
    const output = layer.forward(x);
    assertClose(output, pytorch.train, close, 'values');
    const seed = tensor(
      Array.from({ length: 24 }, (_, i) => Math.cos(0.3 * i)),
      [2, 3, 2, 2],
    );
    const [dx, dw, db] = grad(output, [x, layer.weight.compute, layer.bias.compute], { seeds: [seed] });
    assertClose(dx!, pytorch.inputGradient, close, 'gradient of the input');
    assertClose(dw!, pytorch.weightGradient, close, 'gradient of the weight');
    assertClose(db!, pytorch.biasGradient, close, 'gradient of the bias');
    const state = layer.stateDict();
    assertClose(state.get('running_mean')!, pytorch.runningMean, close, 'running mean');
    assertClose(state.get('running_var')!, pytorch.runningVar, close, 'running variance');
    assert.equal(state.get('num_batches_tracked')!.item(), 1);
    layer.dispose();
  });
});

test('batch norm in evaluation uses the running statistics and leaves them', () => {
  scope(() => {
    const layer = batchNorm();
    layer.forward(batch());
    layer.eval();
    assertClose(layer.forward(batch()), pytorch.eval, close);
    assertClose(layer.stateDict().get('running_mean')!, pytorch.runningMean, close);
    assert.equal(layer.stateDict().get('num_batches_tracked')!.item(), 1);
    layer.dispose();
  });
});

test('batch norm that tracks no statistics normalises by the batch and leaves them', () => {
  scope(() => {
    const layer = batchNorm();
    layer.tracksStatistics = false;
    assertClose(layer.forward(batch()), pytorch.train, close);
    assert.deepEqual(numbers(layer.stateDict().get('running_mean')!), [0, 0, 0]);
    assert.equal(layer.stateDict().get('num_batches_tracked')!.item(), 0);
    layer.dispose();
  });
});

test('one value per channel is refused in training, and leaves the running statistics alone', () => {
  scope(() => {
    const layer = batchNorm();
    const point = ops.ones([1, 3, 1, 1]);
    assert.throws(() => layer.forward(point), /one value per channel has no variance/);
    assert.ok([...(layer.stateDict().get('running_var')!.data() as Float32Array)].every(Number.isFinite));
    assert.equal(layer.stateDict().get('num_batches_tracked')!.item(), 0);
    assert.deepEqual(layer.eval().forward(point).shape, [1, 3, 1, 1]);
    layer.dispose();
  });
});

test('dropout zeroes a share and scales the rest; evaluation passes through', () => {
  scope(() => {
    manualSeed(61);
    const layer = new nn.Dropout(0.25);
    const x = leaf(normal(new RandomGenerator(62), [20_000]));
    const output = layer.forward(x);
    const [input, dropped] = [numbers(x), numbers(output)];
    let zeros = 0;
    for (const [i, value] of dropped.entries()) {
      if (value === 0) zeros++;
      else assert.ok(Math.abs(value - input[i]! / 0.75) < 1e-12);
    }
    // Five standard deviations of a binomial count around 5000.
    assert.ok(Math.abs(zeros - 5000) < 5 * Math.sqrt(20_000 * 0.25 * 0.75), `${zeros} zeros`);
    const [gradient] = grad(ops.sum(output), [x]);
    assertClose(
      gradient!,
      dropped.map(value => (value === 0 ? 0 : 1 / 0.75)),
      { relative: 1e-12 },
    );
    layer.eval();
    assertClose(layer.forward(x), input, {});
  });
});

test('dropout draws from the default generator', () => {
  scope(() => {
    const draw = () => {
      manualSeed(63);
      return new nn.Dropout(0.5).forward(ops.ones([100])).data();
    };
    assert.deepEqual(draw(), draw());
  });
});

test('a sequence with fused norms equals its layers one by one', () => {
  scope(() => {
    const x = normal(new RandomGenerator(64), [2, 4, 6, 5]);
    for (const activation of [new nn.ReLU(), new nn.LeakyReLU(0.2), new nn.Tanh()]) {
      const layers = [new nn.InstanceNorm2d(), activation, new nn.ReflectionPad2d(1)];
      const apart = layers.reduce((value, layer) => layer.forward(value), x);
      assertClose(new nn.Sequential(layers).forward(x), apart, { absolute: 1e-12 });
    }
    // Cut between norm and activation, the range must not run the activation.
    const cut = new nn.Sequential([new nn.InstanceNorm2d(), new nn.ReLU()]);
    assertClose(cut.forwardRange(x, 0, 1), ops.instanceNormActivationPlain(x, null, 1), { absolute: 1e-12 });
  });
});

test('a sequence that owns its input frees it, and gives the same values and gradients', () => {
  scope(() => {
    const x = leaf(normal(new RandomGenerator(65), [2, 4, 6, 5]));
    const layers = [new nn.InstanceNorm2d(), new nn.ReLU(), new nn.ReflectionPad2d(1), new nn.InstanceNorm2d()];
    const sequence = new nn.Sequential(layers);
    for (const copy of [() => ops.mul(x, 1), () => ops.narrow(x, 0, 0, 2)]) {
      const wanted = sequence.forward(x);
      const input = copy();
      const found = sequence.forwardOwned(input);
      assert.throws(() => input.shape, /disposed/);
      assertClose(found, wanted, {});
      const [gradient, expected] = [found, wanted].map(output => grad(ops.sum(ops.exp(output)), [x])[0]!);
      assertClose(gradient!, expected!, { absolute: 1e-12 });
      noGrad(() => assertClose(sequence.forwardOwned(copy()), wanted, {}));
    }
    // Nothing may have been written into what the caller keeps.
    assertClose(x, normal(new RandomGenerator(65), [2, 4, 6, 5]), {});
  });
});

test('a convolution to an image has a convolution’s keys, values and gradients', () => {
  scope(() => {
    const image = new nn.ConvToImage(4, 3, 3).to({ dtype: 'float64' });
    const plain = new nn.Conv2d(4, 3, 3).to({ dtype: 'float64' });
    plain.loadStateDict(image.stateDict());
    const x = normal(new RandomGenerator(66), [1, 4, 6, 8]);
    assertClose(image.forward(x), plain.forward(x), { absolute: 1e-12 });
    const gradientOf = (layer: nn.Conv2d) => grad(ops.sum(ops.exp(layer.forward(x))), [layer.weight.compute])[0]!;
    assertClose(gradientOf(image), gradientOf(plain), { absolute: 1e-9, relative: 1e-12 });
    image.dispose();
    plain.dispose();
  });
});

test('a convolution is the sum of products over the window', () => {
  scope(() => {
    const layer = new nn.Conv2d(1, 1, 3, { stride: 2, padding: 1 });
    layer.weight.assign(tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3]));
    layer.bias!.assign(tensor([10]));
    const image = tensor(
      Array.from({ length: 16 }, (_, i) => i),
      [1, 1, 4, 4],
    );
    // By hand: the window's centre is at even rows and columns, zeros outside.
    assertClose(layer.forward(image), [10 + 83, 10 + 178, 10 + 330, 10 + 528], {});
    layer.dispose();
  });
});

test('nearest upsampling repeats pixels', () => {
  scope(() => {
    const doubled = new nn.UpsampleNearest2d(2).forward(tensor([1, 2, 3, 4], [1, 1, 2, 2]));
    assertClose(doubled, [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4], {});
  });
});

test('tanh of bfloat16 is computed and returned in float32', () => {
  scope(() => {
    const low = ops.toDtype(tensor([0.5, -1.5]), 'bfloat16');
    const output = noGrad(() => new nn.Tanh().forward(low));
    assert.equal(output.dtype, 'float32');
    assertClose(output, [Math.tanh(0.5), Math.tanh(-1.5)], { relative: 1e-6 });
  });
});
