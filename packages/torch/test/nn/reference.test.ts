/**
 * Layers and losses against PyTorch's numbers: values, gradients of inputs and of weights, in float64.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grad, nn, ops, scope, type Tensor, tensor } from '../../src/index.js';
import { assertClose, numbers } from '../support/compare.js';
import { type Differentiated, reference, seedOf, values } from '../support/reference.js';

const close = { absolute: 1e-13, relative: 1e-12 };

function assertDifferentiated(output: Tensor, inputs: readonly Tensor[], expected: Differentiated): void {
  assert.deepEqual(output.shape, expected.shape);
  assertClose(output.reshape([output.numel]), expected.output, close, 'output');
  const gradients = grad(output, inputs, { seeds: [seedOf(output.shape)] });
  assert.equal(gradients.length, expected.gradients.length);
  for (const [i, gradient] of gradients.entries())
    assertClose(gradient!.reshape([gradient!.numel]), expected.gradients[i]!, close, `gradient ${i}`);
}

/** In float64, with weights by formula. */
function prepared(module: nn.Module): nn.Module {
  module.to({ dtype: 'float64' });
  for (const { value } of module.parameters()) value.detach().copyInPlace(values(...value.shape));
  return module;
}

const layers: Record<string, [make: () => nn.Module, shape: number[]]> = {
  linear: [() => new nn.Linear(4, 3), [2, 5, 4]],
  'linear without bias': [() => new nn.Linear(4, 3, { bias: false }), [2, 4]],
  'layer norm': [() => new nn.LayerNorm(6), [2, 3, 6]],
  'layer norm of two axes': [() => new nn.LayerNorm([3, 4], { eps: 1e-3 }), [2, 3, 4]],
  'group norm': [() => new nn.GroupNorm(2, 6), [2, 6, 3, 2]],
  'max pool': [() => new nn.MaxPool2d(2), [2, 2, 4, 5]],
  'max pool with stride and padding': [() => new nn.MaxPool2d(3, { stride: 2, padding: 1 }), [1, 2, 5, 5]],
  'average pool': [() => new nn.AvgPool2d(3, { stride: 2, padding: 1 }), [1, 2, 5, 5]],
  'adaptive average pool': [() => new nn.AdaptiveAvgPool2d(2), [1, 2, 5, 7]],
  flatten: [() => new nn.Flatten(), [2, 3, 2, 2]],
  gelu: [() => new nn.GELU(), [2, 6]],
  'gelu by tanh': [() => new nn.GELU('tanh'), [2, 6]],
  silu: [() => new nn.SiLU(), [2, 6]],
  elu: [() => new nn.ELU(0.7), [2, 6]],
  softmax: [() => new nn.Softmax(1), [2, 6]],
  'log softmax': [() => new nn.LogSoftmax(1), [2, 6]],
};
const recordedLayers = reference<Differentiated>('layers');

for (const [name, [make, shape]] of Object.entries(layers))
  test(`layer: ${name}`, () => {
    scope(() => {
      const module = prepared(make());
      const input = values(...shape);
      input.requiresGrad = true;
      const weights = module.parameters().map(({ compute }) => compute);
      assertDifferentiated(module.forward(input), [input, ...weights], recordedLayers[name]!);
      module.dispose();
    });
  });

test('layer: embedding, whose padding gets no gradient and starts as zeros', () => {
  scope(() => {
    const fresh = new nn.Embedding(5, 3, { paddingIdx: 2 });
    assert.deepEqual(fresh.weight.value.select(0, 2).data(), new Float32Array(3));
    const module = prepared(fresh);
    const ids = tensor([[0, 2, 4], [4, 1, 2]], { dtype: 'int64' }); // biome-ignore format: rows
    const weights = module.parameters().map(({ compute }) => compute);
    assertDifferentiated(module.forward(ids), weights, recordedLayers.embedding!);
    module.dispose();
  });
});

test('every recorded layer is compared', () => {
  assert.deepEqual(Object.keys(recordedLayers).sort(), [...Object.keys(layers), 'embedding'].sort());
});

test('new layers have the keys of PyTorch, shapes and bounds', () => {
  const shapes = (module: nn.Module) => [...module.stateDict()].map(([key, { shape }]) => `${key} ${shape.join('×')}`);
  const linear = new nn.Linear(16, 8);
  assert.deepEqual(shapes(linear), ['weight 8×16', 'bias 8']);
  const largest = Math.max(...numbers(linear.weight.value.abs()));
  assert.ok(largest > 0.2 && largest <= 0.25, `uniform in ±1/4, found ${largest}`);
  assert.deepEqual(shapes(new nn.Embedding(5, 3)), ['weight 5×3']);
  assert.deepEqual(shapes(new nn.LayerNorm([3, 4])), ['weight 3×4', 'bias 3×4']);
  assert.deepEqual(shapes(new nn.LayerNorm(4, { affine: false })), []);
  assert.deepEqual(shapes(new nn.GroupNorm(2, 6)), ['weight 6', 'bias 6']);
  assert.throws(() => new nn.GroupNorm(4, 6), { code: 'INVALID_ARGUMENT', message: /6 channels .* 4 groups/ });
});

const classes = [2, 0, 3];
const targets = () => values(3, 4).reshape([12]).roll(1).reshape([3, 4]);
const weight = () => tensor([0.5, 1, 2, 1.5], { dtype: 'float64' });
const ids = (of: number[] | number[][][]) => tensor(of, { dtype: 'int64' });

const losses: Record<string, [compute: (x: Tensor) => Tensor, shape?: number[]]> = {
  'cross entropy': [x => ops.crossEntropy(x, ids(classes))],
  'weighted, smoothed cross entropy': [
    x => ops.crossEntropy(x, ids(classes), { weight: weight(), labelSmoothing: 0.1, reduction: 'sum' }),
  ],
  'cross entropy with an ignored class': [x => ops.crossEntropy(x, ids(classes), { ignoreIndex: 0 })],
  'cross entropy of images': [
    x => ops.crossEntropy(x, ids([[[0, 1], [2, 1]]]), { reduction: 'none' }), // biome-ignore format: rows
    [1, 3, 2, 2],
  ],
  'negative log likelihood': [x => ops.nllLoss(x.logSoftmax(1), ids(classes))],
  squared: [x => ops.mseLoss(x, targets())],
  'squared, summed': [x => ops.mseLoss(x, targets(), { reduction: 'sum' })],
  absolute: [x => ops.l1Loss(x, targets())],
  'smooth absolute': [x => ops.smoothL1Loss(x, targets(), { beta: 0.5 })],
  Huber: [x => ops.huberLoss(x, targets(), { delta: 0.5 })],
  binary: [x => ops.binaryCrossEntropyWithLogits(x, targets().sigmoid(), { posWeight: weight() })],
};
const recordedLosses = reference<Differentiated>('losses');

for (const [name, [compute, shape = [3, 4]]] of Object.entries(losses))
  test(`loss: ${name}`, () => {
    scope(() => {
      const input = values(...shape);
      input.requiresGrad = true;
      assertDifferentiated(compute(input), [input], recordedLosses[name]!);
    });
  });

test('every recorded loss is compared, and another reduction is refused', () => {
  assert.deepEqual(Object.keys(recordedLosses).sort(), Object.keys(losses).sort());
  scope(() => {
    const x = values(2);
    assert.throws(() => ops.mseLoss(x, x, { reduction: 'max' as 'mean' }), {
      code: 'INVALID_ARGUMENT',
      message: "reduction: expected 'none', 'mean' or 'sum', found max",
    });
  });
});
