/**
 * Handles have a kind: anything but a tensor, or a random generator, is refused with an error that says what it is.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { binding, type Handle } from '../../src/binding.js';
import { grad, ops, RandomGenerator, scope, setThreads, type Tensor, tensor } from '../../src/index.js';

const generator = new RandomGenerator(1);
const asTensor = generator as unknown as Tensor;

test('a random generator in the place of a tensor, and the other way round', () => {
  scope(() => {
    const x = tensor([1, 2]);
    const refused = (body: () => unknown, message: RegExp) =>
      assert.throws(body, { name: 'TorchError', code: 'INVALID_ARGUMENT', message });
    refused(() => ops.add(asTensor, x), /^argument 'self': expected a tensor, found a random generator$/);
    refused(() => ops.cat([x, asTensor]), /^argument 'tensors': expected a tensor, found a random generator$/);
    refused(
      () => ops.normalInPlace(x, 0, 1, { generator: x as unknown as RandomGenerator }),
      /^expected a random generator, found a tensor$/,
    );
    refused(() => binding.toBytes(generator.handle), /^data: expected a tensor, found a random generator$/);
    refused(() => binding.release(generator.handle), /^dispose: expected a tensor, found a random generator$/);
    refused(() => binding.isReleased(generator.handle), /expected a tensor/);
    refused(() => binding.seedGenerator(x.handle, 1), /expected a random generator, found a tensor/);
    refused(() => grad([asTensor], [x]), /expected a tensor, found a random generator/);
    // The generator is still one.
    generator.seed(2);
  });
});

test('what JavaScript has besides is named', () => {
  const strangers: [unknown, RegExp][] = [
    [undefined, /found undefined$/],
    [null, /found null$/],
    ['text', /found the string 'text'$/],
    [Symbol('s'), /found a symbol$/],
    [[], /found an array$/],
    [{}, /found an object$/],
    [() => 0, /found a function$/],
  ];
  for (const [stranger, message] of strangers) assert.throws(() => binding.describe(stranger as Handle), message);
});

test('numbers of the wrong kind are refused: an axis, a seed, threads, an integer beyond 64 bits', () => {
  scope(() => {
    const x = tensor([1, 2]);
    assert.throws(() => ops.select(x, 0.5, 0), /argument 'dim': expected an integer, found 0.5/);
    assert.throws(() => ops.select(x, (2n ** 64n) as unknown as number, 0), /argument 'dim': expected an integer/);
    assert.throws(() => tensor([1, 2], [2.5]), /axis 0 of the shape: expected an integer, found 2.5/);
    assert.throws(() => new RandomGenerator(-1), /seed: expected a number that is not negative, found -1/);
    for (const count of [0, -1, 1e9]) assert.throws(() => setThreads(count), /threads: expected 1 to 1024, found/);
    const zeros = ops.operator('aten::zeros');
    assert.throws(() => zeros([[2], 'float32', 1]), /argument 'layout': expected null or 'strided', found 1/);
    assert.throws(() => ops.toDtype(x, 7 as unknown as 'bool'), /unknown dtype '7'/);
  });
});

test('a seed for every output, and gradients of what a graph has computed stay on', () => {
  scope(() => {
    const x = tensor([1, 2]);
    x.requiresGrad = true;
    const y = ops.mul(x, x);
    assert.throws(() => grad([y, y], [x], { seeds: [y] }), /grad: 1 seeds for 2 outputs/);
    assert.throws(() => (y.requiresGrad = false), /requiresGrad: the tensor was computed by a graph/);
  });
});
