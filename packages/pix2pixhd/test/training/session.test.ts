/** A stage in memory: what going back to a checkpoint restores, and when the state is consistent after an error. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ops } from '@pix2pixhd/torch';
import { Checkpoint } from '../../src/checkpoint/checkpoint.js';
import { type TrainConfig, trainSchema } from '../../src/config/schema.js';
import type { Batch } from '../../src/data/load/batch.js';
import { TrainingSession } from '../../src/training/session.js';
import { prepareCompute } from '../support/compute.js';
import { failingAdam } from '../support/training.js';
import { workFolder } from '../support/work-folder.js';

const root = workFolder();
const config = trainSchema.parse({
  ...{ dataroot: 'data', name: 'run', labelNc: 0, poolSize: 2, threads: 1, precision: 'fp32' },
  ...{ ngf: 4, ndf: 4, nDownsampleGlobal: 1, nBlocksGlobal: 1, numD: 1, ema: 0.9 },
});

function batch(value: number, side: number): Batch {
  const source = Float32Array.from({ length: 3 * side * side }, (_, i) => Math.sin(value + i));
  const image = source.map(x => -x);
  return { stems: ['0'], width: side, height: side, source, image, sourceChannels: 3, imageChannels: 3 };
}

test('rolling back restores weights, moments, EMA and image pool from the checkpoint, but not the position in the data', () => {
  const session = new TrainingSession(config, prepareCompute(config));
  const saved = (name: string): Checkpoint => {
    session.save(join(root, name), 0);
    return Checkpoint.read(join(root, name));
  };
  assert.ok(session.step([batch(1, 16)], 10).applied);
  const good = saved('good');
  // What diverged weights generate; the pool has kept it.
  assert.ok(!session.step([batch(Number.NaN, 16)], 10).applied);
  assert.ok(saved('bad').pool('pool').length > good.pool('pool').length);
  session.rollBack(good);
  const after = saved('after');
  const values = (checkpoint: Checkpoint) => checkpoint.pool('pool').map(image => [...image.data()]);
  assert.deepEqual(values(after), values(good));
  for (const network of ['G', 'D', 'EMA'] as const) assert.deepEqual(after.stateData(network), good.stateData(network));
  assert.deepEqual([after.state.step, after.state.batch], [2, 2]);
  session.dispose();
});

const unet = trainSchema.parse({
  ...{ dataroot: 'data', name: 'run', labelNc: 0, threads: 1, precision: 'fp32', netG: 'unet', nDownsampleUnet: 6 },
  ...{ ngf: 4, ndf: 4, numD: 1 },
});

/** Losses of three steps; `fail` makes the perceptual loss of the second fail the first time. */
function threeSteps(fail: boolean, change: Partial<TrainConfig> = {}) {
  let due = false;
  const session = new TrainingSession({ ...unet, ...change }, prepareCompute(unet), undefined, fake => {
    if (due) throw new Error('injected');
    return ops.mean(fake);
  });
  const step = (value: number) => session.step([batch(value, 64)], 10).losses;
  const losses = [step(1)];
  if (fail) {
    due = true;
    assert.throws(() => step(2), /injected/);
    due = false;
  }
  return { session, losses, more: () => [...losses, step(2), step(3)] };
}

test('a step that fails before its update leaves the state unchanged, dropout draws included', () => {
  const untouched = threeSteps(false);
  const expected = untouched.more();
  untouched.session.dispose();
  const { session, more } = threeSteps(true);
  assert.deepEqual([session.consistent, session.position.step], [true, 1]);
  assert.deepEqual(more(), expected);
  session.dispose();
});

test('where a forward pass changes the state, a step that fails in it leaves it inconsistent, and that is never saved', () => {
  for (const change of [{ poolSize: 2 }, { norm: 'batch' }] as const) {
    const { session } = threeSteps(true, change);
    assert.equal(session.consistent, false);
    assert.throws(() => session.save(join(root, 'inconsistent'), 0), /not that after step 1/);
    assert.equal(existsSync(join(root, 'inconsistent')), false);
    session.dispose();
  }
});

test('a checkpoint makes an inconsistent state consistent again', t => {
  const path = join(root, 'sound');
  const { session } = threeSteps(false);
  session.save(path, 0);
  // The discriminator's, the second of two calls per step.
  failingAdam(t, 2);
  assert.throws(() => session.step([batch(2, 64)], 10), /injected/);
  assert.equal(session.consistent, false);
  Checkpoint.using(path, checkpoint => session.restore(checkpoint));
  assert.equal(session.consistent, true);
  session.dispose();
});
