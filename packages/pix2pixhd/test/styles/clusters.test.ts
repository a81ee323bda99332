/** Clusters of a class: separated groups are found, points count once, or by their area with area weights. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/data/random.js';
import { type ClusterOptions, clusterPoints, type StylePoint } from '../../src/styles/clusters.js';

const options: ClusterOptions = { clusters: 10, seed: 0, areaWeights: false };

/** A normal deviate, by Box and Muller. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
}

/** Points about given centres, so far apart that no point is nearer to another centre; in a mixed order. */
function blobs(seed: number): { points: StylePoint[]; centres: number[][]; sizes: number[] } {
  const random = new Random(seed);
  const sizes = [1, 3, 7, 20, 41, 90];
  const centres = sizes.map((_, k) => [(k % 2) - 0.5, Math.floor(k / 2) / 2 - 0.5, (k * 2) / 5 - 1]);
  const points = sizes.flatMap((size, k) =>
    Array.from({ length: size }, () => ({
      style: centres[k]!.map(value => value + 0.004 * normal(random)),
      pixels: 1 + random.integer(500),
      order: random.uniform(),
    })),
  );
  return { points: points.sort((a, b) => a.order - b.order), centres, sizes };
}

const nearestOf = (centres: readonly number[][], feature: ArrayLike<number>) => {
  const distances = centres.map(centre => Math.hypot(...centre.map((value, c) => value - feature[c]!)));
  return distances.indexOf(Math.min(...distances));
};

test('separated blobs are found exactly: every centre the mean of its blob, the smallest of one point included', () => {
  for (let seed = 0; seed < 10; seed++) {
    const { points, centres, sizes } = blobs(seed);
    const { clusters } = clusterPoints(points, { ...options, clusters: 6, seed });
    assert.deepEqual(
      clusters.map(({ count }) => count),
      [...sizes].reverse(),
    );
    clusters.forEach((cluster, k) => {
      const blob = 5 - k;
      const own = points.filter(({ style }) => nearestOf(centres, style) === blob);
      [...cluster.centre].forEach((value, c) => {
        const mean = own.reduce((sum, { style }) => sum + style[c]!, 0) / own.length;
        assert.ok(Math.abs(value - mean) < 1e-6, `seed ${seed}, blob ${blob}: ${value}, not ${mean}`);
      });
      assert.equal(nearestOf(centres, points[cluster.representative]!.style), blob);
    });
  }
});

test('mean and spread are those of the definition', () => {
  const { points } = blobs(3);
  const { mean, spread } = clusterPoints(points, options);
  const expected = [0, 1, 2].map(c => points.reduce((sum, { style }) => sum + style[c]!, 0) / points.length);
  expected.forEach((value, c) => {
    assert.ok(Math.abs(mean[c]! - value) < 1e-6);
  });
  const squares = points.map(({ style }) => expected.reduce((sum, value, c) => sum + (style[c]! - value) ** 2, 0));
  assert.ok(Math.abs(spread - Math.sqrt(squares.reduce((a, b) => a + b) / points.length)) < 1e-12);
});

test('one seed gives one result; where clusters are ambiguous another seed may give another', () => {
  const random = new Random(8);
  const cloud = Array.from({ length: 400 }, () => ({ style: [random.uniform(), random.uniform()], pixels: 1 }));
  const results = Array.from({ length: 8 }, (_, seed) => clusterPoints(cloud, { ...options, seed }));
  results.forEach((result, seed) => {
    assert.deepEqual(clusterPoints(cloud, { ...options, seed }), result);
    const counts = result.clusters.map(({ count }) => count);
    assert.equal(counts.length, 10);
    assert.equal(
      counts.reduce((a, b) => a + b),
      400,
    );
    assert.deepEqual(
      [...counts].sort((a, b) => b - a),
      counts,
    );
  });
  assert.ok(results.some(result => result.clusters[0]!.centre[0] !== results[0]!.clusters[0]!.centre[0]));
});

test('there are no more clusters than different points', () => {
  const twice = [0.25, 0.5, 0.25, 0.5, 0.25].map(value => ({ style: [value, 0], pixels: 4 }));
  const { clusters, spread } = clusterPoints(twice, options);
  assert.deepEqual(
    clusters.map(({ centre, count }) => [centre[0], count]),
    [
      [0.25, 3],
      [0.5, 2],
    ],
  );
  assert.ok(spread > 0);
  const alike = clusterPoints([twice[0]!, twice[2]!], options);
  assert.deepEqual([alike.clusters.length, alike.clusters[0]!.count, alike.spread], [1, 2, 0]);
  assert.throws(() => clusterPoints([], options), /no points/);
});

test('area weights: the centre of a group is the mean weighted by area', () => {
  // By hand: (1 · 0 + 3 · 0.4) / 4 = 0.3, and (6 · 10 + 2 · 12) / 8 = 10.5; without weights 0.2 and 11.
  const points = [
    { style: [0], pixels: 100 },
    { style: [0.4], pixels: 300 },
    { style: [10], pixels: 600 },
    { style: [12], pixels: 200 },
  ];
  const centresOf = (areaWeights: boolean, seed: number) =>
    clusterPoints(points, { clusters: 2, seed, areaWeights })
      .clusters.map(({ centre }) => centre[0]!)
      .sort((a, b) => a - b);
  assert.deepEqual(centresOf(false, 0), [Math.fround(0.2), 11]);
  for (let seed = 0; seed < 5; seed++) {
    const [low, high] = centresOf(true, seed);
    // Resampling rounds a weight by one of 4096 points.
    assert.ok(Math.abs(low! - 0.3) < 0.4 / 1000 && Math.abs(high! - 10.5) < 2 / 1000, `${low}, ${high}`);
  }
  const { mean, clusters } = clusterPoints(points, { clusters: 2, seed: 1, areaWeights: true });
  assert.ok(Math.abs(mean[0]! - (0.4 * 300 + 6000 + 2400) / 1200) < 0.01);
  assert.deepEqual(
    clusters.map(({ count }) => count),
    [2, 2],
  );
});

test('the instance shown for a cluster is near its centre, and of those the largest', () => {
  const shown = (points: StylePoint[]) =>
    clusterPoints(points, { ...options, clusters: 1 }).clusters[0]!.representative;
  const at = (value: number, pixels: number) => ({ style: [value], pixels });
  // Centre 0, radius √(2.02 / 5) ≈ 0.64: the two at 1 are larger, but not like the rest.
  assert.equal(shown([at(-1, 900), at(-0.1, 5), at(0, 2), at(0.1, 60), at(1, 900)]), 3);
  assert.equal(shown([at(-1, 900), at(1, 901)]), 1);
});
