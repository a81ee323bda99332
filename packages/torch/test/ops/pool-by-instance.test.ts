/**
 * Instance-wise average pooling against its definition and against libtorch's own operators.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import {
  type DType,
  getThreads,
  grad,
  memoryStats,
  ops,
  RandomGenerator,
  scope,
  setThreads,
  type Tensor,
  tensor,
} from '../../src/index.js';
import { assertClose, numbers } from '../support/compare.js';
import { gradcheck } from '../support/gradcheck.js';
import { exact, exactLeaf, floatTypes, leaf, memoryOrders, normal } from '../support/samples.js';

type Shape = readonly [images: number, channels: number, height: number, width: number];

/** The mean over each pixel's instance, straight from the definition. */
function byDefinition(features: Tensor, ids: ArrayLike<number | bigint>): number[] {
  const [images, channels, height, width] = features.shape as unknown as Shape;
  const pixels = height * width;
  const values = numbers(features);
  const means = new Array<number>(values.length);
  for (let image = 0; image < images; image++) {
    const places = new Map<number | bigint, number[]>();
    for (let p = 0; p < pixels; p++) {
      const id = ids[image * pixels + p]!;
      if (!places.has(id)) places.set(id, []);
      places.get(id)!.push(p);
    }
    for (let plane = image * channels; plane < (image + 1) * channels; plane++)
      for (const own of places.values()) {
        let sum = 0;
        for (const p of own) sum += values[plane * pixels + p]!;
        for (const p of own) means[plane * pixels + p] = sum / own.length;
      }
  }
  return means;
}

/** Instance maps of every kind: the id of a pixel of one image. Images share ids. */
const maps: Record<string, (image: number, y: number, x: number) => number> = {
  'one over everything': () => 7,
  'every pixel its own': (_, y, x) => 1000 * y + x,
  'long runs': (image, y, x) => ((y >> 3) * 31 + Math.floor((x + y) / 29) * 17 + image * 5) % 11,
  'no runs': (image, y, x) => (y * 7 + x * 5 + ((x * y) % 13) + image) % 23,
  // The largest and the smallest of 32 bits, and a single pixel.
  extremes: (_, y, x) => (x === 3 && y === 1 ? 33_001 : x < 60 ? 2 ** 31 - 1 : -(2 ** 31)),
};

function idsOf(kind: string, [images, , height, width]: Shape): Int32Array {
  return Int32Array.from({ length: images * height * width }, (_, i) => {
    const [image, p] = [Math.floor(i / (height * width)), i % (height * width)];
    return maps[kind]!(image, Math.floor(p / width), p % width);
  });
}

const mapTensor = (ids: Int32Array, [images, , height, width]: Shape, dtype: DType = 'int32') =>
  ops.toDtype(tensor(ids, [images, 1, height, width]), dtype);

/** One rounding of a mean whose sum was exact enough. */
const rounding = { float64: 1e-12, float32: 2 ** -23, bfloat16: 2 ** -8 };

// 90 x 97 pixels are more than one of the kernel's chunks, and no multiple. Channels-last cells of 3 and 16 channels
// fill whole vector lines, 5 does not.
const shapes: readonly Shape[] = [
  [2, 3, 90, 97],
  [1, 5, 9, 95],
  [2, 16, 5, 70],
  [2, 1, 12, 64],
];

for (const dtype of floatTypes)
  for (const order of memoryOrders)
    test(`${dtype}, ${order}: values and gradients are the means of the definition`, () => {
      const generator = new RandomGenerator(61);
      for (const shape of shapes)
        for (const kind of Object.keys(maps))
          scope(() => {
            const what = `[${shape}] ${kind}`;
            const ids = idsOf(kind, shape);
            const instances = mapTensor(ids, shape);
            const features = leaf(normal(generator, shape, dtype, order));
            const pooled = ops.poolByInstance(features, instances);
            assert.equal(pooled.dtype, dtype, what);
            assert.deepEqual(pooled.strides, features.strides, what);
            const tolerance = { relative: rounding[dtype], absolute: 1e-14 };
            assertClose(pooled, byDefinition(features, ids), tolerance, what);

            // Pooling is its own adjoint. The upstream gradient comes in the other memory order.
            const seed = normal(generator, shape, dtype, order === 'contiguous' ? 'channels_last' : 'contiguous');
            const [gradient] = grad(pooled, [features], { seeds: [seed] });
            assert.equal(gradient!.dtype, dtype, what);
            assert.deepEqual(gradient!.strides, features.strides, what);
            assertClose(gradient!, byDefinition(seed, ids), tolerance, `${what}: gradient`);
          });
    });

test("libtorch's own operators, the fallback off the CPU, agree", () => {
  const generator = new RandomGenerator(62);
  for (const dtype of floatTypes)
    for (const order of memoryOrders)
      for (const kind of Object.keys(maps))
        scope(() => {
          const what = `${dtype} ${order} ${kind}`;
          const shape: Shape = [2, 3, 11, 67];
          const instances = mapTensor(idsOf(kind, shape), shape);
          const features = leaf(normal(generator, shape, dtype, order));
          const seed = normal(generator, shape, dtype, order);
          const reference = exactLeaf(features);
          const wanted = ops.poolByInstancePlain(reference, instances);
          const [wantedGradient] = grad(wanted, [reference], { seeds: [exact(seed)] });
          const found = ops.poolByInstance(features, instances);
          const [foundGradient] = grad(found, [features], { seeds: [seed] });
          const tolerance = { relative: rounding[dtype], absolute: 1e-14 };
          assertClose(found, wanted, tolerance, what);
          assertClose(foundGradient!, wantedGradient!, tolerance, `${what}: gradient`);
          // In the type itself the fallback sums in float32.
          const plain = ops.poolByInstancePlain(features, instances);
          assert.equal(plain.dtype, dtype, what);
          assert.deepEqual(plain.strides, features.strides, what);
          assertClose(plain, wanted, { relative: 1.5 * rounding[dtype], absolute: 1e-6 }, `${what}: fallback`);
        });
});

test('gradients equal central differences', () => {
  scope(() => {
    const shape: Shape = [2, 3, 4, 5];
    const instances = mapTensor(
      Int32Array.from({ length: 40 }, (_, i) => [4, 4, 9, 2 ** 31 - 1][(i + (i >> 3)) % 4]!),
      shape,
    );
    for (const order of memoryOrders)
      gradcheck(([x]) => ops.poolByInstance(x!, instances), [normal(new RandomGenerator(63), shape, 'float64', order)]);
  });
});

test('ids of every integer type, and of 64 bits', () => {
  scope(() => {
    const shape: Shape = [2, 3, 9, 21];
    const features = normal(new RandomGenerator(64), shape);
    const small = idsOf('no runs', shape);
    const wanted = byDefinition(features, small);
    for (const type of ['uint8', 'int8', 'int16', 'int32', 'int64'] as const)
      assertClose(ops.poolByInstance(features, mapTensor(small, shape, type)), wanted, { absolute: 1e-14 }, type);
    // Equal in their lower 32 bits: 2^31, and n 2^32 beyond it.
    const large = BigInt64Array.from(small, id => 2n ** 31n + BigInt(id % 3) * 2n ** 32n);
    const instances = tensor(large, [2, 1, 9, 21]);
    for (const pool of [ops.poolByInstance, ops.poolByInstancePlain])
      assertClose(pool(features, instances), byDefinition(features, large), { absolute: 1e-14 }, 'large ids');
  });
});

test('inputs with gaps', () => {
  scope(() => {
    const shape: Shape = [2, 3, 10, 33];
    const ids = idsOf('long runs', shape);
    const wide = ops.cat([mapTensor(ids, shape), ops.zeros([2, 1, 10, 5], { dtype: 'int32' })], 3);
    const instances = ops.narrow(wide, 3, 0, 33);
    const features = leaf(ops.detach(ops.transpose(normal(new RandomGenerator(65), [2, 3, 33, 10]), 2, 3)));
    assert.equal(features.strides[3], 10);
    const pooled = ops.poolByInstance(features, instances);
    assertClose(pooled, byDefinition(features, ids), { absolute: 1e-14 });
    // The gradient of a sum is one number, repeated without memory of its own: each mean of ones is one.
    assertClose(grad(ops.sum(pooled), [features])[0]!, new Array<number>(numbers(features).length).fill(1), {});
  });
});

test('neither the rest of the batch nor the number of threads changes a bit', () => {
  const threads = getThreads();
  try {
    scope(() => {
      const shape: Shape = [2, 3, 110, 120];
      const instances = mapTensor(idsOf('long runs', shape), shape);
      for (const order of memoryOrders) {
        const features = normal(new RandomGenerator(66), shape, 'float32', order);
        setThreads(1);
        const pooled = ops.poolByInstance(features, instances);
        setThreads(2);
        assertClose(ops.poolByInstance(features, instances), pooled, {}, `${order}: two threads`);
        for (let image = 0; image < 2; image++) {
          const alone = ops.poolByInstance(ops.narrow(features, 0, image, 1), ops.narrow(instances, 0, image, 1));
          assertClose(alone, ops.narrow(pooled, 0, image, 1), {}, `${order}: image ${image}`);
        }
      }
    });
  } finally {
    setThreads(threads);
  }
});

test('sums are not rounded, and a NaN stays in its instance', () => {
  scope(() => {
    // A sum of ones in bfloat16 stops growing at 256.
    const ones = ops.ones([1, 1, 200, 200], { dtype: 'bfloat16' });
    const one = ops.poolByInstance(ones, ops.zeros([1, 1, 200, 200], { dtype: 'int32' }));
    assertClose(one, exact(ones), {});
    const pooled = ops.poolByInstance(
      tensor([1, Number.NaN, 3, 5], [1, 1, 2, 2]),
      tensor(Int32Array.of(1, 2, 1, 2), [1, 1, 2, 2]),
    );
    assert.deepEqual(numbers(pooled), [2, Number.NaN, 2, Number.NaN]);
  });
});

test('no pixels, no images', () => {
  scope(() => {
    for (const shape of [
      [0, 3, 4, 4],
      [2, 3, 0, 4],
      [2, 0, 4, 4],
    ] as const)
      for (const pool of [ops.poolByInstance, ops.poolByInstancePlain]) {
        const [images, , height, width] = shape;
        const pooled = pool(ops.zeros(shape), ops.zeros([images, 1, height, width], { dtype: 'int32' }));
        assert.deepEqual(pooled.shape, shape);
      }
  });
});

test('what the backward pass needs is freed with the result', () => {
  scope(() => {
    const features = leaf(normal(new RandomGenerator(67), [1, 3, 32, 32]));
    const instances = mapTensor(idsOf('long runs', [1, 3, 32, 32]), [1, 3, 32, 32]);
    const before = memoryStats();
    scope(() => {
      grad(ops.sum(ops.poolByInstance(features, instances)), [features]);
    });
    assert.deepEqual(memoryStats(), before);
  });
  // No tensor holds the instances, so a process is asked for its size: 150 MiB more if 1.5 MiB stayed of each step. It has
  // glibc map such blocks one by one; otherwise what small things lie between them until collected hides what is freed.
  const program = `
    import { grad, ops, scope, tensor } from ${JSON.stringify(new URL('../../src/index.js', import.meta.url).href)};
    const features = ops.zeros([1, 3, 256, 256]);
    features.requiresGrad = true;
    const instances = tensor(Int32Array.from({ length: 65536 }, (_, i) => i), [1, 1, 256, 256]);
    const steps = count => {
      for (let i = 0; i < count; i++) scope(() => void grad(ops.sum(ops.poolByInstance(features, instances)), [features]));
    };
    steps(10);
    const before = process.memoryUsage.rss();
    steps(100);
    console.log((process.memoryUsage.rss() - before) / 2 ** 20);`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    env: { ...process.env, MALLOC_MMAP_THRESHOLD_: '131072' },
  });
  assert.equal(status, 0, stderr);
  assert.ok(Number(stdout) < 50, `100 steps grew the process by ${stdout.trim()} MiB`);
});

test('what does not fit is refused with what was found', () => {
  scope(() => {
    const features = ops.zeros([2, 3, 4, 5]);
    for (const pool of [ops.poolByInstance, ops.poolByInstancePlain]) {
      assert.throws(
        () => pool(features, ops.zeros([2, 1, 4, 4], { dtype: 'int32' })),
        /need instance ids \[2, 1, 4, 5\], found \[2, 1, 4, 4\]/,
      );
      assert.throws(() => pool(features, ops.zeros([2, 1, 4, 5])), /expected integer instance ids, found Float/);
      assert.throws(
        () => pool(ops.zeros([4, 5]), ops.zeros([4, 5], { dtype: 'int32' })),
        /expected features \(N, C, H, W\), found \[4, 5\]/,
      );
    }
    assert.throws(
      () =>
        ops.poolByInstance(ops.zeros([1, 1, 2, 2], { dtype: 'int32' }), ops.zeros([1, 1, 2, 2], { dtype: 'int32' })),
      /dtype Int is not supported; use float32, float64 or bfloat16/,
    );
  });
});
