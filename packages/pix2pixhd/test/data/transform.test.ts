/** Sizes are NVIDIA's; what is changed is said; draws are in bounds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  nearestMultiple,
  planTransform,
  type ResizeMode,
  type TransformOptions,
  wholeImage,
} from '../../src/data/load/transform.js';
import { sampleRandom } from '../../src/data/random.js';
import { UserError } from '../../src/errors.js';

function options(mode: ResizeMode, change: Partial<TransformOptions> = {}): TransformOptions {
  return { mode, loadSize: 1024, fineSize: 512, multiple: 32, flip: false, ...change };
}

const random = () => sampleRandom(1, 2, 3);
const cityscapes = { width: 2048, height: 1024 };

test('scale_width: width to loadSize, height in proportion, rounded down as Python int()', () => {
  assert.deepEqual(planTransform(cityscapes, options('scale_width'), random()), {
    resize: { width: 1024, height: 512 },
    crop: { x: 0, y: 0, width: 1024, height: 512 },
    flip: false,
  });
  const odd = planTransform(
    { width: 640, height: 427 },
    options('scale_width', { loadSize: 500, multiple: 1 }),
    random(),
  );
  assert.deepEqual(odd.resize, { width: 500, height: 333 }); // 500·427/640 = 333.59
});

test('none: sides to the nearest multiple, and never without a notice', () => {
  const plan = planTransform({ width: 500, height: 333 }, options('none'), random());
  assert.deepEqual(plan.resize, { width: 512, height: 320 });
  assert.match(plan.notice ?? '', /500×333.*512×320.*32/);
  assert.equal(planTransform({ width: 512, height: 320 }, options('none'), random()).notice, undefined);
  assert.deepEqual(planTransform({ width: 500, height: 333 }, options('none', { multiple: 1 }), random()).resize, {
    width: 500,
    height: 333,
  });
});

test('jitter: enlarged, and the old size cut out inside it; the whole image without', () => {
  const jittered = options('scale_width', { jitter: 0.25 });
  const plan = planTransform(cityscapes, jittered, random());
  assert.deepEqual(plan.resize, { width: 1280, height: 640 });
  assert.deepEqual([plan.crop.width, plan.crop.height], [1024, 512]);
  const corners = [0, 0.999999].map(draw => planTransform(cityscapes, jittered, { uniform: () => draw }).crop);
  assert.deepEqual(corners, [
    { x: 0, y: 0, width: 1024, height: 512 },
    { x: 256, y: 128, width: 1024, height: 512 },
  ]);
  assert.deepEqual(planTransform(cityscapes, wholeImage(jittered), random()).resize, { width: 1024, height: 512 });
});

test('nearestMultiple rounds halves to even as Python round, and never to nothing', () => {
  assert.deepEqual(
    [16, 48, 80, 47, 49, 1].map(n => nearestMultiple(n, 32)),
    [32, 64, 64, 32, 64, 32],
  );
});

test('no side falls below the least one, by rounding or by crop, and a notice says so', () => {
  const plan = planTransform({ width: 70, height: 20 }, options('none', { least: 64 }), random());
  assert.deepEqual(plan.resize, { width: 64, height: 64 });
  assert.match(plan.notice ?? '', /70×20.*64×64.*multiple of 32 and at least 64/);
  const crop = planTransform(cityscapes, options('crop', { fineSize: 30, least: 64 }), random());
  assert.deepEqual([crop.crop.width, crop.crop.height], [64, 64]);
  assert.equal(planTransform({ width: 64, height: 96 }, options('none', { least: 64 }), random()).notice, undefined);
});

test('the cropping modes: resize first, then a square inside, reaching every position', () => {
  const resized = {
    crop: cityscapes,
    resize_and_crop: { width: 1024, height: 1024 },
    scale_width_and_crop: { width: 1024, height: 512 },
  };
  for (const mode of ['crop', 'resize_and_crop', 'scale_width_and_crop'] as const) {
    const seen = new Set<number>();
    for (let i = 0; i < 300; i++) {
      const { resize, crop } = planTransform(cityscapes, options(mode, { fineSize: 512 }), sampleRandom(1, 1, i));
      assert.deepEqual(resize, resized[mode]);
      assert.deepEqual([crop.width, crop.height], [512, 512]);
      assert.ok(crop.x >= 0 && crop.x + 512 <= resize.width && crop.y >= 0 && crop.y + 512 <= resize.height);
      seen.add(crop.x);
    }
    assert.ok(seen.size > 200, `${mode}: ${seen.size} positions`);
  }
  const ends = new Set(
    Array.from({ length: 200 }, (_, i) =>
      planTransform({ width: 34, height: 33 }, options('crop', { fineSize: 32 }), sampleRandom(1, 1, i)),
    ).map(({ crop }) => `${crop.x},${crop.y}`),
  );
  assert.equal(ends.size, 6);
});

test('a crop that is not a multiple is rounded with a notice; one that does not fit is refused by name', () => {
  const plan = planTransform(cityscapes, options('crop', { fineSize: 500 }), random());
  assert.equal(plan.crop.width, 512);
  assert.match(plan.notice ?? '', /500.*512/);
  assert.throws(
    () => planTransform({ width: 300, height: 600 }, options('crop'), random(), 'a.png'),
    (e: unknown) => e instanceof UserError && /a\.png/.test(e.message) && /fine-size/.test(e.message),
  );
});

test('flips are half and half, the same in every mode, and absent when not asked for', () => {
  let flips = 0;
  for (let i = 0; i < 2000; i++) {
    const inModes = (['none', 'crop', 'scale_width'] as const).map(
      mode => planTransform(cityscapes, options(mode, { flip: true }), sampleRandom(4, 0, i)).flip,
    );
    assert.equal(new Set(inModes).size, 1);
    if (inModes[0]) flips++;
    assert.equal(planTransform(cityscapes, options('none'), sampleRandom(4, 0, i)).flip, false);
  }
  assert.ok(Math.abs(flips - 1000) < 112, `${flips} of 2000`);
});

test('the whole image has the scale of training, and nothing of it is drawn', () => {
  for (const mode of ['scale_width', 'scale_width_and_crop', 'resize_and_crop', 'crop', 'none'] as const) {
    // Sides that are multiples as they are, and a square that is not.
    for (const loadSize of [1024, 1000]) {
      const training = options(mode, { loadSize, fineSize: 256, flip: true });
      const whole = wholeImage(training);
      const { resize } = planTransform({ width: 2048, height: 1024 }, training, random());
      for (let seed = 0; seed < 8; seed++) {
        const plan = planTransform({ width: 2048, height: 1024 }, whole, sampleRandom(seed, 0, 0));
        assert.equal(plan.flip, false);
        const lost = [resize.width - plan.crop.width, resize.height - plan.crop.height];
        for (const pixels of lost) assert.ok(Math.abs(pixels) < 32, `${mode}: ${pixels} pixels lost`);
        if (mode !== 'resize_and_crop') assert.deepEqual([plan.crop.x, plan.crop.y], [0, 0]);
      }
    }
  }
});
