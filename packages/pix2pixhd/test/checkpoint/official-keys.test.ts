import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isRunningStatistic,
  toFlatDiscriminator,
  toGroupedDiscriminator,
  withoutDataParallel,
} from '../../src/checkpoint/official-keys.js';
import { MultiscaleDiscriminator } from '../../src/networks/index.js';

for (const norm of ['instance', 'batch'] as const)
  for (const layers of [1, 3, 5])
    test(`the discriminator's two kinds of keys, ${norm} norm, ${layers} layers`, () => {
      const shape = { inputChannels: 4, ndf: 2, layers, scales: 3, norm, sigmoid: true };
      const keysOf = (features: boolean) => {
        const network = new MultiscaleDiscriminator({ ...shape, features });
        const keys = [...network.stateDict().keys()];
        network.dispose();
        return keys;
      };
      const grouped = new Map(keysOf(true).map((key, i) => [key, i]));
      const flat = new Map(keysOf(false).map((key, i) => [key, i]));
      assert.deepEqual(toFlatDiscriminator(grouped), flat);
      assert.deepEqual(toGroupedDiscriminator(flat), grouped);
      assert.deepEqual(toGroupedDiscriminator(grouped), grouped);
    });

test('the prefix of DataParallel is removed if every key has it', () => {
  const wrapped = new Map([
    ['module.model.1.weight', 1],
    ['module.model.1.bias', 2],
  ]);
  assert.deepEqual([...withoutDataParallel(wrapped).keys()], ['model.1.weight', 'model.1.bias']);
  wrapped.set('other', 3);
  assert.deepEqual(withoutDataParallel(wrapped), wrapped);
  assert.equal(withoutDataParallel(new Map()).size, 0);
});

test('running statistics are recognised by the last part of a key', () => {
  assert.ok(isRunningStatistic('model.2.running_mean'));
  assert.ok(isRunningStatistic('model.9.conv_block.2.num_batches_tracked'));
  assert.ok(!isRunningStatistic('model.running_mean.weight'));
});
