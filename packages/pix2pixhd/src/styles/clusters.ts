/**
 * The styles of a class: k-means over the style features of its instances (section 3.4, K = 10). Depends on ml-kmeans and
 * seeded random numbers.
 */
import { kmeans } from 'ml-kmeans';
import { Random } from '../data/random.js';

/** One instance of the training set as a point in the space of style features. */
export interface StylePoint {
  /** Its style features: the encoder's output averaged over the instance, one number per channel. */
  readonly style: ArrayLike<number>;
  /** Its area. */
  readonly pixels: number;
}

/** How points are clustered. */
export interface ClusterOptions {
  /** Number of clusters, K; fewer where there are fewer different points. */
  readonly clusters: number;
  readonly seed: number;
  /** Count an instance by its area. Otherwise each counts once, however small. */
  readonly areaWeights: boolean;
}

/** A group of instances that look alike to the encoder. */
export interface Cluster {
  readonly centre: Float32Array;
  /** Instances whose nearest centre this is. */
  readonly count: number;
  /** Index of the point that best shows what the cluster looks like. */
  readonly representative: number;
}

/** The clusters of a class, and what its points have in common. */
export interface PointClusters {
  readonly mean: Float32Array;
  /** Root mean square distance of the instances from the mean: 0 where all look alike to the encoder. */
  readonly spread: number;
  /** Largest first. */
  readonly clusters: readonly Cluster[];
}

/** k-means converges to a local optimum, so several starts are tried and the tightest clusters kept. */
const starts = 5;
/** Lower bound on the points that areas are resampled to; rounding moves a weight by less than one of them. */
const leastResampled = 4096;

/**
 * Clusters the instances of one class. Equal points, options and order give equal clusters.
 *
 * @param points at least one.
 */
export function clusterPoints(points: readonly StylePoint[], options: ClusterOptions): PointClusters {
  if (points.length === 0) throw new RangeError('clusterPoints: no points');
  const styles = points.map(({ style }) => Array.from(style));
  const counted = options.areaWeights ? resampleByArea(points, options.seed).map(i => styles[i]!) : styles;
  const mean = meanOf(counted);
  const centres = kMeansCentres(counted, Math.min(options.clusters, countDistinct(counted)), options.seed);
  const members = centres.map((): number[] => []);
  styles.forEach((style, i) => {
    members[nearest(centres, style)]!.push(i);
  });
  return {
    mean: Float32Array.from(mean),
    spread: Math.sqrt(average(styles.map(style => squaredDistance(style, mean)))),
    clusters: centres
      .flatMap((centre, k) => {
        const own = members[k]!;
        if (own.length === 0) return [];
        return {
          centre: Float32Array.from(centre),
          count: own.length,
          representative: representativeOf(own, centre, styles, points),
        };
      })
      .sort((a, b) => b.count - a.count || compareVectors(a.centre, b.centre)),
  };
}

/** The centres of the best of several seeded k-means++ starts. */
function kMeansCentres(data: number[][], k: number, seed: number): number[][] {
  // The library takes 32-bit seeds only.
  const draws = new Random(seed);
  const attempts = Array.from({ length: k === 1 ? 1 : starts }, () => {
    // To the fixed point: without tolerance every centre is the mean of exactly the points nearest to it.
    const { centroids, clusters } = kmeans(data, k, { seed: draws.uint32() >>> 1, tolerance: 0, maxIterations: 300 });
    const inertia = data.reduce((sum, point, i) => sum + squaredDistance(point, centroids[clusters[i]!]!), 0);
    return { centroids, inertia };
  });
  return attempts.reduce((best, attempt) => (attempt.inertia < best.inertia ? attempt : best)).centroids;
}

/**
 * Indices of points, each as often as its area requires. The library has no weights, so areas become copies, by
 * systematic resampling: the areas are laid end to end, a grid of equal steps with one random offset is laid over them, and
 * a point is taken once per grid point on its area. The count differs by less than one from the exact proportion.
 */
function resampleByArea(points: readonly StylePoint[], seed: number): number[] {
  const total = points.reduce((sum, { pixels }) => sum + pixels, 0);
  const wanted = Math.max(leastResampled, 2 * points.length);
  const offset = new Random(seed).uniform();
  const taken: number[] = [];
  let end = 0;
  points.forEach(({ pixels }, i) => {
    end += pixels;
    while (taken.length < wanted && taken.length + offset < (end / total) * wanted) taken.push(i);
  });
  return taken;
}

/** Of the points near the centre the one with the largest area: the style of a speck cannot be seen. */
function representativeOf(
  members: readonly number[],
  centre: readonly number[],
  styles: readonly number[][],
  points: readonly StylePoint[],
): number {
  const distances = members.map(i => Math.sqrt(squaredDistance(styles[i]!, centre)));
  const radius = Math.sqrt(average(distances.map(distance => distance ** 2)));
  const limit = Math.max(
    distances.reduce((least, distance) => Math.min(least, distance)),
    radius / 2,
  );
  const near = members.filter((_, m) => distances[m]! <= limit);
  return near.reduce((best, i) => (points[i]!.pixels > points[best]!.pixels ? i : best));
}

function countDistinct(data: readonly number[][]): number {
  return new Set(data.map(point => point.join())).size;
}

function nearest(centres: readonly number[][], point: readonly number[]): number {
  let best = 0;
  for (let k = 1; k < centres.length; k++)
    if (squaredDistance(point, centres[k]!) < squaredDistance(point, centres[best]!)) best = k;
  return best;
}

function meanOf(data: readonly number[][]): number[] {
  return data[0]!.map((_, c) => average(data.map(point => point[c]!)));
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function squaredDistance(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, c) => sum + (value - b[c]!) ** 2, 0);
}

function compareVectors(a: Float32Array, b: Float32Array): number {
  const c = a.findIndex((value, i) => value !== b[i]);
  return c < 0 ? 0 : a[c]! - b[c]!;
}
