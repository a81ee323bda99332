/**
 * Skips against what they are said to be: one convolution over features and condition, and sums across equal sizes.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noGrad, ops, RandomGenerator, scope, type Tensor } from '@pix2pixhd/torch';
import { SkippedOutput } from '../../src/networks/blocks.js';
import { GlobalGenerator, initWeights, LocalEnhancer } from '../../src/networks/index.js';
import { numbers } from '../support/compare.js';

const shape = {
  ...{ inputChannels: 5, outputChannels: 3, ngf: 4, downsamplings: 2, blocks: 1 },
  ...({ norm: 'instance', upsample: 'resize' } as const),
};

const drawn = (shape: readonly number[], seed: number): Tensor =>
  ops.normalInPlace(ops.empty([...shape]), 0, 1, { generator: new RandomGenerator(seed) });

test('the last convolution is one over features and condition', () => {
  scope(() => {
    const output = initWeights(new SkippedOutput(4, 5, 3), new RandomGenerator(1));
    const both = drawn([2, 9, 12, 16], 2);
    const state = output.stateDict();
    const [ours, theirs] = ['features', 'condition'] as const;
    const weight = ops.cat([state.get(`${ours}.weight`)!, state.get(`${theirs}.weight`)!], 1);
    const bias = ops.add(state.get(`${ours}.bias`)!, state.get(`${theirs}.bias`)!);
    const expected = ops.tanh(ops.convolution(ops.reflectionPad(both, 3), weight, bias, 1, 0));
    const found = numbers(noGrad(() => output.forward(both)));
    for (const [i, value] of numbers(expected).entries())
      assert.ok(Math.abs(found[i]! - value) < 1e-5, `element ${i}: ${found[i]}, expected ${value}`);
  });
});

test('the keys of everything but the last convolution are the public ones', () => {
  scope(() => {
    for (const make of [
      (skips: 'none' | 'all') => new GlobalGenerator({ ...shape, skips }),
      (skips: 'none' | 'all') => new LocalEnhancer({ ...shape, enhancers: 1, localBlocks: 1, skips }),
    ]) {
      const [plain, skipped] = [make('none').stateDict(), make('all').stateDict()];
      const shared = [...skipped.keys()].filter(key => !key.startsWith('output.'));
      assert.ok(shared.every(key => plain.has(key)));
      assert.equal([...plain.keys()].length - shared.length, 2, 'weight and bias of the last convolution');
    }
  });
});

test('flat input: without skips instance norm takes it out, with them the output still tells it', () => {
  scope(() => {
    const outputs = (skips: 'none' | 'input', value: number) => {
      const network = initWeights(new GlobalGenerator({ ...shape, skips }), new RandomGenerator(3));
      return numbers(noGrad(() => network.forward(ops.full([1, 5, 16, 16], value))));
    };
    assert.deepEqual(outputs('none', 0.2), outputs('none', 0.9));
    assert.notDeepEqual(outputs('input', 0.2), outputs('input', 0.9));
  });
});

test('with all, the same weights draw another image: the levels are added', () => {
  scope(() => {
    const network = initWeights(new GlobalGenerator({ ...shape, skips: 'all' }), new RandomGenerator(4));
    const plain = new GlobalGenerator({ ...shape, skips: 'input' });
    plain.loadStateDict(network.stateDict());
    const input = drawn([1, 5, 16, 24], 5);
    const [withSums, without] = [network, plain].map(each => numbers(noGrad(() => each.forward(input))));
    assert.notDeepEqual(withSums, without);
  });
});
