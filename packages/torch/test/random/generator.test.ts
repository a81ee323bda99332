/**
 * Random generators: PyTorch's sequences, saved and continued exactly.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualSeed, ops, RandomGenerator, scope, tensor } from '../../src/index.js';
import { assertClose } from '../support/compare.js';

const draw = (generator: RandomGenerator | null, count: number) =>
  ops.normalInPlace(ops.empty([count], { dtype: 'float32' }), 0, 1, { generator });

test("seed 0 gives PyTorch's numbers", () => {
  scope(() => {
    // torch.manual_seed(0); torch.randn(4), torch.rand(3) of PyTorch 1.13 on the CPU.
    manualSeed(0);
    assertClose(ops.randn([4]), [1.5409961, -0.2934289, -2.1787894, 0.5684313], { absolute: 1e-7 });
    assertClose(ops.rand([3]), [0.455628, 0.6323063, 0.3488935], { absolute: 1e-7 });
    // torch.randn(3, generator=torch.RandomGenerator().manual_seed(123))
    assertClose(draw(new RandomGenerator(123), 3), [-0.1114671, 0.1203629, -0.3696345], { absolute: 1e-7 });
  });
});

test('generators are independent of each other and of the default one', () => {
  scope(() => {
    const alone = draw(new RandomGenerator(5), 6).data();
    const one = new RandomGenerator(5);
    const other = new RandomGenerator(6);
    const parts: number[] = [];
    for (let i = 0; i < 6; i++) {
      parts.push(draw(one, 1).item());
      draw(other, 3);
      draw(null, 2);
    }
    assert.deepEqual(Float32Array.from(parts), alone);
  });
});

test('a saved state continues exactly, also in the middle of a pair of normal numbers', () => {
  scope(() => {
    const generator = new RandomGenerator(7);
    draw(generator, 3);
    const state = generator.getState();
    const bytes = state.data();
    const expected = draw(generator, 40).data();
    draw(generator, 100);
    generator.setState(state);
    assert.deepEqual(draw(generator, 40).data(), expected);
    // From bytes alone, as a checkpoint restores it, into another generator.
    const restored = new RandomGenerator(0);
    restored.setState(tensor(bytes, [bytes.length], { dtype: 'uint8' }));
    assert.deepEqual(draw(restored, 40).data(), expected);
  });
});

test('taking the state draws nothing and gives a copy', () => {
  scope(() => {
    const expected = draw(new RandomGenerator(8), 20).data();
    const generator = new RandomGenerator(8);
    const state = generator.getState();
    const before = state.data();
    assert.deepEqual(draw(generator, 20).data(), expected);
    assert.deepEqual(state.data(), before);
  });
});

test('the default generator is the one operators draw from', () => {
  scope(() => {
    const standard = RandomGenerator.default();
    standard.seed(11);
    assert.deepEqual(draw(null, 5).data(), draw(new RandomGenerator(11), 5).data());
    const state = standard.getState();
    const expected = draw(null, 5).data();
    RandomGenerator.default('cpu').setState(state);
    assert.deepEqual(draw(standard, 5).data(), expected);
  });
});

test('seed() restarts the sequence', () => {
  scope(() => {
    const generator = new RandomGenerator(9);
    const first = draw(generator, 5).data();
    generator.seed(9);
    assert.deepEqual(draw(generator, 5).data(), first);
    generator.seed(10);
    assert.notDeepEqual(draw(generator, 5).data(), first);
  });
});

test('a state of the wrong size is refused', () => {
  scope(() => {
    assert.throws(() => new RandomGenerator(0).setState(tensor([1, 2, 3], [3], { dtype: 'uint8' })));
  });
});
