/** What one transform leaves: parallax of near objects, and a field that no stiff model follows, the same in every pair. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimateRig, identity, type Pair, type Remaining } from '../../../src/prepare/alignment/index.js';
import { photograph, random, Scene, type View } from './scene.js';

const size = { width: 320, height: 200 };

/** Views of A and B of pair k. */
type Views = (k: number) => readonly [a: View, b: View];

function left(views: Views, count: number): Remaining {
  const pairs: Pair[] = Array.from({ length: count }, (_, k) => {
    const [a, b] = views(k);
    return { a: photograph(a, size, 'thermal', 6, k), b: photograph(b, size, 'rgb', 6, 90 + k) };
  });
  const found = estimateRig(pairs, 'similarity', { start: identity, range: { shift: 0.05, scale: 1, degrees: 0 } });
  assert.ok(found.known);
  return found.remaining;
}

const plane: Views = k => {
  const scene = new Scene(300 + k, size, 110);
  return [(x, y) => scene.at(x, y), (x, y) => scene.at(x - 3, y - 2)];
};

/** Half of each picture, another half in every pair, is near: seen `by` pixels further to the right by B. */
const layers =
  (by: number): Views =>
  k => {
    const next = random(k + 5);
    const far = new Scene(300 + k, size, 110);
    const near = new Scene(400 + k, size, 110);
    const from = next() * 0.5 * size.width;
    const isNear = (x: number) => x > from && x < from + 0.4 * size.width;
    const view =
      (shift: number): View =>
      (x, y) =>
        isNear(x - shift) ? near.at(x - shift, y) : far.at(x, y);
    return [view(0), view(by)];
  };

test('a plane leaves next to nothing', () => {
  const { median, percentile90, parallax, telling, blocks } = left(plane, 6);
  assert.ok(telling > 0.5 * blocks, `${telling} of ${blocks}`);
  assert.ok(median! < 0.3 && percentile90! < 0.8, `${median} ${percentile90}`);
  assert.ok(parallax!.pixels < 0.25, `${parallax!.pixels} px`);
});

test('two depths are reported as parallax, along the line between the cameras, the farther the more', () => {
  const some = left(layers(3), 6).parallax!;
  const more = left(layers(6), 6).parallax!;
  // Values of 0 and d, each for about half of the blocks, have a standard deviation of d/2 at most; what is near in every pair
  // is not told from a lens, and lowers it.
  assert.ok(some.pixels > 0.7 && some.pixels < 1.6, `${some.pixels} px`);
  assert.ok(more.pixels > 1.25 * some.pixels && more.pixels < 3.2, `${more.pixels} px`);
  assert.ok(Math.abs(some.degrees) < 12 && Math.abs(more.degrees) < 12, `${some.degrees}° ${more.degrees}°`);
});

test('a lens that bends is systematic, not parallax', () => {
  const bent: Views = k => {
    const scene = new Scene(300 + k, size, 110);
    const lens: View = (u, v) => {
      const [x, y] = [(u - 160) / 160, (v - 100) / 160];
      const factor = 1 + 0.03 * (x * x + y * y);
      return scene.at(160 + 160 * x * factor, 100 + 160 * y * factor);
    };
    return [(x, y) => scene.at(x, y), lens];
  };
  const { systematic, parallax } = left(bent, 8);
  assert.ok(systematic! > 1, `${systematic} px`);
  assert.ok(parallax!.pixels < 0.35, `${parallax!.pixels} px`);
  assert.ok(left(plane, 8).systematic! < 0.7);
});
