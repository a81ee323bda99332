/**
 * A checkpoint read tensor by tensor: the same weights, the same refusals; other errors pass through.
 */
import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { memoryStats, ops, scope, writeSafetensors } from '@pix2pixhd/torch';
import { Checkpoint } from '../../src/checkpoint/checkpoint.js';
import { trainSchema } from '../../src/config/schema.js';
import { toStoredConfig } from '../../src/config/stored.js';
import { UserError } from '../../src/errors.js';
import { buildGenerator } from '../../src/networks/build.js';
import { temporaryFolder } from '../data/images.js';

const config = trainSchema.parse({
  ...{ dataroot: 'data', name: 'run', labelNc: 3, ngf: 4, nDownsampleGlobal: 1, nBlocksGlobal: 1 },
});

function writeGenerator(path: string): void {
  const network = buildGenerator(config);
  const tensors = new Map([...network.stateDict()].map(([key, value]) => [`G.${key}`, value.toData()]));
  const state = { config: toStoredConfig(config), step: 7, epoch: 1, batch: 7, score: 0, steps: {} };
  writeSafetensors(path, tensors, { format: 'pix2pixhd', version: '1', state: JSON.stringify(state) });
  network.dispose();
}

test('the generator is restored, and no tensor of the file stays in memory', t => {
  const path = join(temporaryFolder(t), 'step.safetensors');
  writeGenerator(path);
  const original = buildGenerator(config);
  const network = buildGenerator({ ...config, seed: config.seed + 1 });
  const before = memoryStats();
  const step = Checkpoint.using(path, checkpoint => {
    checkpoint.restoreGenerator(network);
    return checkpoint.state.step;
  });
  assert.equal(step, 7);
  assert.deepEqual(memoryStats(), before);
  scope(() => {
    for (const [key, value] of network.stateDict())
      assert.ok(ops.equal(value, original.stateDict().get(key)!), `${key} differs`);
  });
  network.dispose();
  original.dispose();
});

test("a file that is not a checkpoint is refused by name; the caller's own error passes through", t => {
  const path = join(temporaryFolder(t), 'step.safetensors');
  writeGenerator(path);
  const bug = new RangeError('of the caller');
  assert.throws(
    () =>
      Checkpoint.using(path, () => {
        throw bug;
      }),
    bug,
  );
  const refused = (error: unknown) => error instanceof UserError && error.message.includes(path);
  const other = buildGenerator({ ...config, ngf: 8 });
  assert.throws(() => Checkpoint.using(path, checkpoint => checkpoint.restoreGenerator(other)), refused);
  other.dispose();
  truncateSync(path, 1000);
  assert.throws(() => Checkpoint.using(path, () => 0), refused);
  assert.throws(() => Checkpoint.using(`${path}.gone`, () => 0), refused);
});
