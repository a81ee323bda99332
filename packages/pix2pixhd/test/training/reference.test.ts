/**
 * The training step against the same step in plain PyTorch (fixtures/make_training_reference.py): losses of every step,
 * gradients of the first, running statistics of batch norm. Weights and batch are made by formula.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type DType, noGrad, ops, scope, type Tensor } from '@pix2pixhd/torch';
import { conditionTensor, type InputFormat, imageTensor } from '../../src/conditioning/tensors.js';
import type { NormKind } from '../../src/networks/index.js';
import { ImagePool } from '../../src/training/image-pool.js';
import { Trainer } from '../../src/training/trainer.js';
import { assertRelative, numbers } from '../support/compare.js';
import { fillByFormula, lossValues, paperOptions, smallNetworks } from '../support/training.js';

type Named = Readonly<Record<string, number>>;

interface Reference {
  readonly losses: readonly Named[];
  readonly gradientNorms: Readonly<Record<'G' | 'D', Named>>;
  readonly fake: { readonly sum: number; readonly absSum: number; readonly everySeventh: readonly number[] };
  readonly conditionSums: readonly number[];
  readonly runningSums?: Readonly<Record<'G' | 'D', Named>>;
}

const reference = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/training-reference.json', import.meta.url), 'utf8'),
) as Readonly<Record<NormKind, Reference>>;

const [images, height, width, classes] = [2, 16, 32, 5];

/** The label and instance maps and the image that make_training_reference.py describes. */
function batch(format: InputFormat): { condition: Tensor; real: Tensor } {
  const label = new Int32Array(images * height * width);
  const instance = new Int32Array(label.length);
  for (let n = 0, i = 0; n < images; n++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++) {
        label[i] = (Math.floor(x / 5) + Math.floor(y / 4) + n) % classes;
        instance[i] = 1000 * label[i]! + Math.floor(x / 9) + 10 * Math.floor(y / 6);
      }
  const image = Float32Array.from(
    { length: images * 3 * height * width },
    (_, i) => 0.9 * Math.sin(0.05 * i) * Math.cos(0.013 * i),
  );
  return {
    condition: conditionTensor({ images, width, height, label, instance }, classes, true, format),
    real: imageTensor(image, [images, 3, height, width], format),
  };
}

function setUp(norm: NormKind, dtype: DType, memory: ops.MemoryFormat, separatePasses: boolean) {
  const { generator, discriminator } = smallNetworks(norm);
  const networks = [
    [generator, 0],
    [discriminator, 100],
  ] as const;
  for (const [network, salt] of networks) {
    network.to({ dtype: 'float64' });
    fillByFormula(network, salt);
    network.to({ dtype }).to({ memoryFormat: memory });
  }
  const pool = new ImagePool(0, Math.random);
  const trainer = new Trainer({ generator, discriminator }, pool, { ...paperOptions, separatePasses });
  return { trainer, ...batch({ dtype, memory, device: 'cpu' }) };
}

const variants = [
  { norm: 'instance', separatePasses: false },
  { norm: 'instance', separatePasses: true },
  { norm: 'batch', separatePasses: true },
] as const;

for (const { norm, separatePasses } of variants)
  for (const memory of ['contiguous', 'channels_last'] as const) {
    const { losses, gradientNorms, fake, conditionSums, runningSums } = reference[norm];
    const name = `${norm} norm, ${separatePasses ? 'separate passes' : 'one pass'}, ${memory}`;

    test(`${name}: image, losses and gradients of step 1 in float64`, () => {
      scope(() => {
        const { trainer, condition, real } = setUp(norm, 'float64', memory, separatePasses);
        assert.deepEqual(numbers(ops.sum(condition, [0, 2, 3])), conditionSums);
        const image = numbers(trainer.networks.generator.forward(condition));
        fake.everySeventh.forEach((expected, i) => {
          assertRelative(image[7 * i]!, expected, 1e-10, `pixel ${7 * i}`, 1e-12);
        });
        const { gradients, losses: found } = trainer.gradients({ condition, real });
        for (const [loss, value] of Object.entries(lossValues(found)))
          assertRelative(value, losses[0]![loss]!, 1e-12, loss);
        for (const [key, network, all] of [
          ['G', trainer.networks.generator, gradients.generator],
          ['D', trainer.networks.discriminator, gradients.discriminator],
        ] as const) {
          const names = [...network.namedParameters().keys()];
          assert.deepEqual(names, Object.keys(gradientNorms[key]));
          for (const [i, parameter] of names.entries()) {
            const norm = Math.hypot(...numbers(all[i]!));
            // A bias before a norm has gradient zero, found as rounding.
            assertRelative(norm, gradientNorms[key][parameter]!, 1e-9, `gradient of ${key} ${parameter}`, 1e-13);
          }
        }
        trainer.dispose();
      });
    });

    test(`${name}: all steps in float64, to nine digits`, () => {
      scope(() => {
        const { trainer, condition, real } = setUp(norm, 'float64', memory, separatePasses);
        for (const [i, expected] of losses.entries())
          for (const [loss, value] of Object.entries(lossValues(trainer.step([{ condition, real }]).losses)))
            assertRelative(value, expected[loss]!, 1e-9, `${loss} of step ${i + 1}`);
        if (runningSums !== undefined)
          for (const [key, network] of [
            ['G', trainer.networks.generator],
            ['D', trainer.networks.discriminator],
          ] as const) {
            const state = network.stateDict();
            for (const [buffer, expected] of Object.entries(runningSums[key])) {
              // Adam moves a bias before the norm by the sign of rounding noise, and the running mean follows it.
              const sum = numbers(state.get(buffer)!).reduce((total, value) => total + Math.abs(value), 0);
              if (!buffer.endsWith('mean')) assertRelative(sum, expected, 1e-9, `${key} ${buffer}`);
            }
          }
        trainer.dispose();
      });
    });
  }

test('step 1 in float32: losses to five digits', () => {
  scope(() => {
    const { trainer, condition, real } = setUp('instance', 'float32', 'contiguous', false);
    const found = lossValues(trainer.step([{ condition, real }]).losses);
    for (const [loss, value] of Object.entries(found))
      assertRelative(value, reference.instance.losses[0]![loss]!, 1e-5, loss);
    trainer.dispose();
  });
});

test('step 1 in bfloat16: losses to two per cent, masters in float32', () => {
  scope(() => {
    const { trainer, condition, real } = setUp('instance', 'float32', 'contiguous', false);
    trainer.networks.generator.toMixedPrecision();
    trainer.networks.discriminator.toMixedPrecision();
    const low = (value: Tensor) =>
      noGrad(() => ops.contiguous(ops.toDtype(value, 'bfloat16'), { memoryFormat: 'channels_last' }));
    const found = lossValues(trainer.step([{ condition: low(condition), real: low(real) }]).losses);
    for (const [loss, value] of Object.entries(found))
      assertRelative(value, reference.instance.losses[0]![loss]!, 2e-2, loss);
    for (const parameter of trainer.networks.generator.parameters()) assert.equal(parameter.value.dtype, 'float32');
    trainer.dispose();
  });
});
