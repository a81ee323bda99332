/** What the network is given: the image itself where its size fits, else padded; and what is refused. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { nn, ops, type Tensor } from '@pix2pixhd/torch';
import { trainSchema } from '../../src/config/schema.js';
import { ImageGenerator } from '../../src/inference/image-generator.js';
import { openGenerator } from '../../src/interop/open-generator.js';
import { prepareCompute } from '../support/compute.js';

/** Records the sizes that it is given, and returns the image. */
class Mirror extends nn.Module {
  readonly seen: string[] = [];

  override forward(input: Tensor): Tensor {
    this.seen.push(`${input.shape[3]}×${input.shape[2]}`);
    return ops.mul(input, 1);
  }
}

for (const { netG, sizes } of [
  // One multiple is enough for the U-Net, and is what it is trained on: 256 pixels with its 8 halvings.
  { netG: 'unet', sizes: { '32×32': '32×32', '33×64': '64×64', '7×1': '32×32' } },
  { netG: 'global', sizes: { '32×32': '32×32', '17×9': '20×12', '3×8': '8×8', '1×1': '8×8' } },
] as const) {
  test(`${netG}: sizes that fit are left alone, others are padded to the next that does and cut back`, () => {
    const config = trainSchema.parse({
      ...{ dataroot: 'data', name: 'run', labelNc: 0, netG, nDownsampleUnet: 5, nDownsampleGlobal: 2 },
      ...{ precision: 'fp32', threads: 1 },
    });
    for (const [size, padded] of Object.entries(sizes)) {
      const [width, height] = size.split('×').map(Number) as [number, number];
      const mirror = new Mirror();
      const generator = new ImageGenerator(mirror, config, prepareCompute(config));
      const bytes = Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * 37) % 256);
      const source = Float32Array.from(bytes, value => value / 127.5 - 1);
      const [image] = generator.generate({ images: 1, width, height, source, sourceChannels: 3 });
      assert.deepEqual(mirror.seen, [padded]);
      assert.deepEqual([image!.width, image!.height], [width, height]);
      const planes = Uint8Array.from(bytes, (_, i) => {
        const [channel, pixel] = [Math.floor(i / (width * height)), i % (width * height)];
        return image!.data[pixel * 3 + channel]!;
      });
      assert.deepEqual(planes, bytes);
    }
  });
}

test('labels from a program are checked; labels that a loader has checked are not looked at again', () => {
  const config = trainSchema.parse({
    ...{
      dataroot: 'data',
      name: 'run',
      labelNc: 3,
      noInstance: true,
      nDownsampleGlobal: 2,
      precision: 'fp32',
      threads: 1,
    },
  });
  using generator = new ImageGenerator(new Mirror(), config, prepareCompute(config));
  const maps = { width: 4, height: 4, label: new Int32Array(16).fill(7) };
  assert.throws(() => generator.generate({ images: 1, ...maps }), {
    name: 'RangeError',
    message: /label 7 at x 0, y 0/,
  });
  const batch = { ...maps, stems: ['a'], sourceChannels: 3, imageChannels: 3 };
  // Of no class: every channel of the mirrored one-hot labels is 0, grey.
  assert.deepEqual(generator.generateBatch(batch)[0]!.data, new Uint8Array(48).fill(128));
});

test('missing style features, maps and encoders are named', () => {
  const styled = {
    ...{ dataroot: 'data', name: 'run', labelNc: 3, nDownsampleGlobal: 2, precision: 'fp32', threads: 1 },
  };
  const config = trainSchema.parse({ ...styled, instanceFeat: true });
  using generator = new ImageGenerator(new Mirror(), config, prepareCompute(config));
  const maps = { images: 1, width: 4, height: 4, label: new Int32Array(16) };
  assert.throws(() => generator.generate({ ...maps, instance: new Int32Array(16) }), /needs style features/);
  assert.throws(() => generator.encodeStyles(new Float32Array(48), maps), /has no encoder/);
});

const emojiModel = fileURLToPath(import.meta.resolve('@pix2pixhd/emoji-model/model.safetensors'));

test('a drawing of a single class is rendered as in float64: what rounding leaves is not made noise of', {
  skip: !existsSync(emojiModel) && 'the offline package has no model',
}, () => {
  const format = { device: 'cpu', precision: 'fp32', memory: 'contiguous' } as const;
  const size = { images: 1, width: 32, height: 32 };
  const label = new Int32Array(32 * 32).fill(5);
  const styleFeatures = new Float32Array(3 * 32 * 32).fill(0.2);
  const [single, double] = (['float32', 'float64'] as const).map(dtype => {
    using generator = openGenerator(emojiModel, { ...format, dtype: 'float32' }).generator;
    generator.network.to({ dtype });
    const config = { ...generator.config, outputRange: '-1,1', outputDepth: 'float' } as const;
    const same = new ImageGenerator(generator.network, config, { ...format, dtype });
    return same.generate({ ...size, label, instance: label, styleFeatures })[0]!.data;
  });
  const off = Math.max(...Array.from(double!, (value, i) => Math.abs(value - single![i]!)));
  assert.ok(off < 1e-4, `off by ${off} of [-1, 1]`);
});
