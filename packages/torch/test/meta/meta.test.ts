/**
 * The meta device: operators give the shapes, dtypes and memory formats that they give on the CPU, forward and backward; memory
 * is counted and none is taken.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  grad,
  memoryStats,
  metaBytes,
  nn,
  ops,
  peakMetaBytes,
  RandomGenerator,
  scope,
  type Tensor,
  withDevice,
} from '../../src/index.js';

const MiB = 2 ** 20;

/** (N, C, H, W) of random numbers, a leaf. */
function leaf(shape: readonly number[], format: ops.MemoryFormat): Tensor {
  const drawn = ops.contiguous(ops.randn(shape), { memoryFormat: format });
  drawn.requiresGrad = true;
  return drawn;
}

const image = [2, 16, 12, 10];

/** Each applied to an input like {@link image}, some weights made on the way. */
const operators: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  convolution: x => ops.convolution(x, ops.randn([32, 16, 3, 3]), ops.randn([32]), 2, 1),
  'sparse input convolution': x => ops.sparseInputConvolution(x, ops.randn([32, 16, 7, 7]), null, 1, 0),
  'convolution to an image': x => ops.convToImage(x, ops.randn([3, 16, 7, 7]), ops.randn([3])),
  'transposed convolution': x => ops.convTranspose(x, ops.randn([16, 8, 3, 3]), ops.randn([8]), 2, 1, 1),
  'reflection padding': x => ops.reflectionPad(x, 3),
  'instance norm': x => ops.instanceNormActivation(x, null, 0.2),
  'instance norm and residual': x => ops.instanceNormActivation(x, x, 1),
  'batch norm': x => ops.batchNorm(x, ops.ones([16]), ops.zeros([16]), null, null, true, 0.1, 1e-5, false),
  'l1 mean': x => ops.l1Mean(x, ops.zeros(image)),
  'pooling by instance': x => ops.poolByInstance(x, ops.zeros([2, 1, 12, 10], { dtype: 'int32' })),
  relu: x => ops.relu(x),
  'leaky relu': x => ops.leakyRelu(x, 0.2),
  tanh: x => ops.tanh(x),
  dropout: x => ops.dropout(x, 0.5, true),
  'average pooling': x => ops.avgPool2d(x, 3, 2, 1, false, false),
  'max pooling': x => ops.maxPool2d(x, 2, 2),
  upsampling: x => ops.upsampleNearest2d(x, [24, 20]),
  'bilinear upsampling': x => ops.upsampleBilinear2d(x, [24, 20], false),
  'squared error': x => ops.mseLoss(x, ops.ones(image)),
  'cross entropy': x => ops.binaryCrossEntropyWithLogits(x, ops.ones(image)),
  concatenation: x => ops.cat([x, x], 1),
};

/** What an operator's result and its gradient look like. */
function looks(operator: (x: Tensor) => Tensor, format: ops.MemoryFormat): unknown[] {
  return scope(() => {
    const x = leaf(image, format);
    const y = operator(x);
    const [dx] = grad(ops.sum(y), [x]);
    // The sum's gradient is expanded: what it is stored like says nothing.
    return [y.shape, y.dtype, y.strides, dx!.shape, dx!.dtype];
  });
}

for (const [name, operator] of Object.entries(operators))
  test(`${name} has the same shape on the meta device`, () => {
    for (const format of ['contiguous', 'channels_last'] as const) {
      const onMeta = withDevice('meta', () => looks(operator, format));
      assert.deepEqual(onMeta, looks(operator, format), format);
    }
  });

test('counts what autograd keeps, and takes no memory', () => {
  withDevice('meta', () =>
    scope(() => {
      const [handles, before] = [memoryStats().bytes, metaBytes()];
      // 64 Gi elements: more than any machine's memory.
      const x = ops.empty([1, 2 ** 16, 1024, 1024], { dtype: 'float32' });
      assert.equal(metaBytes() - before, 2 ** 38);
      x.requiresGrad = true;
      // tanh keeps its result, whose handle is released.
      const y = scope(() => ops.sum(ops.tanh(x)));
      assert.equal(metaBytes() - before, 2 * 2 ** 38 + 4);
      y.dispose();
      assert.equal(metaBytes() - before, 2 ** 38);
      assert.equal(memoryStats().bytes, handles);
      assert.throws(() => ops.zeros([1]).item(), /meta/);
    }),
  );
});

test('knows the most that lived at one time', () => {
  withDevice('meta', () =>
    scope(() => {
      const held = ops.empty([MiB], { dtype: 'uint8' });
      const before = metaBytes();
      const peak = peakMetaBytes(() => {
        for (let i = 1; i <= 3; i++) scope(() => [ops.zerosLike(held), ops.zerosLike(held)].length);
      });
      assert.equal(peak - before, 2 * MiB);
      assert.equal(metaBytes(), before);
    }),
  );
});

test('a layer made there has no weights in memory, and drawing them moves no random state', () => {
  const before = memoryStats().bytes;
  const state = () => scope(() => [...(RandomGenerator.default().getState().data() as Uint8Array)]);
  const drawn = state();
  const layer = withDevice('meta', () => new nn.Conv2d(2 ** 14, 2 ** 14, 3));
  assert.equal(layer.parameterCount(), 9 * 2 ** 28 + 2 ** 14);
  assert.equal(memoryStats().bytes, before);
  assert.deepEqual(state(), drawn);
  const other = withDevice('meta', () => new nn.Conv2d(3, 4, 3).toMixedPrecision());
  assert.deepEqual(
    other.parameters().map(({ value, compute }) => [value.device, compute.dtype]),
    [
      ['meta', 'bfloat16'],
      ['meta', 'bfloat16'],
    ],
  );
  for (const each of [layer, other]) each.dispose();
});

test('the default device holds inside its body only, an error included', () => {
  scope(() => {
    withDevice('meta', () => {
      assert.equal(ops.zeros([1]).device, 'meta');
      withDevice('cpu', () => assert.equal(ops.zeros([1]).device, 'cpu'));
      assert.equal(ops.zeros([1]).device, 'meta');
      assert.equal(ops.zeros([1], { device: 'cpu' }).device, 'cpu');
      assert.equal(ops.zerosLike(ops.zeros([1], { device: 'cpu' })).device, 'cpu');
    });
    assert.throws(() =>
      withDevice('meta', () => {
        throw new Error('out');
      }),
    );
    assert.equal(ops.zeros([1]).device, 'cpu');
    assert.throws(() => withDevice('nowhere', () => ops.zeros([1])));
    assert.equal(ops.zeros([1]).device, 'cpu');
  });
});
