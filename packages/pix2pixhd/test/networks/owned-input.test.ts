/**
 * Generators that take their input over: the same image, and nothing of the way left.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryStats, type nn, noGrad, ops, RandomGenerator, scope, type Tensor } from '@pix2pixhd/torch';
import { GlobalGenerator, initWeights, LocalEnhancer } from '../../src/networks/index.js';
import { numbers } from '../support/compare.js';

const options = {
  ...{ inputChannels: 12, outputChannels: 3, ngf: 8, downsamplings: 2, blocks: 1 },
  ...({ norm: 'instance', upsample: 'transpose' } as const),
};
const [height, width] = [64, 128];

const makers: Record<string, () => nn.SegmentedModule> = Object.fromEntries(
  (['none', 'input', 'all'] as const).flatMap(skips => [
    [`global, skips ${skips}`, () => new GlobalGenerator({ ...options, skips })],
    [`local, skips ${skips}`, () => new LocalEnhancer({ ...options, skips, enhancers: 1, localBlocks: 1 })],
    [`two enhancers, skips ${skips}`, () => new LocalEnhancer({ ...options, skips, enhancers: 2, localBlocks: 1 })],
  ]),
);

const drawn = (): Tensor =>
  scope(() =>
    ops.normalInPlace(ops.empty([1, options.inputChannels, height, width]), 0, 1, {
      generator: new RandomGenerator(3),
    }),
  );

for (const [name, make] of Object.entries(makers))
  test(`${name}: an input that is taken over is freed, and makes the same image`, () => {
    scope(() => {
      const network = initWeights(make(), new RandomGenerator(5));
      noGrad(() => {
        const kept = drawn();
        const wanted = numbers(network.forward(kept));
        assert.deepEqual(numbers(kept), numbers(drawn()), 'forward wrote into its input');
        const input = drawn();
        const size = 4 * input.numel;
        const before = memoryStats().bytes;
        const output = network.forwardOwned(input);
        assert.throws(() => ops.neg(input), /disposed/);
        assert.equal(memoryStats().bytes, before - size + 4 * output.numel);
        assert.deepEqual(numbers(output), wanted);
      });
      network.dispose();
    });
  });
