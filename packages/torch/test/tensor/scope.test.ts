/**
 * Scopes: what they free and what they let go, and the count of memory.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grad, keep, memoryStats, ops, scope, type Tensor, tensor } from '../../src/index.js';

/** Asserts that `body` leaves as many tensors and bytes as it found. */
function assertBalanced(body: () => void): void {
  const before = memoryStats();
  body();
  assert.deepEqual(memoryStats(), before);
}

test('a scope frees what it made and returns what it returns', () => {
  assertBalanced(() => {
    let inner: Tensor | undefined;
    const result = scope(() => {
      inner = tensor([1, 2]);
      return ops.mul(inner, 2);
    });
    assert.equal(inner!.disposed, true);
    assert.deepEqual(result.data(), Float32Array.of(2, 4));
    result.dispose();
  });
});

test('results survive inside arrays, maps, sets and plain objects, also where one holds itself', () => {
  assertBalanced(() => {
    const result = scope(() => {
      const found = {
        list: [tensor([1])],
        map: new Map([['a', tensor([2])]]),
        nested: { deep: tensor([3]), self: undefined as unknown },
        set: new Set([tensor([4])]),
      };
      found.nested.self = found;
      return found;
    });
    const all = [result.list[0]!, result.map.get('a')!, result.nested.deep, ...result.set];
    assert.deepEqual(
      all.map(t => t.item()),
      [1, 2, 3, 4],
    );
    for (const t of all) t.dispose();
  });
});

test('a returned tensor belongs to the enclosing scope', () => {
  assertBalanced(() => {
    let passed: Tensor | undefined;
    scope(() => {
      passed = scope(() => tensor([1]));
      assert.equal(passed.disposed, false);
    });
    assert.equal(passed!.disposed, true);
  });
});

test('keep() takes a tensor out of all scopes', () => {
  assertBalanced(() => {
    let kept: Tensor | undefined;
    scope(() => {
      scope(() => {
        kept = keep(tensor([4]));
      });
    });
    assert.equal(kept!.item(), 4);
    kept!.dispose();
  });
});

test('a scope frees its tensors when the body throws, and the next scopes work', () => {
  assertBalanced(() => {
    const made: Tensor[] = [];
    assert.throws(
      () =>
        scope(() => {
          made.push(tensor([1]));
          scope(() => {
            made.push(tensor([2]));
            throw new Error('on purpose');
          });
        }),
      /on purpose/,
    );
    assert.deepEqual(
      made.map(t => t.disposed),
      [true, true],
    );
    scope(() => made.push(tensor([3])));
    assert.equal(made[2]!.disposed, true);
  });
});

test('libtorch refusing an argument leaves nothing behind', () => {
  assertBalanced(() => {
    assert.throws(() => scope(() => ops.matmul(tensor([1, 2], [1, 2]), tensor([1, 2, 3], [1, 3]))));
  });
});

test('a promise is refused, since its tensors would be freed before it is done', () => {
  assertBalanced(() => {
    assert.throws(() => scope(async () => tensor([1])), /scope: the body returned a promise; a scope is synchronous/);
  });
});

test('a tensor from outside is not freed by the scope that uses or returns it', () => {
  assertBalanced(() => {
    const outside = tensor([1]);
    const same = scope(() => outside);
    assert.equal(same.disposed, false);
    outside.dispose();
  });
});

test('disposing inside the scope is fine', () => {
  assertBalanced(() => {
    scope(() => {
      const early = tensor([1]);
      early.dispose();
    });
  });
});

test('memory: a storage counts once, however many views hold it', () => {
  scope(() => {
    const before = memoryStats();
    const base = tensor(new Float32Array(1000));
    assert.deepEqual(memoryStats(), { tensors: before.tensors + 1, bytes: before.bytes + 4000 });
    const view = ops.reshape(base, [10, 100]);
    const row = ops.select(view, 0, 3);
    assert.deepEqual(memoryStats(), { tensors: before.tensors + 3, bytes: before.bytes + 4000 });
    base.dispose();
    view.dispose();
    assert.deepEqual(memoryStats(), { tensors: before.tensors + 1, bytes: before.bytes + 4000 });
    assert.equal(row.data().length, 100);
    row.dispose();
    assert.deepEqual(memoryStats(), before);
  });
});

test('memory: 500 rounds of arithmetic and gradients leave nothing', () => {
  scope(() => {
    const weight = tensor(new Float32Array(64).fill(0.5), [8, 8]);
    weight.requiresGrad = true;
    const before = memoryStats();
    for (let i = 0; i < 500; i++) {
      scope(() => {
        const loss = ops.mean(ops.relu(ops.matmul(weight, weight)));
        grad(loss, [weight]);
      });
      assert.deepEqual(memoryStats(), before);
    }
  });
});

test('memory: a graph whose handles were released is freed with its root', () => {
  scope(() => {
    const leaf = tensor([3]);
    leaf.requiresGrad = true;
    // The square's handle is gone; autograd holds what it needs for the gradient.
    const root = scope(() => ops.mul(ops.mul(leaf, leaf), leaf));
    assert.equal(grad(root, [leaf])[0]!.item(), 27);
  });
});
