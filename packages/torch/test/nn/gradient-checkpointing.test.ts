/**
 * GradientCheckpointing: the gradients of the whole graph, from one segment at a time.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grad, memoryStats, nn, ops, RandomGenerator, scope, type Tensor, tensor } from '../../src/index.js';
import { normal } from '../support/samples.js';

const bits = (tensors: readonly (Tensor | null)[]) => tensors.map(each => each?.toData().bytes ?? null);

/** Weights and segments of y = b · tanh(a · x) + tanh(a · x): what the first segment gives has two readers. */
function twoReaders(runner: nn.SegmentRunner, x: Tensor, [a, b]: readonly [Tensor, Tensor]): Tensor {
  const h = runner.run(given => ops.tanh(ops.mul(given.tensor, a)), { tensor: x, lastUse: false });
  const scaled = runner.run(given => ops.mul(given.tensor, b), { tensor: h, lastUse: false });
  const add: nn.Segment = (one, other) => nn.consume(one, term => ops.add(term, other.tensor));
  return runner.run(add, { tensor: scaled, lastUse: true }, { tensor: h, lastUse: true });
}

test('gradients are those of the formula where a tensor has two readers', () => {
  scope(() => {
    const leaf = (value: number) => {
      const made = tensor(Float64Array.of(value), [1]);
      made.requiresGrad = true;
      return made;
    };
    const [x, a, b] = [0.7, 1.3, -0.4];
    const weights = [leaf(a), leaf(b)] as const;
    const checkpointed = new nn.GradientCheckpointing();
    const output = twoReaders(checkpointed, tensor(Float64Array.of(x), [1]), weights);
    const seed = tensor(Float64Array.of(2), [1]);
    const [ofA, ofB] = checkpointed.gradients(output, seed, weights);
    const h = Math.tanh(a * x);
    assert.ok(Math.abs(ofA!.item() - 2 * (b + 1) * (1 - h * h) * x) < 1e-15);
    assert.ok(Math.abs(ofB!.item() - 2 * h) < 1e-15);
    assert.equal(seed.item(), 2, "the seed stays the caller's");
  });
});

/** A network of four segments; every layer that keeps something between forward and backward is in it. */
function network(norm: (channels: number) => nn.Module): nn.Sequential {
  const generator = new RandomGenerator(61);
  return nn.Sequential.ofSegments([
    [new nn.ReflectionPad2d(1), new nn.Conv2d(3, 8, 3, { generator }), norm(8), new nn.ReLU()],
    [new nn.Conv2d(8, 8, 3, { stride: 2, padding: 1, generator }), norm(8), new nn.LeakyReLU(0.2)],
    [new nn.ConvTranspose2d(8, 4, 3, { stride: 2, padding: 1, outputPadding: 1, generator }), norm(4)],
    [new nn.Conv2d(4, 3, 3, { padding: 1, generator }), new nn.Tanh()],
  ]);
}

for (const { name, norm, lowered } of [
  { name: 'instance norm', norm: () => new nn.InstanceNorm2d(), lowered: false },
  { name: 'batch norm', norm: (channels: number) => new nn.BatchNorm2d(channels), lowered: false },
  { name: 'instance norm in bfloat16', norm: () => new nn.InstanceNorm2d(), lowered: true },
])
  test(`every bit of output, gradients and running statistics is as without: ${name}`, () => {
    scope(() => {
      const [whole, parted] = [network(norm), network(norm)];
      if (lowered) for (const each of [whole, parted]) each.toMixedPrecision();
      const type = lowered ? 'bfloat16' : 'float32';
      const x = ops.toDtype(normal(new RandomGenerator(62), [2, 3, 12, 10], 'float32'), type);
      const leaves = (each: nn.Module) => each.parameters().map(parameter => parameter.compute);

      const output = whole.forward(x);
      const seed = ops.toDtype(normal(new RandomGenerator(63), output.shape, 'float32'), output.dtype);
      const expected = grad(output, leaves(whole), { seeds: [seed] });
      const checkpointed = new nn.GradientCheckpointing();
      const same = parted.forwardBy(checkpointed, { tensor: x, lastUse: true });
      assert.deepEqual(bits([same]), bits([output]));
      const found = checkpointed.gradients(same, seed, leaves(parted));
      assert.ok(found.every(gradient => gradient !== null));
      assert.deepEqual(bits(found), bits(expected));
      assert.deepEqual(bits([...parted.stateDict().values()]), bits([...whole.stateDict().values()]));
      for (const each of [whole, parted]) each.dispose();
    });
  });

test('segments above which nothing is trained are not run again; weights that nothing reads get null', () => {
  scope(() => {
    const net = network(() => new nn.InstanceNorm2d());
    for (const parameter of net.parameters().slice(0, 4)) parameter.trainable = false;
    const runs: number[] = [];
    let count = 0;
    const checkpointed = new nn.GradientCheckpointing();
    const counting: nn.SegmentRunner = {
      run: (segment, ...inputs) => {
        const number = count++;
        return checkpointed.run(
          (...given) => {
            runs.push(number);
            return segment(...given);
          },
          ...inputs,
        );
      },
    };
    const output = net.forwardBy(counting, {
      tensor: normal(new RandomGenerator(64), [1, 3, 8, 8], 'float32'),
      lastUse: true,
    });
    const unread = ops.full([1], 0, { dtype: 'float32' });
    unread.requiresGrad = true;
    const trained = net.parameters().slice(4);
    const leaves = [...trained.map(parameter => parameter.compute), unread];
    const gradients = checkpointed.gradients(output, ops.full(output.shape, 1, { dtype: 'float32' }), leaves);
    assert.deepEqual(runs, [0, 1, 2, 3, 3, 2]);
    assert.deepEqual(
      gradients.map(gradient => gradient === null),
      [...trained.map(() => false), true],
    );
    net.dispose();
  });
});

test('between forward and backward it holds the outputs of segments, afterwards nothing', () => {
  scope(() => {
    const net = network(() => new nn.InstanceNorm2d());
    const x = normal(new RandomGenerator(65), [1, 3, 8, 8], 'float32');
    const leaves = net.parameters().map(parameter => parameter.compute);
    const before = memoryStats();
    scope(() => {
      const checkpointed = new nn.GradientCheckpointing();
      const output = net.forwardBy(checkpointed, { tensor: x, lastUse: false });
      const outputs = 8 * 64 + 8 * 16 + 4 * 64 + 3 * 64;
      assert.equal(memoryStats().bytes - before.bytes, outputs * 4);
      scope(() => {
        checkpointed.gradients(output, ops.full([1, 3, 8, 8], 1, { dtype: 'float32' }), leaves);
      });
      assert.deepEqual(memoryStats(), before);
    });
    net.dispose();
  });
});

test('dropout refuses to run twice', () => {
  scope(() => {
    const weight = ops.full([1, 1, 1, 1], 2, { dtype: 'float32' });
    weight.requiresGrad = true;
    const checkpointed = new nn.GradientCheckpointing();
    const dropout = new nn.Dropout(0.5);
    const output = checkpointed.run(given => dropout.forward(ops.mul(given.tensor, weight)), {
      tensor: normal(new RandomGenerator(66), [1, 1, 4, 4], 'float32'),
      lastUse: false,
    });
    assert.throws(
      () => checkpointed.gradients(output, ops.full(output.shape, 1, { dtype: 'float32' }), [weight]),
      /Dropout: a checkpointed/,
    );
    assert.equal(nn.isRecomputing(), false);
  });
});

test('segments have all layers', () => {
  assert.throws(
    () => new nn.Sequential([new nn.ReLU(), new nn.ReLU()], [1]),
    /segments of 1 layers, but there are 2 layers/,
  );
});
