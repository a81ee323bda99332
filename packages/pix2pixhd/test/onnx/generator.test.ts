/**
 * The ONNX file of a generator makes the same image as the generator: of every kind of network, of any size and number of images,
 * through padding, one-hot, boundary map, ranges and cutting, all of which are in the graph. ONNX Runtime computes.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Condition } from '../../src/conditioning/condition.js';
import type { TrainConfig } from '../../src/config/schema.js';
import { Random } from '../../src/data/random.js';
import { largestOnnxDifference, planar } from '../support/onnx.js';

const tolerance = 1e-4;

/** A condition of such a network, its images also as a user has them. */
function drawCondition(
  random: Random,
  config: Pick<TrainConfig, 'labelNc'> & Partial<TrainConfig>,
  [images, height, width]: readonly [number, number, number],
): { condition: Condition; source: Uint8Array | undefined } {
  const pixels = images * height * width;
  const ids = (below: number) => Int32Array.from({ length: pixels }, () => random.integer(below));
  const { labelNc, noInstance = false, instanceFeat = false, featNum = 3, inputNc = 3 } = config;
  const source = labelNc === 0 ? Uint8Array.from({ length: pixels * inputNc }, () => random.integer(256)) : undefined;
  const condition = {
    ...{ images, height, width },
    // Beyond the last class is "no class".
    ...(labelNc > 0 && { label: ids(labelNc + 1).map(id => (id === labelNc ? 255 : id)) }),
    // Ids of any size and sign.
    ...(labelNc > 0 && !noInstance && { instance: ids(3).map(id => id * 100_000 - 7) }),
    ...(source && { source: planar(source, images, height * width, inputNc), sourceChannels: inputNc }),
    ...(instanceFeat && {
      styleFeatures: Float32Array.from({ length: pixels * featNum }, () => random.uniform() * 2 - 1),
    }),
  };
  return { condition, source };
}

const global = { netG: 'global', ngf: 4, nDownsampleGlobal: 2, nBlocksGlobal: 2 } as const;
const local = { netG: 'local', ngf: 4, nDownsampleGlobal: 1, nBlocksGlobal: 2, nBlocksLocal: 1 } as const;
const labels = { labelNc: 4 } as const;
const pictures = { labelNc: 0, noInstance: true } as const;

/** Every kind of network that can be trained here, those of the parity set among them. */
const networks: Readonly<Record<string, Pick<TrainConfig, 'labelNc'> & Partial<TrainConfig>>> = {
  'the global generator': { ...global, ...labels },
  'the global generator with batch norm': { ...global, ...labels, norm: 'batch' },
  'the global generator with resize': { ...global, ...labels, upsample: 'resize', noInstance: true },
  'an enhancer': { ...local, ...labels },
  'an enhancer with batch norm': { ...local, ...labels, norm: 'batch' },
  'two enhancers with resize': { ...local, ...labels, nLocalEnhancers: 2, upsample: 'resize' },
  'images as input, in grey': { ...global, ...pictures, inputNc: 1, outputNc: 1 },
  'the condition again before the last convolution': { ...global, ...pictures, skips: 'input' },
  'all skips': { ...global, ...pictures, skips: 'all', upsample: 'resize' },
  'an enhancer with all skips': { ...local, ...labels, skips: 'all' },
  'styles of objects': { ...global, ...labels, instanceFeat: true },
  'the U-Net': { netG: 'unet', nDownsampleUnet: 5, ngf: 4, ...pictures, noDropout: true },
  'the U-Net with batch norm': { netG: 'unet', nDownsampleUnet: 5, ngf: 4, ...labels, norm: 'batch', noDropout: true },
};

for (const [name, config] of Object.entries(networks))
  test(`${name}: at most ${tolerance} apart, whatever the size`, async () => {
    const random = new Random(3);
    for (const size of [
      [1, 1, 1],
      [2, 37, 22],
    ] as const) {
      const { condition, source } = drawCondition(random, config, size);
      const off = await largestOnnxDifference(config, condition, source);
      assert.ok(off <= tolerance, `${size}: off by ${off}`);
    }
  });

test('50 networks, sizes and batches drawn at random', async () => {
  const random = new Random(1);
  const pick = <T>(...choices: readonly T[]) => choices[random.integer(choices.length)]!;
  for (let i = 0; i < 50; i++) {
    const byLabels = pick(true, false);
    const instanceFeat = byLabels && pick(true, false);
    const netG = pick('global', 'local');
    const config = {
      ...{ netG, seed: i, ngf: pick(2, 4, 6), nDownsampleGlobal: pick(1, 2, 3), nBlocksGlobal: pick(0, 1, 2) },
      ...(netG === 'local' && { nLocalEnhancers: pick(1, 2), nBlocksLocal: pick(1, 2) }),
      ...{
        norm: pick('instance', 'batch'),
        upsample: pick('transpose', 'resize'),
        skips: pick('none', 'input', 'all'),
      },
      ...(byLabels
        ? { labelNc: pick(1, 2, 9), noInstance: !instanceFeat && pick(true, false), instanceFeat, nDownsampleE: 2 }
        : { labelNc: 0, noInstance: true, inputNc: pick(1, 2, 3, 5) }),
      outputNc: pick(1, 3),
    } satisfies Partial<TrainConfig>;
    const size = [pick(1, 2, 3), 1 + random.integer(40), 1 + random.integer(40)] as const;
    const { condition, source } = drawCondition(random, config, size);
    const off = await largestOnnxDifference(config, condition, source);
    assert.ok(off <= tolerance, `${JSON.stringify(config)} of ${size}: off by ${off}`);
  }
});
