/**
 * Module trees: PyTorch's keys, strict loading, conversion, freezing, memory.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grad, memoryStats, nn, ops, RandomGenerator, scope, type Tensor } from '../../src/index.js';
import { assertClose } from '../support/compare.js';
import { normal } from '../support/samples.js';

/** Convolution, batch norm and a nested pair, as `torch.nn.Sequential` of the same layers. */
function network(): nn.Sequential {
  const generator = new RandomGenerator(51);
  return new nn.Sequential([
    new nn.Conv2d(2, 4, 3, { padding: 1, generator }),
    new nn.BatchNorm2d(4),
    new nn.ReLU(),
    new nn.Sequential([
      new nn.ConvTranspose2d(4, 3, 3, { stride: 2, generator }),
      new nn.InstanceNorm2d(),
      new nn.Conv2d(3, 1, 1, { bias: false, generator }),
    ]),
  ]);
}

/** `[(k, list(v.shape)) for k, v in model.state_dict().items()]` in PyTorch. */
const pytorchKeys: [string, number[]][] = [
  ['0.weight', [4, 2, 3, 3]],
  ['0.bias', [4]],
  ['1.weight', [4]],
  ['1.bias', [4]],
  ['1.running_mean', [4]],
  ['1.running_var', [4]],
  ['1.num_batches_tracked', []],
  ['3.0.weight', [4, 3, 3, 3]],
  ['3.0.bias', [3]],
  ['3.2.weight', [1, 3, 1, 1]],
];

/** Runs `body` with a network and frees it. */
function withNetwork(body: (net: nn.Sequential) => void): void {
  const net = network();
  try {
    scope(() => body(net));
  } finally {
    net.dispose();
  }
}

test("the state dict has PyTorch's keys, shapes and order", () => {
  withNetwork(net => {
    assert.deepEqual(
      [...net.stateDict()].map(([key, value]) => [key, value.shape]),
      pytorchKeys,
    );
    assert.equal(net.stateDict().get('1.num_batches_tracked')!.dtype, 'int64');
    const buffers = ['1.running_mean', '1.running_var', '1.num_batches_tracked'];
    assert.deepEqual(
      [...net.namedParameters().keys()],
      pytorchKeys.map(([key]) => key).filter(key => !buffers.includes(key)),
    );
    assert.equal(net.parameterCount(), 72 + 4 + 4 + 4 + 108 + 3 + 3);
  });
});

test('loading copies every tensor and keeps the module its own', () => {
  withNetwork(net => {
    const generator = new RandomGenerator(52);
    const state = new Map(
      pytorchKeys.map(([key, shape]): [string, Tensor] => [
        key,
        key.endsWith('tracked') ? ops.full([], 5, { dtype: 'int64' }) : normal(generator, shape, 'float32'),
      ]),
    );
    net.loadStateDict(state);
    for (const [key, tensor] of net.stateDict()) {
      assert.deepEqual(tensor.data(), state.get(key)!.data(), key);
      assert.notEqual(tensor, state.get(key));
    }
    assert.equal(net.parameters()[0]!.value.requiresGrad, true);
  });
});

test('a state dict that does not fit is refused whole, every problem named', () => {
  withNetwork(net => {
    const before = net.stateDict().get('0.weight')!.data();
    const state = new Map(net.stateDict());
    state.set('0.weight', ops.zeros([4, 2, 3, 3]));
    state.delete('1.running_var');
    state.set('3.0.bias', ops.zeros([7]));
    state.set('4.weight', ops.zeros([1]));
    assert.throws(() => net.loadStateDict(state), {
      message: `the state dict does not fit the network:
  missing 1.running_var [4]
  3.0.bias has shape [7], expected [3]
  unexpected 4.weight`,
    });
    assert.deepEqual(net.stateDict().get('0.weight')!.data(), before);
  });
});

test('the same generator seed gives the same initial weights, within ±1/sqrt(fan in)', () => {
  const [one, two] = [network(), network()];
  for (const [key, value] of one.stateDict()) assert.deepEqual(value.data(), two.stateDict().get(key)!.data(), key);
  for (const [key, bound] of [
    ['0.weight', 1 / Math.sqrt(18)],
    ['3.0.weight', 1 / Math.sqrt(27)],
  ] as const) {
    const values = [...(one.stateDict().get(key)!.data() as Float32Array)];
    const largest = Math.max(...values.map(Math.abs));
    assert.ok(largest <= bound && largest > 0.8 * bound, `${key}: ${largest} of ${bound}`);
  }
  one.dispose();
  two.dispose();
});

test('convert moves weights and floating buffers; gradients follow', () => {
  withNetwork(net => {
    net.to({ dtype: 'float64' });
    for (const [key, value] of net.stateDict())
      assert.equal(value.dtype, key.endsWith('tracked') ? 'int64' : 'float64', key);
    const x = normal(new RandomGenerator(53), [2, 2, 5, 5]);
    const [gradient] = grad(ops.sum(net.forward(x)), [net.parameters()[0]!.compute]);
    assert.equal(gradient!.dtype, 'float64');
  });
});

test('lower computes in bfloat16 near the float32 result and keeps the masters', () => {
  withNetwork(net => {
    net.eval();
    const x = normal(new RandomGenerator(54), [1, 2, 6, 7], 'float32');
    const exact = net.forward(x);
    const before = net.stateDict().get('0.weight')!.data();
    net.toMixedPrecision();
    const lowered = net.forward(ops.contiguous(ops.toDtype(x, 'bfloat16'), { memoryFormat: 'channels_last' }));
    assert.equal(lowered.dtype, 'bfloat16');
    assertClose(lowered, exact, { absolute: 3e-2 });
    assert.equal(net.stateDict().get('0.weight')!.dtype, 'float32');
    assert.deepEqual(net.stateDict().get('0.weight')!.data(), before);
    // Batch norm's weights stay in float32: its operator takes them beside bfloat16 values.
    assert.deepEqual(
      [...net.namedParameters()].filter(([, p]) => p.bf16Copy === null).map(([key]) => key),
      ['1.weight', '1.bias'],
    );
  });
});

test('memory order changes no value', () => {
  withNetwork(net => {
    net.eval();
    const x = normal(new RandomGenerator(55), [2, 2, 7, 5], 'float32');
    const plain = net.forward(x);
    net.to({ memoryFormat: 'channels_last' });
    assert.deepEqual(net.stateDict().get('0.weight')!.strides, [18, 1, 6, 2]);
    assertClose(net.forward(ops.contiguous(x, { memoryFormat: 'channels_last' })), plain, { absolute: 1e-5 });
  });
});

test('frozen weights want no gradient, in full and in mixed precision', () => {
  withNetwork(net => {
    net.trainable(false);
    const x = normal(new RandomGenerator(56), [1, 2, 5, 5], 'float32');
    assert.equal(net.forward(x).requiresGrad, false);
    net.toMixedPrecision();
    assert.equal(net.forward(ops.toDtype(x, 'bfloat16')).requiresGrad, false);
    net.trainable(true);
    assert.equal(net.forward(ops.toDtype(x, 'bfloat16')).requiresGrad, true);
    assert.ok(net.parameters().every(parameter => parameter.trainable));
  });
});

test('dispose frees everything, also after conversion and lowering', () => {
  scope(() => {
    const before = memoryStats();
    const net = network();
    assert.ok(memoryStats().tensors > before.tensors);
    net.to({ dtype: 'float64' }).to({ dtype: 'float32' }).toMixedPrecision();
    net.dispose();
    assert.deepEqual(memoryStats(), before);
  });
});
