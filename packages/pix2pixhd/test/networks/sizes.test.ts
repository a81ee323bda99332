/** Which sizes fit which networks: the least one computes, the one below does not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noGrad, ops, RandomGenerator, scope, setThreads } from '@pix2pixhd/torch';
import { trainSchema } from '../../src/config/schema.js';
import { UserError } from '../../src/errors.js';
import { buildDiscriminator, buildGenerator, conditionChannels } from '../../src/networks/build.js';
import { Vgg19 } from '../../src/networks/index.js';
import { checkDiscriminators, leastSide, leastTrainingSide, sizeMultiple } from '../../src/networks/sizes.js';

setThreads(1);

const config = (options: object) =>
  trainSchema.parse({ dataroot: 'data', name: 'run', labelNc: 0, ngf: 4, ndf: 4, nBlocksGlobal: 1, ...options });

for (const [name, options] of Object.entries({
  'the global generator': { netG: 'global', nDownsampleGlobal: 3 },
  'the global generator without residual blocks': { netG: 'global', nDownsampleGlobal: 3, nBlocksGlobal: 0 },
  'two local enhancers': { netG: 'local', nDownsampleGlobal: 1, nLocalEnhancers: 2 },
  'the U-Net': { netG: 'unet', nDownsampleUnet: 5 },
})) {
  test(`${name} makes an image of the least side, and of no smaller one`, () => {
    const resolved = config(options);
    const generator = buildGenerator(resolved);
    const random = new RandomGenerator(1);
    const translate = (side: number) =>
      noGrad(() =>
        scope(() => {
          const input = ops.normalInPlace(
            ops.empty([1, conditionChannels(resolved), side, side], { dtype: 'float32' }),
            0,
            1,
            { generator: random },
          );
          return [...generator.forward(input).shape];
        }),
      );
    const least = leastSide(resolved);
    assert.equal(least % sizeMultiple(resolved), 0);
    assert.deepEqual(translate(least), [1, 3, least, least]);
    // The U-Net's least is one multiple: below that there is only half of one.
    assert.throws(() => translate(least - Math.min(least / 2, sizeMultiple(resolved))));
    generator.dispose();
  });
}

test('as many discriminators as are allowed judge an image; one more is refused with that number', () => {
  for (const [width, height, most] of [
    [32, 16, 5],
    [33, 33, 6],
    [4, 64, 6],
  ] as const) {
    checkDiscriminators(config({ numD: most }), width, height);
    assert.throws(
      () => checkDiscriminators(config({ numD: most + 1 }), width, height),
      (error: unknown) => error instanceof UserError && error.message.includes(`--num-D ${most} or less`),
    );
    const judge = (numD: number) =>
      scope(() => {
        const discriminator = buildDiscriminator(config({ numD }));
        try {
          noGrad(() => discriminator.predict(ops.rand([1, 6, height, width])));
        } finally {
          discriminator.dispose();
        }
      });
    judge(most);
    assert.throws(() => judge(most + 1), /needs more than one pixel/);
  }
});

test('with the perceptual loss images are as large as VGG19 needs', () => {
  const least = (options: object) => leastTrainingSide(config({ nDownsampleGlobal: 1, ...options }));
  assert.equal(least({ vggLoss: false }), 4);
  assert.equal(least({ vggLoss: true, nDownsampleGlobal: 5 }), 64);
  const side = least({ vggLoss: true });
  const vgg = new Vgg19();
  scope(() => noGrad(() => vgg.featureMaps(ops.zeros([1, 3, side, side]))));
  assert.throws(() => vgg.featureMaps(ops.zeros([1, 3, side - 1, side])), RangeError);
  vgg.dispose();
});
