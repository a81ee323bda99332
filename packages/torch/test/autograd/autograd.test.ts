/**
 * Reverse-mode differentiation against formulas, and the options' semantics.
 */
import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { test } from 'node:test';
import { backward, enableGrad, grad, noGrad, ops, RandomGenerator, scope, tensor } from '../../src/index.js';
import { assertClose, numbers } from '../support/compare.js';
import { leaf, normal } from '../support/samples.js';

const exact = { absolute: 1e-12, relative: 1e-12 };

test('gradients of elementary functions are their derivatives', () => {
  scope(() => {
    const points = [-1.7, -0.3, 0.4, 2.2];
    const cases: [string, (x: ReturnType<typeof tensor>) => ReturnType<typeof tensor>, (x: number) => number][] = [
      ['x²', x => ops.mul(x, x), x => 2 * x],
      ['exp', ops.exp, Math.exp],
      ['tanh', ops.tanh, x => 1 - Math.tanh(x) ** 2],
      ['sigmoid', ops.sigmoid, x => Math.exp(-x) / (1 + Math.exp(-x)) ** 2],
      ['relu', ops.relu, x => (x > 0 ? 1 : 0)],
      ['leaky relu', x => ops.leakyRelu(x, 0.2), x => (x > 0 ? 1 : 0.2)],
      ['|x|', ops.abs, Math.sign],
    ];
    for (const [name, f, derivative] of cases) {
      const x = tensor(points, [4], { dtype: 'float64' }) as ReturnType<typeof tensor>;
      x.requiresGrad = true;
      assertClose(grad(ops.sum(f(x)), [x])[0]!, points.map(derivative), exact, name);
    }
  });
});

test('gradients of a matrix product are products with the transposes', () => {
  scope(() => {
    const generator = new RandomGenerator(1);
    const a = leaf(normal(generator, [3, 4]));
    const b = leaf(normal(generator, [4, 2]));
    const seed = normal(generator, [3, 2]);
    const [da, db] = grad(ops.matmul(a, b), [a, b], { seeds: [seed] });
    noGrad(() => {
      assertClose(da!, ops.matmul(seed, ops.transpose(b, 0, 1)), exact);
      assertClose(db!, ops.matmul(ops.transpose(a, 0, 1), seed), exact);
    });
  });
});

test('backward accumulates into the leaves; grad leaves them alone', () => {
  scope(() => {
    const x = leaf(tensor([3]));
    grad(ops.mul(x, x), [x]);
    assert.equal(x.grad, null);
    backward(ops.mul(x, x));
    assert.equal(x.grad!.item(), 6);
    backward(ops.mul(x, x));
    assert.equal(x.grad!.item(), 12);
    x.grad = null;
    assert.equal(x.grad, null);
  });
});

test('backward takes a seed for a root that is no scalar, and asks for it', () => {
  scope(() => {
    const x = leaf(tensor([1, 2]));
    backward(ops.mul(x, x), tensor([1, 10]));
    assertClose(x.grad!, [2, 40], {});
    assert.throws(() => backward(ops.mul(x, x)), /grad can be implicitly created only for scalar outputs/);
  });
});

test('the graph is used once unless it is retained', () => {
  scope(() => {
    const x = leaf(tensor([2]));
    const y = ops.mul(x, x);
    assert.equal(grad(y, [x], { retainGraph: true })[0]!.item(), 4);
    assert.equal(grad(y, [x])[0]!.item(), 4);
    assert.throws(() => grad(y, [x]), /second time/);
  });
});

test('an input the output does not depend on is an error, or null when allowed', () => {
  scope(() => {
    const x = leaf(tensor([2]));
    const other = leaf(tensor([1]));
    assert.throws(() => grad(ops.mul(x, x), [x, other]), /appears to not have been used in the graph/);
    const [dx, unused] = grad(ops.mul(x, x), [x, other], { allowUnused: true });
    assert.equal(dx!.item(), 4);
    assert.equal(unused, null);
  });
});

test('noGrad records nothing, enableGrad inside it does, and a throw restores the mode', () => {
  scope(() => {
    const x = leaf(tensor([2]));
    noGrad(() => {
      assert.equal(ops.mul(x, x).requiresGrad, false);
      assert.equal(
        enableGrad(() => ops.mul(x, x).requiresGrad),
        true,
      );
      assert.equal(ops.mul(x, x).requiresGrad, false);
    });
    assert.throws(() =>
      noGrad(() => {
        throw new Error('on purpose');
      }),
    );
    assert.equal(ops.mul(x, x).requiresGrad, true);
    assert.equal(ops.detach(ops.mul(x, x)).requiresGrad, false);
  });
});

test('only leaves of floating type can want gradients', () => {
  scope(() => {
    assert.throws(() => {
      tensor([1], [1], { dtype: 'int64' }).requiresGrad = true;
    }, /floating/);
  });
});

test('grad of chosen inputs does no work for the others', () => {
  scope(() => {
    // y = Σ x · (A W): towards x it is one pass over the product, towards W a matrix product of 2 · 700³ operations.
    const generator = new RandomGenerator(2);
    const a = normal(generator, [700, 700], 'float64');
    const w = leaf(normal(generator, [700, 700], 'float64'));
    const x = leaf(tensor([1.5], [1], { dtype: 'float64' }));
    const y = ops.sum(ops.mul(ops.matmul(a, w), x));
    const seconds = (inputs: (typeof x)[]) => {
      let best = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 4; i++) {
        const start = performance.now();
        scope(() => grad(y, inputs, { retainGraph: true }).length);
        best = Math.min(best, performance.now() - start);
      }
      return best;
    };
    const withWeight = seconds([x, w]);
    const without = seconds([x]);
    assert.ok(without < withWeight / 3, `${without} ms without the weight, ${withWeight} ms with it`);
    const expected = numbers(ops.sum(ops.matmul(a, w)))[0]!;
    assertClose(grad(y, [x])[0]!, [expected], { relative: 1e-9, absolute: 1e-9 });
  });
});
