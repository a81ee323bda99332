/**
 * Optimisers and schedulers against PyTorch's numbers, in float64; their state against a copy of itself.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryStats, nn, noGrad, optim, scope, type Tensor, tensor } from '../../src/index.js';
import { assertClose, numbers } from '../support/compare.js';
import { reference } from '../support/reference.js';

const close = { absolute: 1e-14, relative: 1e-13 };
const initial = [1, -2, 0.5, 3.25];

type AnyOptimizer = optim.Optimizer<{ lr: number }, never>;
type Parameters = [a: nn.Parameter, b: nn.Parameter];

const named = ([a, b]: Parameters) => new Map([['a', a], ['b', b]]); // biome-ignore format: pairs
const makers: Record<string, (parameters: Parameters) => unknown> = {
  sgd: p => new optim.SGD(named(p), { lr: 0.1 }),
  'sgd with weight decay': p => new optim.SGD(named(p), { lr: 0.1, weightDecay: 0.2 }),
  'sgd with momentum': p => new optim.SGD(named(p), { lr: 0.1, momentum: 0.9 }),
  'sgd with nesterov': p => new optim.SGD(named(p), { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.2 }),
  adam: p => new optim.Adam(named(p), { lr: 0.01, betas: [0.5, 0.999] }),
  'adam with weight decay': p => new optim.Adam(named(p), { lr: 0.01, weightDecay: 0.2 }),
  adamw: p => new optim.AdamW(named(p), { lr: 0.01 }),
  'adamw in groups': ([a, b]) =>
    new optim.AdamW(
      [{ parameters: new Map([['a', a]]) }, { parameters: new Map([['b', b]]), lr: 0.05, weightDecay: 0 }],
      { lr: 0.01, weightDecay: 0.2 },
    ),
};
const make = (name: string, parameters: Parameters) => makers[name]!(parameters) as AnyOptimizer;

const parameters = (): Parameters => [
  new nn.Parameter(tensor(initial, { dtype: 'float64' })),
  new nn.Parameter(tensor(initial, { dtype: 'float64' }).neg()),
];

/** Gradients over four orders of magnitude that change sign: sin(t + i) · 10^(i − 2). */
const gradient = (t: number): Tensor =>
  tensor(
    initial.map((_, i) => Math.sin(t + i) * 10 ** (i - 2)),
    { dtype: 'float64' },
  );

function steps(optimizer: AnyOptimizer, from: number, to: number): void {
  for (let t = from; t <= to; t++) scope(() => optimizer.step([gradient(t), gradient(t)]));
}

interface Recorded {
  readonly values: readonly (readonly number[])[];
  readonly state: readonly Readonly<Record<string, readonly number[]>>[];
}
const recorded = reference<Recorded>('optimizers');

for (const name of Object.keys(makers)) {
  test(`${name}: five steps equal PyTorch's, values and state`, () => {
    scope(() => {
      const own = parameters();
      const optimizer = make(name, own);
      steps(optimizer, 1, 5);
      for (const [i, { value }] of own.entries()) assertClose(value, recorded[name]!.values[i]!, close);
      for (const [i, key] of ['a', 'b'].entries()) {
        const state = optimizer.state().get(key)! as Record<string, Tensor | number>;
        assert.equal(state.step, 5);
        for (const [slot, expected] of Object.entries(recorded[name]!.state[i]!))
          assertClose(state[slot] as Tensor, expected, close, slot);
      }
      optimizer.dispose();
    });
  });

  test(`${name}: a loaded state continues bit for bit, and nothing is left behind`, () => {
    const before = memoryStats();
    scope(() => {
      const own = parameters();
      const first = make(name, own);
      steps(first, 1, 3);
      const copies = own.map(({ value }) => new nn.Parameter(noGrad(() => value.clone().detach()))) as Parameters;
      const second = make(name, copies);
      second.loadState(first.state());
      steps(first, 4, 6);
      steps(second, 4, 6);
      for (const [i, { value }] of copies.entries()) assert.deepEqual(numbers(value), numbers(own[i]!.value));
      for (const disposable of [first, second, ...own, ...copies]) disposable.dispose();
    });
    assert.deepEqual(memoryStats(), before);
  });
}

test('every recorded optimiser is compared', () => {
  assert.deepEqual(Object.keys(recorded).sort(), Object.keys(makers).sort());
});

test('backward, step, zeroGrad: as in PyTorch', () => {
  scope(() => {
    const w = new nn.Parameter(tensor([1, -2]));
    const sgd = new optim.SGD(new Map([['w', w]]), { lr: 0.25 });
    for (const expected of [
      [0.5, -1],
      [0.25, -0.5],
    ]) {
      sgd.zeroGrad();
      w.compute.square().sum().backward();
      sgd.step();
      assertClose(w.value, expected, {});
    }
    // Without a gradient nothing moves.
    sgd.zeroGrad();
    assert.equal(w.compute.grad, null);
    sgd.step();
    assertClose(w.value, [0.25, -0.5], {});
    w.dispose();
  });
});

test('in mixed precision the master moves, and the bfloat16 copy is its rounding', () => {
  scope(() => {
    const w = new nn.Parameter(tensor([1, -2]));
    w.toMixedPrecision();
    const sgd = new optim.SGD(new Map([['w', w]]), { lr: 2 ** -10, momentum: 0.5 });
    sgd.step([tensor([1, 1]).to('bfloat16')]);
    assertClose(w.value, [1 - 2 ** -10, -2 - 2 ** -10], {});
    assert.deepEqual(w.compute.data(), w.value.to('bfloat16').data());
    for (const disposable of [sgd, w]) disposable.dispose();
  });
});

test('what does not fit is refused and moves nothing', () => {
  scope(() => {
    const [a, b] = parameters();
    const one = new Map([['a', a]]);
    assert.throws(() => new optim.SGD([{ parameters: one }, { parameters: one }]), /two groups have a parameter 'a'/);
    assert.throws(() => new optim.SGD(one, { nesterov: true }), /nesterov needs a momentum/);
    const sgd = new optim.SGD(named([a, b]), { momentum: 0.5 });
    assert.throws(() => sgd.step([null]), { code: 'INVALID_ARGUMENT', message: /SGD: 1 gradients for 2 parameters/ });
    const state = { step: 1, momentum_buffer: tensor([1, 2]) };
    assert.throws(() => sgd.loadState(new Map([['c', state]])), {
      code: 'STATE_MISMATCH',
      message: /no parameter 'c'/,
    });
    assert.throws(() => sgd.loadState(new Map([['a', state]])), /momentum_buffer of a has shape \[2\], expected \[4\]/);
    assertClose(a.value, initial, {});
    assert.equal(sgd.state().size, 0);
  });
});

const schedulers: Record<string, (optimizer: optim.Scheduled) => optim.LRScheduler> = {
  lambda: o => new optim.LambdaLR(o, epoch => 1 / (1 + epoch)),
  step: o => new optim.StepLR(o, 3, 0.5),
  'multi step': o => new optim.MultiStepLR(o, [2, 5, 5, 9]),
  exponential: o => new optim.ExponentialLR(o, 0.9),
  linear: o => new optim.LinearLR(o, { startFactor: 0.25, totalIters: 4 }),
  cosine: o => new optim.CosineAnnealingLR(o, 5, 0.02),
};
const rates = reference<number[]>('schedulers');

for (const [name, makeScheduler] of Object.entries(schedulers))
  test(`schedule: ${name}`, () => {
    const sgd = new optim.SGD(new Map(), { lr: 0.4 });
    const scheduler = makeScheduler(sgd);
    let saved = scheduler.state();
    for (const [epoch, expected] of rates[name]!.entries()) {
      assert.ok(Math.abs(sgd.lr - expected) <= 1e-14, `epoch ${epoch}: ${sgd.lr}, expected ${expected}`);
      assert.deepEqual(scheduler.lastLr(), [sgd.lr]);
      if (epoch === 6) saved = scheduler.state();
      scheduler.step();
    }
    const other = new optim.SGD(new Map(), { lr: 9 });
    const resumed = makeScheduler(other);
    resumed.loadState(saved);
    resumed.step();
    assert.ok(Math.abs(other.lr - rates[name]![7]!) <= 1e-14);
  });

test('every recorded schedule is compared, and each group keeps its own rate', () => {
  assert.deepEqual(Object.keys(rates).sort(), Object.keys(schedulers).sort());
  const sgd = new optim.SGD([{ parameters: new Map() }, { parameters: new Map(), lr: 8 }], { lr: 0.4 });
  const scheduler = new optim.ExponentialLR(sgd, 0.5);
  scheduler.step();
  assert.deepEqual(scheduler.lastLr(), [0.2, 4]);
  assert.throws(() => scheduler.loadState({ lastEpoch: 1, baseLrs: [1] }), { code: 'STATE_MISMATCH' });
});
