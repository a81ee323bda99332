/**
 * Calling operators: generated wrappers, operators by name, and how refusals read.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ops, scope, type Tensor, tensor, version } from '../../src/index.js';
import { assertClose } from '../support/compare.js';

/** Asserts that `body` throws an Error of one line that matches, without libtorch's backtrace. */
function assertRefused(body: () => unknown, message: RegExp): void {
  assert.throws(
    () => scope(body),
    (error: unknown) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message.trimEnd(), /\n|frame #|Exception raised from/);
      return true;
    },
  );
}

test('refusals are one line that names the cause', () => {
  scope(() => {
    const x = tensor([1, 2, 3, 4], [2, 2]);
    assertRefused(() => ops.matmul(x, tensor([1, 2, 3], [3, 1])), /cannot be multiplied \(2x2 and 3x1\)/);
    assertRefused(() => ops.add(x, tensor([1, 2, 3])), /size of tensor a \(2\) must match .* tensor b \(3\)/);
    assertRefused(() => ops.reshape(x, [3, 2]), /shape '\[3, 2\]' is invalid for input of size 4/);
    assertRefused(() => ops.cat([x, tensor([1, 2, 3], [1, 3])], 0), /[Ss]izes of tensors must match/);
    assertRefused(() => ops.select(x, 0, 5), /index 5 out of range/);
    assertRefused(
      () => ops.conv2d(ops.zeros([1, 3, 8, 8]), ops.zeros([4, 5, 3, 3])),
      /aten::conv2d: the input has 3 channels, the weight expects 5/,
    );
    assertRefused(() => ops.instanceNormActivation(ops.zeros([1, 2, 1, 1]), null, 1), /needs more than one pixel/);
    assertRefused(
      () => ops.instanceNormActivation(ops.zeros([2, 2]), null, 1),
      /expected \(N, C, H, W\), found \[2, 2\]/,
    );
    assertRefused(
      () => ops.instanceNormActivation(ops.zeros([1, 1, 8, 8], { dtype: 'int32' }), null, 1),
      /dtype Int is not supported/,
    );
  });
});

test('refusals of arguments name the argument', () => {
  const x = tensor([1, 2]);
  const abs = ops.operator('aten::abs');
  const sumDim = ops.operator('aten::sum', 'dim_IntList');
  assertRefused(() => abs(['text']), /argument 'self': expected a tensor, found the string 'text'/);
  assertRefused(() => abs([]), /aten::abs: argument 'self' is missing/);
  assertRefused(() => abs([x, x]), /aten::abs: 2 arguments given, at most 1 expected/);
  assertRefused(() => sumDim([x, [0.5]]), /argument 'dim': expected an integer, found 0.5/);
  assertRefused(() => ops.zeros([2], { dtype: 'complex' as 'float32' }), /unknown dtype 'complex'/);
  assertRefused(() => ops.operator('aten::no_such_thing')([]), /aten::no_such_thing/);
  x.dispose();
});

test('the whole of libtorch is there by name, defaults filled in', () => {
  scope(() => {
    const x = tensor([3, 1, 2]);
    const [values, indices] = ops.operator('aten::topk')([x, 2]) as [Tensor, Tensor];
    assertClose(values, [3, 2], {});
    assertClose(indices, [0, 2], {});
    assertClose(ops.operator('aten::addmm')([x, ops.ones([2, 4]), ops.ones([4, 3])]) as Tensor, [7, 5, 6, 7, 5, 6], {});
  });
});

test('lists of tensors, optional ones and numbers pass through', () => {
  scope(() => {
    const x = tensor([1, 2, 3, 4], [2, 2]);
    assertClose(ops.cat([x, x], 1), [1, 2, 1, 2, 3, 4, 3, 4], {});
    assertClose(ops.index(x, [null, tensor([1], [1], { dtype: 'int64' })]), [2, 4], {});
    assertClose(ops.clamp(x, null, 2.5), [1, 2, 2.5, 2.5], {});
    assert.equal(ops.equal(x, x), true);
    assert.deepEqual(ops.sum(x, 0, true).shape, [1, 2]);
  });
});

test('the generated wrappers are up to date', t => {
  // Schemas change a little between versions; the committed file is that of 1.13.
  if (!version().startsWith('1.13')) return t.skip(`libtorch ${version()}`);
  const script = fileURLToPath(new URL('../../../scripts/generate-ops.mjs', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
});
