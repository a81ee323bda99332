/**
 * Properties of a training step: what it computes, what it leaves alone, what it leaves behind.
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { mock, test } from 'node:test';
import { memoryStats, noGrad, ops, scope, type Tensor } from '@pix2pixhd/torch';
import type { DeviceBatch } from '../../src/training/device-batch.js';
import { ImagePool } from '../../src/training/image-pool.js';
import { Trainer } from '../../src/training/trainer.js';
import { assertRelative, largestDifference, numbers } from '../support/compare.js';
import {
  lossValues,
  paperOptions,
  randomBatch,
  smallNetworks,
  smallTrainer,
  styledBatch,
  styledTrainer,
} from '../support/training.js';

/** The addon's functions, the same object that the package calls. */
const addon = createRequire(import.meta.resolve('@pix2pixhd/torch'))('../../build/pix2pixhd_torch.node') as {
  grad: (outputs: readonly unknown[], inputs: readonly unknown[], ...rest: unknown[]) => unknown;
  backward: (...all: unknown[]) => unknown;
};

// What a step leaves behind shows after one; what is made anew now and then, after many.
for (const { name, options, bf16, steps } of [
  { name: 'instance norm', options: {}, bf16: false, steps: 200 },
  { name: 'separate passes and L1', options: { separatePasses: true, lambdaL1: 100 }, bf16: false, steps: 50 },
  { name: 'bfloat16', options: {}, bf16: true, steps: 50 },
])
  test(`${steps} steps leave no tensor behind: ${name}`, () => {
    scope(() => {
      const trainer = smallTrainer('instance', options);
      if (bf16)
        for (const network of [trainer.networks.generator, trainer.networks.discriminator]) network.toMixedPrecision();
      const { condition, real } = randomBatch(16, 16, bf16 ? 'bfloat16' : 'float32');
      // The first step makes the moments.
      lossValues(trainer.step([{ condition, real }]).losses);
      const before = memoryStats();
      for (let step = 0; step < steps; step++) {
        lossValues(trainer.step([{ condition, real }]).losses);
        assert.deepEqual(memoryStats(), before, `after step ${step}`);
      }
      trainer.dispose();
    });
  });

test('with encoder, perceptual term and gradients of two batches, 50 steps leave no tensor behind either', () => {
  scope(() => {
    const trainer = styledTrainer({ perceptual: (fake, real) => ops.mseLoss(fake, real) });
    const inputs = [styledBatch(1), styledBatch(2)];
    lossValues(trainer.step(inputs).losses);
    const before = memoryStats();
    for (let step = 0; step < 50; step++) {
      lossValues(trainer.step(inputs).losses);
      assert.deepEqual(memoryStats(), before, `after step ${step}`);
    }
    trainer.dispose();
  });
});

test('two batches accumulated are one batch of twice the size', () => {
  scope(() => {
    const [one, two] = [styledBatch(1), styledBatch(2)];
    const both = (pick: (input: DeviceBatch) => Tensor) => ops.cat([pick(one), pick(two)], 0);
    const joined = {
      condition: both(input => input.condition),
      real: both(input => input.real),
      instances: both(input => input.instances!),
    };
    const accumulated = styledTrainer();
    const large = styledTrainer();
    for (const { networks } of [accumulated, large])
      for (const network of [networks.generator, networks.discriminator, networks.encoder!])
        network.to({ dtype: 'float64' });
    const inDouble = ({ condition, real, instances }: DeviceBatch): DeviceBatch => ({
      condition: ops.toDtype(condition, 'float64'),
      real: ops.toDtype(real, 'float64'),
      instances,
    });
    const found = lossValues(accumulated.step([one, two].map(inDouble)).losses);
    const expected = lossValues(large.step([inDouble(joined)]).losses);
    for (const [name, value] of Object.entries(expected)) assertRelative(found[name]!, value, 1e-12, name);
    for (const part of ['generator', 'discriminator', 'encoder'] as const) {
      const state = large.optimisers[part]!.state();
      for (const [key, moments] of accumulated.optimisers[part]!.state())
        assert.ok(largestDifference(moments.exp_avg, state.get(key)!.exp_avg) < 1e-13, `${part} ${key}`);
    }
    accumulated.dispose();
    large.dispose();
  });
});

test('a step whose loss is not finite changes nothing: no weight, no moment', () => {
  scope(() => {
    let poisoned = false;
    const trainer = styledTrainer({
      perceptual: (fake, real) => ops.mul(ops.mseLoss(fake, real), poisoned ? Number.NaN : 1),
    });
    const input = styledBatch(1);
    assert.equal(trainer.step([input]).applied, true);
    const snapshot = () =>
      (['generator', 'discriminator', 'encoder'] as const).flatMap(part => [
        ...[...trainer.networks[part]!.stateDict().values()].map(numbers),
        ...[...trainer.optimisers[part]!.state().values()].flatMap(m => [[m.step], numbers(m.exp_avg)]),
      ]);
    const before = snapshot();
    poisoned = true;
    const { applied, losses } = trainer.step([input]);
    assert.equal(applied, false);
    assert.ok(Number.isNaN(losses.G_VGG!.item()));
    assert.deepEqual(snapshot(), before);
    poisoned = false;
    assert.equal(trainer.step([input]).applied, true);
    assert.notDeepEqual(snapshot(), before);
    trainer.dispose();
  });
});

test('what is done meanwhile is done once, between the gradients and the update', () => {
  scope(() => {
    const trainer = smallTrainer('instance');
    const { condition, real } = randomBatch(16, 16);
    const weight = () => trainer.networks.generator.parameters()[0]!.value.data();
    const before = weight();
    const seen: unknown[] = [];
    lossValues(trainer.step([{ condition, real }], () => seen.push(weight())).losses);
    assert.deepEqual(seen, [before]);
    assert.notDeepEqual(weight(), before);
    trainer.dispose();
  });
});

test('the encoder learns through the generator: its gradient is that of the difference quotient', () => {
  scope(() => {
    const trainer = styledTrainer({ lambdaFeat: 0, perceptual: (fake, real) => ops.mseLoss(fake, real) });
    const { generator, discriminator, encoder } = trainer.networks;
    for (const network of [generator, discriminator, encoder!]) network.to({ dtype: 'float64' });
    const { condition, real, instances } = styledBatch(1);
    const input = { condition: ops.toDtype(condition, 'float64'), real: ops.toDtype(real, 'float64'), instances };
    const total = () => {
      const { G_GAN, G_VGG } = lossValues(trainer.gradients(input).losses);
      return G_GAN! + G_VGG!;
    };
    const { gradients, losses } = trainer.gradients(input);
    lossValues(losses);
    const weight = encoder!.parameters()[0]!;
    const [index, step] = [17, 1e-6];
    const analytic = numbers(gradients.encoder[0]!)[index]!;
    const nudge = (by: number) =>
      noGrad(() => {
        const entry = ops.narrow(ops.view(weight.value, [-1]), 0, index, 1);
        ops.addInPlace(entry, by);
      });
    nudge(step);
    const above = total();
    nudge(-2 * step);
    const below = total();
    assertRelative((above - below) / (2 * step), analytic, 1e-5, 'gradient of a weight of E');
    trainer.dispose();
  });
});

test('dispose frees networks and moments', () => {
  scope(() => {
    const before = memoryStats();
    const trainer = smallTrainer('batch', { separatePasses: true });
    const { condition, real } = randomBatch(16, 16);
    lossValues(trainer.step([{ condition, real }]).losses);
    condition.dispose();
    real.dispose();
    trainer.dispose();
    assert.deepEqual(memoryStats(), before);
  });
});

test("the generator's step asks for no weight gradient of the discriminator", () => {
  scope(() => {
    const trainer = smallTrainer('instance');
    const { condition, real } = randomBatch(16, 16);
    const grad = mock.method(addon, 'grad');
    const backward = mock.method(addon, 'backward');
    try {
      lossValues(trainer.step([{ condition, real }]).losses);
    } finally {
      grad.mock.restore();
      backward.mock.restore();
    }
    // Towards the image only; the discriminator's loss to its weights; through the generator to its weights.
    const inputs = grad.mock.calls.map(call => new Set(call.arguments[1]));
    const weights = (network: { parameters(): { compute: Tensor }[] }) =>
      new Set(network.parameters().map(parameter => parameter.compute.handle));
    assert.equal(inputs.length, 3);
    assert.equal(inputs[0]!.size, 1);
    assert.ok(![...weights(trainer.networks.discriminator)].some(handle => inputs[0]!.has(handle)));
    assert.deepEqual(inputs[1], weights(trainer.networks.discriminator));
    assert.deepEqual(inputs[2], weights(trainer.networks.generator));
    assert.equal(backward.mock.callCount(), 0);
    for (const parameter of [
      ...trainer.networks.discriminator.parameters(),
      ...trainer.networks.generator.parameters(),
    ])
      assert.equal(parameter.compute.grad, null);
    trainer.dispose();
  });
});

test('with instance norm one pass on the fake gives what separate passes give', () => {
  scope(() => {
    const { condition, real } = randomBatch(24, 16, 'float64');
    const results = [false, true].map(separatePasses => {
      const trainer = smallTrainer('instance', { separatePasses });
      for (const network of [trainer.networks.generator, trainer.networks.discriminator])
        network.to({ dtype: 'float64' });
      const { gradients, losses } = trainer.gradients({ condition, real });
      const all = [...gradients.generator, ...gradients.discriminator];
      trainer.dispose();
      return { losses: lossValues(losses), all };
    });
    const [one, apart] = [results[0]!, results[1]!];
    for (const [name, value] of Object.entries(one.losses)) assertRelative(value, apart.losses[name]!, 1e-13, name);
    assert.equal(one.all.length, apart.all.length);
    for (const [i, gradient] of one.all.entries()) {
      const off = largestDifference(gradient!, apart.all[i]!);
      assert.ok(off < 1e-12, `gradient ${i} is off by ${off}`);
    }
  });
});

test('the gradients are those of the weights before the step, for both networks', () => {
  scope(() => {
    const { condition, real } = randomBatch(16, 16, 'float64');
    const trainer = smallTrainer('instance', { lr: 1 });
    for (const network of [trainer.networks.generator, trainer.networks.discriminator])
      network.to({ dtype: 'float64' });
    const { gradients } = trainer.gradients({ condition, real });
    const before = trainer.networks.discriminator.parameters().map(parameter => numbers(parameter.value));
    lossValues(trainer.step([{ condition, real }]).losses);
    // Adam's first step goes by the learning rate against the sign of the gradient.
    for (const [i, parameter] of trainer.networks.discriminator.parameters().entries()) {
      const gradient = numbers(gradients.discriminator[i]!);
      for (const [j, value] of numbers(parameter.value).entries())
        if (Math.abs(gradient[j]!) > 1e-4)
          assertRelative(value - before[i]![j]!, -Math.sign(gradient[j]!), 1e-3, `weight ${i}, element ${j}`);
    }
    trainer.dispose();
  });
});

test('frozen weights get null and stay; the others move', () => {
  scope(() => {
    const trainer = smallTrainer('instance');
    const { condition, real } = randomBatch(16, 16);
    const names = [...trainer.networks.generator.namedParameters().keys()];
    const frozen = trainer.networks.generator.namedParameters().get('model.1.weight')!;
    const free = trainer.networks.generator.namedParameters().get('model.4.weight')!;
    frozen.trainable = false;
    const before = { frozen: frozen.value.data(), free: free.value.data() };
    const { gradients, losses } = trainer.gradients({ condition, real });
    lossValues(losses);
    assert.deepEqual(
      names.filter((_, i) => gradients.generator[i] === null),
      ['model.1.weight'],
    );
    lossValues(trainer.step([{ condition, real }]).losses);
    assert.deepEqual(frozen.value.data(), before.frozen);
    assert.notDeepEqual(free.value.data(), before.free);
    trainer.dispose();
  });
});

test('the losses reported are those that lambda weighs; zero leaves a term out', () => {
  scope(() => {
    const { condition, real } = randomBatch(16, 16, 'float64');
    const run = (options: { lambdaFeat: number; lambdaL1: number }) => {
      const trainer = smallTrainer('instance', options);
      for (const network of [trainer.networks.generator, trainer.networks.discriminator])
        network.to({ dtype: 'float64' });
      const values = lossValues(trainer.gradients({ condition, real }).losses);
      const fake = noGrad(() => trainer.networks.generator.forward(condition));
      const l1 = ops.mean(ops.abs(ops.sub(fake, real))).item();
      trainer.dispose();
      return { values, l1 };
    };
    const plain = run({ lambdaFeat: 0, lambdaL1: 0 });
    assert.deepEqual(Object.keys(plain.values).sort(), ['D_fake', 'D_real', 'G_GAN']);
    const weighted = run({ lambdaFeat: 3, lambdaL1: 100 });
    const doubled = run({ lambdaFeat: 6, lambdaL1: 50 });
    assertRelative(doubled.values.G_GAN_Feat!, 2 * weighted.values.G_GAN_Feat!, 1e-12, 'feature matching');
    assertRelative(weighted.values.G_L1!, 100 * weighted.l1, 1e-12, 'L1');
  });
});

test('a pool keeps the separate pass on the detached fake, and its swaps leave nothing behind', () => {
  scope(() => {
    const { generator, discriminator } = smallNetworks('instance');
    const pool = new ImagePool(3, () => 0.7);
    const trainer = new Trainer({ generator, discriminator }, pool, paperOptions);
    const { condition, real } = randomBatch(16, 16);
    for (let i = 0; i < 3; i++) lossValues(trainer.step([{ condition, real }]).losses);
    assert.equal(pool.state().length, 3);
    assert.ok(pool.state().every(image => !image.requiresGrad));
    const before = memoryStats();
    for (let i = 0; i < 5; i++) lossValues(trainer.step([{ condition, real }]).losses);
    assert.deepEqual(memoryStats(), before);
    pool.dispose();
    trainer.dispose();
  });
});
