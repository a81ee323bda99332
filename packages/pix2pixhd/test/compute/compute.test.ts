/**
 * Choosing how to compute changes nothing; configuring the process changes exactly what it says.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getThreads, ops, physicalCores, RandomGenerator, scope, setThreads, tensor } from '@pix2pixhd/torch';
import { chooseCompute } from '../../src/compute/choose-compute.js';
import { configureProcess } from '../../src/compute/configure-process.js';

const state = () => scope(() => [...(RandomGenerator.default().getState().data() as Uint8Array)]);
const draw = () => scope(() => ops.rand([]).item());
/** A product that is a denormal number, unless denormals are flushed. */
const denormal = () => scope(() => ops.mul(tensor([1e-30]), 1e-10).item());

test('chooseCompute leaves threads, random numbers and denormals alone', () => {
  setThreads(3);
  const before = [state(), denormal()];
  assert.ok(denormal() > 0);
  const compute = chooseCompute({ device: 'cpu', precision: 'bf16' });
  assert.deepEqual(compute, { device: 'cpu', precision: 'bf16', dtype: 'bfloat16', memory: 'channels_last' });
  assert.equal(getThreads(), 3);
  assert.deepEqual([state(), denormal()], before);
});

test('fp32 on the CPU is contiguous float32', () => {
  const compute = chooseCompute({ device: 'cpu', precision: 'fp32' });
  assert.deepEqual(compute, { device: 'cpu', precision: 'fp32', dtype: 'float32', memory: 'contiguous' });
});

test('configureProcess sets threads, seed and denormals', () => {
  configureProcess({ threads: 1, seed: 5 });
  assert.equal(getThreads(), 1);
  assert.equal(denormal(), 0);
  const first = draw();
  assert.notEqual(draw(), first);
  configureProcess({ seed: 5 });
  assert.equal(getThreads(), physicalCores());
  assert.equal(draw(), first);
  configureProcess({ seed: 6 });
  assert.notEqual(draw(), first);
});
