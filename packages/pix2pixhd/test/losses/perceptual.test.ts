/**
 * The perceptual loss: PyTorch's numbers (fixtures/make_vgg_reference.py), and what must hold beside them.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { grad, memoryStats, ops, RandomGenerator, scope, type Tensor, tensor } from '@pix2pixhd/torch';
import { hasPerceptualLoss, perceptualLoss } from '../../src/losses/perceptual.js';
import { Vgg19 } from '../../src/networks/index.js';
import { assertRelative, numbers } from '../support/compare.js';
import { formulaVgg } from '../support/vgg.js';

interface Reference {
  readonly every: number;
  readonly cases: Readonly<Record<string, { readonly loss: number; readonly gradient: readonly number[] }>>;
}

const reference = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/vgg-reference.json', import.meta.url), 'utf8'),
) as Reference;
const plain = { imagenetNormalisation: false };
const vgg = formulaVgg();
after(() => vgg.dispose());

/** Two images by the reference's formula, (2, C, 32, 48), float64. */
function image(channels: number, a: number, b: number): Tensor {
  const values = Float64Array.from({ length: 2 * channels * 32 * 48 }, (_, i) =>
    Math.fround(Math.sin(a * i) * Math.cos(b * i)),
  );
  return tensor(values, [2, channels, 32, 48]);
}

const fakeImage = (channels: number) => image(channels, 0.11, 0.017);
const realImage = (channels: number) => image(channels, 0.071, 0.023);

/** Loss and gradient with respect to the generated image. */
function lossAndGradient(fake: Tensor, real: Tensor, imagenetNormalisation: boolean): [Tensor, Tensor] {
  fake.requiresGrad = true;
  const loss = perceptualLoss(vgg, fake, real, { imagenetNormalisation });
  return [loss, grad(loss, [fake])[0]!];
}

/** The gradient's elements against the recorded ones, in units of the largest. */
function assertGradient(gradient: Tensor, recorded: readonly number[], tolerance: number, name: string): void {
  const found = numbers(gradient);
  const largest = Math.max(...recorded.map(Math.abs));
  for (const [i, expected] of recorded.entries()) {
    const off = Math.abs(found[i * reference.every]! - expected) / largest;
    assert.ok(off <= tolerance, `${name}: gradient ${i * reference.every} is off by ${off} of the largest`);
  }
}

for (const channels of [3, 1])
  for (const imagenetNormalisation of [false, true]) {
    const name = `${channels} channels, ${imagenetNormalisation ? 'ImageNet' : 'plain'}`;
    const recorded = reference.cases[name]!;

    test(`${name}: PyTorch's loss and gradient, float64`, () => {
      scope(() => {
        vgg.to({ dtype: 'float64' });
        const [loss, gradient] = lossAndGradient(fakeImage(channels), realImage(channels), imagenetNormalisation);
        assert.equal(loss.dtype, 'float64');
        assertRelative(loss.item(), recorded.loss, 1e-12, 'loss');
        assertGradient(gradient, recorded.gradient, 1e-10, name);
      });
    });

    test(`${name}: the same in float32`, () => {
      scope(() => {
        vgg.to({ dtype: 'float32' });
        const [fake, real] = [fakeImage(channels), realImage(channels)].map(x => ops.toDtype(x, 'float32'));
        const [loss, gradient] = lossAndGradient(fake!, real!, imagenetNormalisation);
        assert.equal(loss.dtype, 'float32');
        assertRelative(loss.item(), recorded.loss, 2e-5, 'loss');
        assertGradient(gradient, recorded.gradient, 1e-3, name);
      });
    });
  }

test('bfloat16 weights: float32 images and loss, and nearly the same gradient', () => {
  scope(() => {
    // As a trained network, these keep the size of what passes through them: the formula's features nearly cancel.
    const wide = new Vgg19();
    const draws = new RandomGenerator(91);
    for (const parameter of wide.parameters())
      scope(() => {
        const { shape } = parameter.value;
        const [, inputs] = shape;
        const values = ops.zeros(shape);
        parameter.assign(
          inputs === undefined
            ? values
            : ops.normalInPlace(values, 0, Math.sqrt(2 / (inputs * 9)), { generator: draws }),
        );
      });
    for (const imagenetNormalisation of [false, true]) {
      const measure = () => {
        const [fake, real] = [fakeImage(3), realImage(3)].map(x => ops.toDtype(x, 'float32'));
        fake!.requiresGrad = true;
        const loss = perceptualLoss(wide, fake!, real!, { imagenetNormalisation });
        return { loss, gradient: grad(loss, [fake!])[0]! };
      };
      const exact = measure();
      wide.toMixedPrecision();
      const coarse = measure();
      wide.to({ dtype: 'float32' });
      assert.deepEqual([coarse.loss.dtype, coarse.gradient.dtype], ['float32', 'float32']);
      assertRelative(coarse.loss.item(), exact.loss.item(), 5e-3, 'loss');
      // Signs of differences near zero and ties in the max-pools turn; the direction stays.
      assert.ok(cosine(numbers(coarse.gradient), numbers(exact.gradient)) > 0.92, 'gradient');
    }
    wide.dispose();
  });
});

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

test('the real image is a constant: it gets no gradient, and the weights none', () => {
  scope(() => {
    const [fake, real] = [fakeImage(3), realImage(3)];
    for (const leaf of [fake, real]) leaf.requiresGrad = true;
    const leaves = [fake, real, ...vgg.parameters().map(parameter => parameter.compute)];
    const inputs = leaves.filter(leaf => leaf.requiresGrad);
    assert.equal(inputs.length, 2);
    const gradients = grad(perceptualLoss(vgg, fake, real, plain), inputs, { allowUnused: true });
    assert.deepEqual(
      gradients.map(gradient => gradient !== null),
      [true, false],
    );
  });
});

test('an image has no distance to itself; a grey image is judged as its three equal channels', () => {
  scope(() => {
    const options = { imagenetNormalisation: true };
    const [fake, real] = [fakeImage(1), realImage(1)];
    assert.equal(perceptualLoss(vgg, fake, fake, options).item(), 0);
    const colours = (grey: Tensor) => ops.cat([grey, grey, grey], 1);
    assert.equal(
      perceptualLoss(vgg, fake, real, options).item(),
      perceptualLoss(vgg, colours(fake), colours(real), options).item(),
    );
  });
});

test('other numbers of channels are refused', () => {
  scope(() => {
    assert.deepEqual([1, 2, 3, 4].map(hasPerceptualLoss), [true, false, true, false]);
    assert.throws(() => perceptualLoss(vgg, fakeImage(2), realImage(2), plain), {
      name: 'RangeError',
      message: 'perceptual loss: VGG19 takes images of 1 or 3 channels, found 2',
    });
  });
});

test('every step takes the same memory', () => {
  scope(() => {
    const [fake, real] = [fakeImage(3), realImage(3)];
    const step = (imagenetNormalisation: boolean) =>
      scope(() => {
        lossAndGradient(fake, real, imagenetNormalisation);
      });
    step(true);
    const before = memoryStats();
    for (let i = 0; i < 6; i++) step(i % 2 === 0);
    assert.deepEqual(memoryStats(), before);
  });
});
