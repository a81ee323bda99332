/** Encoding a data set: the style features of an instance are the encoder's output averaged over it, and no tensor is left. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { memoryStats, noGrad, scope, tensor } from '@pix2pixhd/torch';
import { trainSchema } from '../../src/config/schema.js';
import { findSamples } from '../../src/data/find/pairs.js';
import { loadSample, type SampleSpec } from '../../src/data/load/sample.js';
import { sampleRandom } from '../../src/data/random.js';
import { ImageGenerator } from '../../src/inference/image-generator.js';
import { buildEncoder, buildGenerator } from '../../src/networks/build.js';
import { buildStyleBook } from '../../src/styles/build/build-book.js';
import { encodeSet } from '../../src/styles/build/encode-set.js';
import { noise, temporaryFolder, writePng } from '../data/images.js';
import { prepareCompute } from '../support/compute.js';

const config = trainSchema.parse({
  ...{ dataroot: 'data', name: 'n', labelNc: 3, instanceFeat: true, featNum: 2, nDownsampleE: 1, nef: 4 },
  ...{ ngf: 4, nDownsampleGlobal: 1, nBlocksGlobal: 1, ndf: 4 },
});
const spec: SampleSpec = {
  transform: { mode: 'none', loadSize: 1, fineSize: 1, multiple: 1, flip: false },
  ...{ labelNc: 3, sourceChannels: 3, imageChannels: 3, alpha: 'drop' },
};
const [width, height] = [16, 12];
const pixels = width * height;

test('features are means over instances, of one pixel too; area weights, and none of either, make the mean', async t => {
  const root = temporaryFolder(t);
  for (const i of [0, 1, 2]) {
    const instance = Uint16Array.from({ length: pixels }, (_, p) =>
      // Two objects of class 1, one of them a single pixel, on a ground of class 2.
      p === 40 + i ? 1001 : p % width < 5 ? 1000 : 2,
    );
    writePng(
      join(root, 'train_label', `${i}.png`),
      width,
      1,
      Uint8Array.from(instance, id => (id > 2 ? 1 : 2)),
    );
    writePng(join(root, 'train_inst', `${i}.png`), width, 1, instance);
    writePng(join(root, 'train_img', `${i}.png`), width, 3, noise(pixels * 3, i));
  }
  const samples = findSamples(root, 'train', { labelNc: 3, useInstance: true });
  const compute = prepareCompute({ device: 'cpu', precision: 'fp32', threads: 1, seed: 0 });
  const encoder = buildEncoder(config)!;
  const generator = new ImageGenerator(buildGenerator(config), config, compute, encoder);
  const before = memoryStats();
  const encoded = await encodeSet(generator, samples, spec);
  assert.deepEqual(memoryStats(), before);
  assert.deepEqual(
    encoded.map(({ sample, id, class: of, pixels: area }) => [sample, id, of, area]),
    [0, 1, 2].flatMap(sample => [
      [sample, 1000, 1, 60],
      [sample, 2, 2, 131],
      [sample, 1001, 1, 1],
    ]),
  );
  for (const { sample, id, style } of encoded) {
    const { image, instance } = await loadSample(samples[sample]!, spec, sampleRandom(0, 0, 0));
    const map = noGrad(() =>
      scope(() => encoder.forward(tensor(image!, [1, 3, height, width])).data() as Float32Array),
    );
    const own = [...instance!.keys()].filter(p => instance![p] === id);
    for (const c of [0, 1]) {
      const mean = own.reduce((sum, p) => sum + map[c * pixels + p]!, 0) / own.length;
      assert.ok(Math.abs(style[c]! - mean) < 1e-6, `instance ${id} of ${sample}: ${style[c]}, not ${mean}`);
    }
  }

  const options = { clusters: 10, seed: 0 };
  const plain = await buildStyleBook(encoded, samples, spec, false, { ...options, areaWeights: false });
  assert.deepEqual(
    plain.classes.map(({ id, instances, pixels: area, clusters }) => [id, instances, area, clusters]),
    [
      [1, 6, 183, 6],
      [2, 3, 393, 3],
    ],
  );
  const weighted = await buildStyleBook(encoded, samples, spec, false, { ...options, areaWeights: true });
  for (const [{ book }, weight] of [
    [plain, () => 1],
    [weighted, (area: number) => area],
  ] as const) {
    const total = encoded.reduce((sum, one) => sum + weight(one.pixels), 0);
    for (const c of [0, 1]) {
      const mean = encoded.reduce((sum, one) => sum + one.style[c]! * weight(one.pixels), 0) / total;
      assert.ok(Math.abs(book.mean[c]! - mean) < 1e-4, `${book.mean[c]}, not ${mean}`);
    }
  }
  generator.dispose();
});
