/** A stage in memory: what going back to a checkpoint takes along. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Checkpoint } from '../../src/checkpoint/checkpoint.js';
import { prepareCompute } from '../../src/compute/compute.js';
import { trainSchema } from '../../src/config/schema.js';
import type { Batch } from '../../src/data/load/batch.js';
import { TrainingSession } from '../../src/training/session.js';
import { workFolder } from '../support/runs.js';

const config = trainSchema.parse({
  ...{ dataroot: 'data', name: 'run', labelNc: 0, poolSize: 2, threads: 1, precision: 'fp32' },
  ...{ ngf: 4, ndf: 4, nDownsampleGlobal: 1, nBlocksGlobal: 1, numD: 1, ema: 0.9 },
});

function batch(value: number): Batch {
  const source = Float32Array.from({ length: 3 * 16 * 16 }, (_, i) => Math.sin(value + i));
  const image = source.map(x => -x);
  return { stems: ['0'], width: 16, height: 16, source, image, sourceChannels: 3, imageChannels: 3 };
}

test('going back takes weights, moments, average and image pool from the checkpoint, but goes on in the data', () => {
  const root = workFolder();
  const session = new TrainingSession(config, prepareCompute(config));
  const saved = (name: string): Checkpoint => {
    session.save(join(root, name), 0);
    return Checkpoint.read(join(root, name));
  };
  assert.ok(session.step([batch(1)], 10).applied);
  const good = saved('good');
  // What a network draws whose weights no step survives; the pool has kept it.
  assert.ok(!session.step([batch(Number.NaN)], 10).applied);
  assert.ok(saved('bad').pool().length > good.pool().length);
  session.rollBack(good);
  const after = saved('after');
  const values = (checkpoint: Checkpoint) => checkpoint.pool().map(image => [...image.data()]);
  assert.deepEqual(values(after), values(good));
  for (const network of ['G', 'D', 'EMA'] as const) assert.deepEqual(after.stateData(network), good.stateData(network));
  assert.deepEqual([after.state.step, after.state.batch], [2, 2]);
  session.dispose();
});
