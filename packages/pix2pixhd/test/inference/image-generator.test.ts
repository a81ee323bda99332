/** What the network is given to see: the image itself where it fits, else the image continued to a size that does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nn, ops, type Tensor } from '@pix2pixhd/torch';
import { prepareCompute } from '../../src/compute/compute.js';
import { trainSchema } from '../../src/config/schema.js';
import { ImageGenerator } from '../../src/inference/image-generator.js';

/** Notes the sizes that it is given, and gives the image back. */
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
