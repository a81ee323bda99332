/**
 * `--zoom` and `--shift`: the images of a pair are enlarged, made smaller and moved together, by a draw of their own that leaves
 * the others as they were; without them nothing is drawn and nothing resampled.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { findSamples } from '../../src/data/find/pairs.js';
import type { UnpairedBatch } from '../../src/data/load/batch-source.js';
import { Loader } from '../../src/data/load/loader.js';
import { augment, type Images, loadSample, type SampleSpec } from '../../src/data/load/sample.js';
import { planTransform, type ResizeMode, type TransformOptions, wholeImage } from '../../src/data/load/transform.js';
import { domainsOf, UnpairedLoader } from '../../src/data/load/unpaired-loader.js';
import { sampleRandom } from '../../src/data/random.js';
import { stillSpec } from '../../src/run/generated.js';
import { noise, temporaryFolder, writePng, writeTriplet } from './images.js';

const size = { width: 96, height: 80 };
const modes = ['scale_width', 'scale_width_and_crop', 'resize_and_crop', 'crop', 'none'] as const;

function options(mode: ResizeMode, change: Partial<TransformOptions> = {}): TransformOptions {
  return { mode, loadSize: 96, fineSize: 64, multiple: 1, flip: true, ...change };
}

function specOf(transform: TransformOptions): SampleSpec {
  return { transform, labelNc: 9, sourceChannels: 1, imageChannels: 1, alpha: 'drop', featureChannels: 2 };
}

/** Counts what is drawn. */
function counted(value: (i: number) => number): { uniform: () => number; drawn: () => number } {
  let drawn = 0;
  return { uniform: () => value(drawn++), drawn: () => drawn };
}

test('without zoom and shift three numbers are drawn and nothing is resampled; with one of them six, of which the first three do what they did', () => {
  for (const mode of modes) {
    const plain = counted(() => 0.7);
    const plan = planTransform(size, options(mode), plain);
    assert.equal(plain.drawn(), 3);
    const neutral = counted(() => 0.7);
    assert.deepEqual(planTransform(size, options(mode, { zoom: 1, shift: 0 }), neutral), plan);
    assert.equal(neutral.drawn(), 3);
    for (const change of [{ zoom: 1.5 }, { shift: 0.1 }]) {
      const random = counted(() => 0.7);
      const { view, ...rest } = planTransform(size, options(mode, change), random);
      assert.ok(view !== undefined);
      assert.deepEqual(rest, plan);
      assert.equal(random.drawn(), 6);
    }
  }
});

test('the view: the frame over the factor, around the crop, moved by a share of the frame', () => {
  const draw = (zoom: number, shift: number, ...more: number[]) =>
    planTransform(
      size,
      options('crop', { zoom, shift }),
      counted(i => [0.5, 0.5, 0, ...more][i]!),
    );
  // The crop of 64 pixels is at (16, 8): its centre is (48, 40).
  assert.deepEqual(draw(2, 0, 0.5, 0.5, 0.5).view, { x: 16, y: 8, width: 64, height: 64 });
  assert.deepEqual(draw(2, 0, 0, 0, 0).view, { x: -16, y: -24, width: 128, height: 128 });
  const { x, y, width, height } = draw(1.44, 0, 0.75, 0, 0).view!; // √1.44 = 1.2
  for (const [value, expected] of [
    [width, 64 / 1.2],
    [height, 64 / 1.2],
    [x, 48 - 32 / 1.2],
    [y, 40 - 32 / 1.2],
  ] as const)
    assert.ok(Math.abs(value - expected) < 1e-9);
  assert.deepEqual(draw(1, 0.25, 0.9, 0, 0.75).view, { x: 16 - 16, y: 8 + 8, width: 64, height: 64 });
  // What is shown half as large is moved as far in the frame, which is twice as far in the image.
  assert.deepEqual(draw(2, 0.25, 0, 0, 0.75).view, { x: -16 - 32, y: -24 + 16, width: 128, height: 128 });
});

test('factors are uniform in their logarithm, shifts in the frame, and neither goes with the other', () => {
  const draws = Array.from({ length: 4000 }, (_, i) => {
    const { view, crop } = planTransform(size, options('none', { zoom: 1.6, shift: 0.2 }), sampleRandom(1, 1, i));
    const factor = crop.width / view!.width;
    return [
      Math.log(factor) / Math.log(1.6),
      (view!.x + view!.width / 2 - 48) / view!.width / 0.2,
      (view!.y + view!.height / 2 - 40) / view!.height / 0.2,
    ];
  });
  const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  for (let k = 0; k < 3; k++) {
    const values = draws.map(draw => draw[k]!);
    assert.ok(Math.max(...values) <= 1 + 1e-9 && Math.min(...values) >= -1 - 1e-9);
    assert.ok(Math.max(...values) > 0.99 && Math.min(...values) < -0.99);
    // Of a uniform variable in [-1, 1]: mean 0, mean square 1/3; five standard errors.
    assert.ok(Math.abs(mean(values)) < 0.046, `${k}: mean ${mean(values)}`);
    assert.ok(Math.abs(mean(values.map(v => v * v)) - 1 / 3) < 0.024);
    const products = draws.map(draw => draw[k]! * draw[(k + 1) % 3]!);
    assert.ok(Math.abs(mean(products)) < 0.027, `${k}: ${mean(products)}`);
  }
});

/** A scene of blocks of two classes, and all else painted from it: maps exactly, images in two greys. */
function scene(size: Images['original']): Images {
  const pixels = size.width * size.height;
  const blocks = noise(200, 5);
  const label = Uint8Array.from({ length: pixels }, (_, i) => {
    const [column, row] = [Math.floor((i % size.width) / 10), Math.floor(i / size.width / 10)];
    return blocks[row * 10 + column]! < 128 ? 3 : 7;
  });
  const raster = { ...size, channels: 1 as const };
  return {
    original: size,
    notices: [],
    label: { ...raster, data: label },
    instance: { ...raster, data: Uint16Array.from(label, v => 1000 * v) },
    features: {
      ...size,
      channels: 2,
      data: Float32Array.from({ length: 2 * pixels }, (_, i) => label[i >> 1]! + (i % 2) / 2),
    },
    source: { ...raster, data: Uint16Array.from(label, v => 9000 * v) },
    image: { ...raster, data: Uint8Array.from(label, v => 30 * v) },
  };
}

test('maps, features and images of a pair stay on each other, and no id is new', () => {
  let moved = 0;
  for (const mode of modes) {
    // As resized, which is a square in one of the modes.
    const images = scene(mode === 'resize_and_crop' ? { width: 96, height: 96 } : size);
    for (let i = 0; i < 12; i++) {
      const transform = options(mode, { zoom: 2, shift: 0.3 });
      const arrays = augment({ stem: 's' }, images, specOf(transform), sampleRandom(2, 1, i));
      const { width, height, label, instance, features, source, image } = arrays;
      const plain = augment({ stem: 's' }, images, specOf(options(mode)), sampleRandom(2, 1, i));
      assert.deepEqual([width, height], [plain.width, plain.height]);
      if (String(label) !== String(plain.label)) moved++;
      assert.deepEqual(
        [...new Set(label)].filter(id => id !== 3 && id !== 7),
        [],
      );
      assert.deepEqual(
        [...instance!],
        [...label!].map(id => 1000 * id),
      );
      assert.deepEqual([...features!], [...label!, ...[...label!].map(id => id + 0.5)]);
      let edges = 0;
      let odd = 0;
      for (let y = 1; y < height - 1; y++) {
        for (let x = 1; x < width - 1; x++) {
          const at = y * width + x;
          const around = [-width - 1, -width, -width + 1, -1, 0, 1, width - 1, width, width + 1].map(
            d => label![at + d]!,
          );
          const atEdge = around.some(id => id !== label![at]);
          if (atEdge) edges++;
          // 5 lies between the greys of the two classes.
          for (const value of [(255 / 30) * (image![at]! + 1) * 0.5, (65535 / 9000) * (source![at]! + 1) * 0.5])
            if (value > 5 !== label![at]! > 5) {
              assert.ok(atEdge, `${mode} ${i}: (${x}, ${y}) is ${value}, of class ${label![at]}`);
              odd++;
            }
        }
      }
      // At edges it is the nearer class, but at corners, where the mixture may fall to either side.
      assert.ok(odd <= 0.1 * 2 * edges, `${mode} ${i}: ${odd} of ${edges}`);
    }
  }
  assert.ok(moved > 50, `${moved} of 60 were moved`);
});

test('around a crop the image goes on: its own pixels are seen, and repeated only past its edges', () => {
  const ramp = Float32Array.from({ length: size.width * size.height }, (_, i) => (i % size.width) / 128);
  const images: Images = { original: size, notices: [], image: { ...size, channels: 1, data: ramp } };
  const transform = options('crop', { zoom: 2, shift: 0.2, flip: false });
  let beyondCrop = 0;
  let beyondImage = 0;
  for (let i = 0; i < 80; i++) {
    const { crop, view } = planTransform(size, transform, sampleRandom(3, 1, i));
    const { image, width } = augment({ stem: 's' }, images, specOf(transform), sampleRandom(3, 1, i));
    const step = view!.width / width;
    for (let x = 0; x < width; x++) {
      const at = view!.x + (x + 0.5) * step - 0.5;
      const value = 64 * (image![32 * width + x]! + 1);
      // The reach of the kernel, within which the image's edge counts.
      const reach = 2 * Math.max(1, step) + 1;
      if (at > reach && at < size.width - 1 - reach) {
        // Made smaller by a factor that is not whole, a sampled kernel is a ramp's only nearly.
        assert.ok(Math.abs(value - at) < 0.05, `${i}: ${value}, not ${at}`);
        if (at < crop.x - 1 || at > crop.x + crop.width) beyondCrop++;
      } else if (at < -reach || at > size.width - 1 + reach) {
        assert.ok(Math.abs(value - (at < 0 ? 0 : size.width - 1)) < 1e-3, `${i}: ${value} at ${at}`);
        beyondImage++;
      }
    }
  }
  assert.ok(beyondCrop > 100 && beyondImage > 100, `${beyondCrop} and ${beyondImage}`);
});

test('neither zoom nor shift where the whole image is seen, and where samples and validation are', () => {
  for (const mode of modes) {
    const transform = options(mode, { zoom: 1.5, shift: 0.2 });
    for (const still of [wholeImage(transform), stillSpec(specOf(transform)).transform])
      assert.equal(planTransform(size, still, sampleRandom(1, 1, 1)).view, undefined);
  }
});

test('threads give what loading alone gives, and images without pairs have a draw each', async t => {
  const root = temporaryFolder(t);
  for (let i = 0; i < 3; i++) writeTriplet(root, 'train', `s${i}`, { width: 48, height: 32 }, i);
  const samples = findSamples(root, 'train', { labelNc: 5, useInstance: true });
  const transform: TransformOptions = { mode: 'none', loadSize: 1, fineSize: 1, multiple: 8, flip: false, zoom: 1.5 };
  const spec: SampleSpec = { transform, labelNc: 5, sourceChannels: 3, imageChannels: 3, alpha: 'drop' };
  const loader = new Loader({ samples, spec, batchSize: 1, seed: 4, workers: 2 });
  t.after(() => loader.close());
  const plain = { ...spec, transform: { ...transform, zoom: 1 } };
  for (const epoch of [1, 2]) {
    for await (const { stems, label, image } of loader.epoch(epoch)) {
      const index = samples.findIndex(({ stem }) => stem === stems[0]);
      const alone = await loadSample(samples[index]!, spec, sampleRandom(4, epoch, index));
      assert.deepEqual([label, image], [alone.label, alone.image]);
      assert.notDeepEqual(image, (await loadSample(samples[index]!, plain, sampleRandom(4, epoch, index))).image);
    }
  }

  const same = temporaryFolder(t);
  for (const folder of ['trainA', 'trainB']) writePng(join(same, folder, '0.png'), 24, 3, noise(24 * 24 * 3));
  const domains = domainsOf(
    findSamples(same, 'train', { labelNc: 0, useInstance: false, domains: ['source', 'image'] }),
  );
  const epochOf = async (zoom: number): Promise<UnpairedBatch> => {
    const unpaired = new UnpairedLoader(domains, {
      spec: { ...spec, labelNc: 0, transform: { ...transform, zoom } },
      batchSize: 1,
      seed: 4,
      workers: 2,
    });
    t.after(() => unpaired.close());
    for await (const batch of unpaired.epoch(1)) return batch;
    throw new Error('no batch');
  };
  const [still, zoomed] = [await epochOf(1), await epochOf(1.5)];
  assert.deepEqual(still.a.source, still.b.image);
  assert.notDeepEqual(zoomed.a.source, still.a.source);
  assert.notDeepEqual(zoomed.b.image, still.b.image);
  assert.notDeepEqual(zoomed.a.source, zoomed.b.image);
});
