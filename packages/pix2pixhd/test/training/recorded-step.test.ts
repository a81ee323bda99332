/**
 * A recorded step against a computed one. Without CUDA a stand-in records: it runs the work again and writes into the
 * tensors of the first result, which is what a replay does.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cudaGraphsAvailable,
  memoryStats,
  noGrad,
  ops,
  type Recording,
  recordCudaGraph,
  scope,
} from '@pix2pixhd/torch';
import type { DeviceBatch } from '../../src/training/device-batch.js';
import { ImagePool } from '../../src/training/image-pool.js';
import type { Recorder } from '../../src/training/recorded-step.js';
import { type StepGradients, tensorsOf } from '../../src/training/step.js';
import { Trainer } from '../../src/training/trainer.js';
import {
  lossValues,
  paperOptions,
  randomBatch,
  smallNetworks,
  smallTrainer,
  styledTrainer,
} from '../support/training.js';

/** Counts recordings and replays. */
function standIn(): { recorder: Recorder; counts: { recorded: number; replayed: number; disposed: number } } {
  const counts = { recorded: 0, replayed: 0, disposed: 0 };
  const recorder = <T>(work: () => T): Recording<T> => {
    counts.recorded++;
    const result = work();
    // As after recording a graph: nothing is computed before the first replay.
    for (const tensor of tensorsOf(result as StepGradients)) noGrad(() => ops.zeroInPlace(tensor));
    return {
      result,
      replay: () => {
        counts.replayed++;
        scope(() => {
          const again = tensorsOf(work() as StepGradients);
          for (const [i, tensor] of tensorsOf(result as StepGradients).entries())
            noGrad(() => ops.copyInPlace(tensor, again[i]!));
        });
      },
      dispose: () => {
        counts.disposed++;
      },
    };
  };
  return { recorder, counts };
}

/** Batches that differ from step to step. */
function batches(count: number, side = 16): DeviceBatch[] {
  const { condition, real } = randomBatch(side, side);
  return Array.from({ length: count }, (_, i) => ({
    condition: ops.mul(condition, 1 / (i + 1)),
    real: ops.mul(real, 1 / (i + 1)),
  }));
}

function train(trainer: Trainer, steps: readonly (readonly DeviceBatch[])[]): Record<string, number>[] {
  return steps.map(inputs => lossValues(trainer.step(inputs).losses));
}

const weights = ({ networks }: Trainer) =>
  [networks.generator, networks.discriminator].flatMap(network =>
    network.parameters().map(({ value }) => value.data()),
  );

test('recorded steps train like computed ones, whatever shapes come between, and leave no tensor behind', () => {
  scope(() => {
    const { recorder, counts } = standIn();
    const plain = smallTrainer('instance');
    const recorded = smallTrainer('instance', { recorder });
    const inputs = batches(7);
    const [other] = batches(1, 24);
    const steps = [...inputs.slice(0, 5), other!, ...inputs.slice(5)].map(input => [input]);
    assert.deepEqual(train(recorded, steps), train(plain, steps));
    assert.deepEqual(weights(recorded), weights(plain));
    assert.deepEqual(counts, { recorded: 1, replayed: 4, disposed: 0 }, 'three steps first, and the other shape');
    const before = memoryStats();
    assert.deepEqual(train(recorded, steps), train(plain, steps));
    assert.deepEqual(memoryStats(), before);
    plain.dispose();
    recorded.dispose();
    assert.equal(counts.disposed, 1);
  });
});

test('what is recorded is freed with the trainer', () => {
  scope(() => {
    const inputs = batches(5).map(input => [input]);
    const before = memoryStats();
    const trainer = smallTrainer('instance', { recorder: standIn().recorder });
    train(trainer, inputs);
    trainer.dispose();
    assert.deepEqual(memoryStats(), before);
  });
});

test('the mean over several recorded batches is the mean of each', () => {
  scope(() => {
    const plain = smallTrainer('instance');
    const recorded = smallTrainer('instance', { recorder: standIn().recorder });
    const inputs = batches(9);
    const steps = [0, 3, 6].map(i => inputs.slice(i, i + 3));
    assert.deepEqual(train(recorded, steps), train(plain, steps));
    assert.deepEqual(weights(recorded), weights(plain));
    plain.dispose();
    recorded.dispose();
  });
});

test('a step that could not be recorded is computed every time', () => {
  scope(() => {
    let tries = 0;
    const recorder = (): undefined => {
      tries++;
    };
    const plain = smallTrainer('instance');
    const refused = smallTrainer('instance', { recorder });
    const steps = batches(6).map(batch => [batch]);
    assert.deepEqual(train(refused, steps), train(plain, steps));
    assert.equal(tries, 1);
    plain.dispose();
    refused.dispose();
  });
});

test('a step that differs from time to time cannot be recorded', () => {
  scope(() => {
    const { recorder } = standIn();
    const networks = smallNetworks('instance');
    const pooled = () => new Trainer(networks, new ImagePool(3, () => 0.5), { ...paperOptions, recorder });
    assert.throws(pooled, /image pool or an encoder cannot be recorded/);
    assert.throws(() => styledTrainer({ recorder }), /cannot be recorded/);
    networks.generator.dispose();
    networks.discriminator.dispose();
  });
});

test('a CUDA graph trains as the operators do', { skip: !cudaGraphsAvailable() && 'no CUDA graphs here' }, () => {
  scope(() => {
    const place = (trainer: Trainer) => {
      for (const network of [trainer.networks.generator, trainer.networks.discriminator])
        network.to({ device: 'cuda:0' });
      return trainer;
    };
    const recorder: Recorder = work => recordCudaGraph('cuda:0', work);
    const plain = place(smallTrainer('instance'));
    const recorded = place(smallTrainer('instance', { recorder }));
    const steps = batches(8).map(({ condition, real }) => [
      {
        condition: ops.to(condition, { device: 'cuda:0', dtype: 'float32' }),
        real: ops.to(real, { device: 'cuda:0', dtype: 'float32' }),
      },
    ]);
    const [expected, found] = [train(plain, steps), train(recorded, steps)];
    for (const [i, losses] of found.entries())
      for (const [name, value] of Object.entries(losses))
        assert.ok(Math.abs(value - expected[i]![name]!) <= 1e-3 * Math.abs(expected[i]![name]!), `step ${i}: ${name}`);
    plain.dispose();
    recorded.dispose();
  });
});
