/**
 * The U-Net: the public implementation's keys and shapes, and PyTorch's numbers (fixtures/make_unet_reference.py).
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ops, scope, tensor } from '@pix2pixhd/torch';
import { type NormKind, UNetGenerator } from '../../src/networks/index.js';
import { assertRelative, numbers } from '../support/compare.js';
import { fillByFormula } from '../support/training.js';

const shape = { inputChannels: 3, outputChannels: 1, ngf: 2, norm: 'batch', dropout: true } as const;

/** The keys and shapes of `UnetGenerator` of pytorch-CycleGAN-and-pix2pix, from its nesting, in its order. */
function publicState(downs: number, norm: NormKind): [string, number[]][] {
  const { inputChannels, outputChannels, ngf } = shape;
  const width = (level: number) => ngf * Math.min(2 ** level, 8);
  const convolution = (key: string, weight: number[], outputs: number): [string, number[]][] =>
    norm === 'instance'
      ? [
          [`${key}.weight`, weight],
          [`${key}.bias`, [outputs]],
        ]
      : [[`${key}.weight`, weight]];
  const batchNorm = (key: string, channels: number): [string, number[]][] =>
    norm === 'instance'
      ? []
      : [
          ...['weight', 'bias', 'running_mean', 'running_var'].map((name): [string, number[]] => [
            `${key}.${name}`,
            [channels],
          ]),
          [`${key}.num_batches_tracked`, []],
        ];
  const level = (k: number, prefix: string): [string, number[]][] => {
    const [outer, inner] = [width(k - 1), width(k)];
    const down = convolution(`${prefix}.1`, [inner, outer, 4, 4], inner);
    if (k === downs - 1)
      return [...down, ...convolution(`${prefix}.3`, [inner, outer, 4, 4], outer), ...batchNorm(`${prefix}.4`, outer)];
    return [
      ...down,
      ...batchNorm(`${prefix}.2`, inner),
      ...level(k + 1, `${prefix}.3.model`),
      ...convolution(`${prefix}.5`, [2 * inner, outer, 4, 4], outer),
      ...batchNorm(`${prefix}.6`, outer),
    ];
  };
  return [
    ...convolution('model.model.0', [ngf, inputChannels, 4, 4], ngf),
    ...level(1, 'model.model.1.model'),
    ['model.model.3.weight', [2 * ngf, outputChannels, 4, 4]],
    ['model.model.3.bias', [outputChannels]],
  ];
}

for (const norm of ['batch', 'instance'] as const)
  for (const downsamplings of [5, 6, 7, 8])
    test(`keys and shapes with ${downsamplings} halvings, ${norm} norm`, () => {
      const net = new UNetGenerator({ ...shape, norm, downsamplings });
      const found = [...net.stateDict()].map(([key, value]) => [key, value.shape]);
      assert.deepEqual(found, publicState(downsamplings, norm));
      net.dispose();
    });

test('the keys of the published 256×256 checkpoints', () => {
  const net = new UNetGenerator({ ...shape, downsamplings: 8, ngf: 64, outputChannels: 3 });
  const state = net.stateDict();
  // facades_label2photo: 54.4 million weights; its first, deepest and last tensors.
  assert.equal(net.parameterCount(), 54_413_955);
  const deepest = `model.model.1.model${'.3.model'.repeat(6)}`;
  assert.deepEqual(state.get('model.model.0.weight')!.shape, [64, 3, 4, 4]);
  assert.deepEqual(state.get(`${deepest}.1.weight`)!.shape, [512, 512, 4, 4]);
  assert.deepEqual(state.get(`${deepest}.3.weight`)!.shape, [512, 512, 4, 4]);
  assert.deepEqual(state.get(`${deepest}.4.running_mean`)!.shape, [512]);
  assert.deepEqual(state.get('model.model.3.weight')!.shape, [128, 3, 4, 4]);
  net.dispose();
});

const reference = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/unet-reference.json', import.meta.url), 'utf8'),
) as Readonly<Record<NormKind, Readonly<Record<'train' | 'eval', readonly number[]>>>>;

for (const norm of ['batch', 'instance'] as const)
  test(`outputs with ${norm} norm are PyTorch's, in training and in evaluation`, () => {
    scope(() => {
      const net = new UNetGenerator({ ...shape, outputChannels: 3, norm, downsamplings: 5, dropout: false });
      net.to({ dtype: 'float64' });
      fillByFormula(net, 0);
      const values = Float64Array.from({ length: 2 * 3 * 32 * 32 }, (_, i) =>
        Math.fround(Math.sin(0.11 * i) * Math.cos(0.017 * i)),
      );
      const input = tensor(values, [2, 3, 32, 32]);
      for (const mode of ['train', 'eval'] as const) {
        const output = numbers(net.train(mode === 'train').forward(input));
        reference[norm][mode].forEach((expected, i) => {
          assertRelative(output[101 * i]!, expected, 1e-9, `${mode}, element ${101 * i}`, 1e-12);
        });
      }
      net.dispose();
    });
  });

test('dropout is drawn in training only, in the levels that have it', () => {
  scope(() => {
    const differs = (options: { downsamplings: number; dropout: boolean }) => {
      const net = new UNetGenerator({ ...shape, ...options });
      const side = 2 ** options.downsamplings;
      const input = ops.randn([2, 3, side, side]);
      const [once, again] = [net.forward(input).data(), net.forward(input).data()];
      net.eval();
      assert.deepEqual(net.forward(input).data(), net.forward(input).data());
      net.dispose();
      return once.some((value, i) => value !== again[i]);
    };
    assert.equal(differs({ downsamplings: 6, dropout: true }), true);
    assert.equal(differs({ downsamplings: 6, dropout: false }), false);
    // With five halvings there is no middle level.
    assert.equal(differs({ downsamplings: 5, dropout: true }), false);
  });
});

test('fewer than five halvings are refused', () => {
  assert.throws(() => new UNetGenerator({ ...shape, downsamplings: 4 }), /4 downsamplings, at least 5 expected/);
});
