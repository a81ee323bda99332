/**
 * What only a CUDA device can do, and what is said where there is none.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cudaAvailable,
  cudaGraphsAvailable,
  cudaHasBfloat16,
  memoryStats,
  ops,
  recordCudaGraph,
  scope,
  setCudnnBenchmark,
  tensor,
} from '../../src/index.js';

const noCuda = !cudaAvailable() && 'no CUDA device';
const noGraphs = !cudaGraphsAvailable() && 'no CUDA graphs here';

test('on the CPU an upload is one copy, and its source may change afterwards', () => {
  scope(() => {
    const values = Float32Array.of(1, 2, 3, 4);
    const before = memoryStats();
    const made = tensor(values, [2, 2], { dtype: 'float32', device: 'cpu' });
    assert.deepEqual(memoryStats(), { tensors: before.tensors + 1, bytes: before.bytes + 16 });
    values.fill(0);
    assert.deepEqual(made.data(), Float32Array.of(1, 2, 3, 4));
    assert.throws(() => tensor(values, [3], { dtype: 'float32', device: 'cpu' }), /16 bytes of data for shape \[3\]/);
  });
});

test('an upload to a GPU arrives there, whatever becomes of its source', { skip: noCuda }, () => {
  scope(() => {
    const values = Int32Array.from({ length: 1 << 20 }, (_, i) => i);
    const made = tensor(values, [1 << 20], { dtype: 'int32', device: 'cuda:0' });
    values.fill(-1);
    assert.equal(made.device, 'cuda:0');
    assert.deepEqual(
      made.data(),
      Int32Array.from({ length: 1 << 20 }, (_, i) => i),
    );
  });
});

test('without CUDA no GPU has bfloat16', { skip: cudaAvailable() && 'CUDA' }, () => {
  assert.equal(cudaHasBfloat16('cuda:0'), false);
});

test("cuDNN's benchmark can be switched on and off, also where there is no cuDNN", () => {
  assert.equal(setCudnnBenchmark(true), true);
  assert.equal(setCudnnBenchmark(false), false);
});

test('without CUDA a graph is refused, and the work is not begun', { skip: cudaGraphsAvailable() && 'CUDA' }, () => {
  let begun = false;
  assert.throws(
    () =>
      recordCudaGraph('cuda:0', () => {
        begun = true;
      }),
    /CUDA/,
  );
  assert.equal(begun, false);
});

test('a recorded graph computes from what its inputs hold at every replay', { skip: noGraphs }, () => {
  scope(() => {
    const input = ops.to(tensor([1, 2, 3]), { device: 'cuda:0', dtype: 'float32' });
    const work = () => scope(() => ops.sum(ops.mul(input, input)));
    for (let i = 0; i < 3; i++) work();
    const recording = recordCudaGraph('cuda:0', work);
    for (const values of [
      [1, 2, 3],
      [4, 5, 6],
    ]) {
      ops.copyInPlace(input, tensor(values));
      recording.replay();
      assert.equal(
        recording.result.item(),
        values.reduce((sum, x) => sum + x * x, 0),
      );
    }
    recording.dispose();
    recording.dispose();
    assert.throws(() => recording.replay(), /disposed/);
  });
});

test('work that reads a value cannot be recorded, and the device goes on', { skip: noGraphs }, () => {
  scope(() => {
    const input = ops.to(tensor([1, 2, 3]), { device: 'cuda:0', dtype: 'float32' });
    assert.throws(() => recordCudaGraph('cuda:0', () => ops.sum(input).item()));
    assert.equal(ops.sum(input).item(), 6);
  });
});
