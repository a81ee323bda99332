/**
 * One transform for a rig, on scenes whose edges coincide in both cameras while colours and temperatures have nothing to do with each
 * other. The truth is known: the scenes are drawn through it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../../../src/errors.js';
import {
  centred,
  compose,
  cornerDistance,
  estimateRig,
  identity,
  invert,
  type Pair,
  type Rig,
  rotation,
  scaling,
  type Transform,
  type TransformModel,
  translation,
} from '../../../src/prepare/alignment/index.js';
import { nothing, photograph, Scene, through } from './scene.js';

const sizeA = { width: 160, height: 112 };
const sizeB = { width: 192, height: 144 };
/** Most tests look where the truth is, which takes less time. */
const near = { range: { shift: 0.1, scale: 1.08, degrees: 5 } };

/** Pairs of a rig: A sees the scene as it is, B through the inverse of the transform. */
function rig(transform: Transform, count: number, seed = 1): readonly Pair[] {
  return Array.from({ length: count }, (_, k) => {
    const scene = new Scene(seed + k, sizeA, 50);
    return {
      a: photograph(through(scene, identity), sizeA, 'thermal', 8, 100 + k),
      b: photograph(through(scene, invert(transform)), sizeB, 'rgb', 8, 200 + k),
    };
  });
}

/** What B sees of A's point p, about the middles of both. */
const about = (t: Transform) =>
  compose(translation(sizeB.width / 2, sizeB.height / 2), t, translation(-sizeA.width / 2, -sizeA.height / 2));

function known(result: ReturnType<typeof estimateRig>): Rig {
  assert.ok(result.known, `the images do not tell: ${result.known ? '' : result.reason}`);
  return result;
}

const cases: readonly [TransformModel, Transform][] = [
  ['shift', translation(7.3, -4.6)],
  ['similarity', compose(translation(-6, 5), rotation(0.07, 1.06))],
  ['affine', compose(translation(3, -5), [1.05, 0.03, 0, -0.02, 0.97, 0, 0, 0, 1])],
  ['homography', compose(translation(6, 3), rotation(-0.05, 0.95), [1, 0, 0, 0, 1, 0, 3e-4, -2e-4, 1])],
];

for (const [model, offset] of cases) {
  test(`${model}: found to a third of a pixel at the corners, and the interval says so`, () => {
    const truth = about(offset);
    const found = known(estimateRig(rig(truth, 5), model, { start: about(identity), ...near }));
    const error = cornerDistance(found.transform, truth, sizeA);
    assert.ok(error < 0.34, `${error} px`);
    const { corners } = found.displacement.uncertainty;
    assert.ok(corners > 0.005 && corners < 0.5, `± ${corners}`);
    assert.ok(error < 3 * corners + 0.05, `an error of ${error} with ± ${corners}`);
    assert.ok(found.remaining.median! < 0.5, `${found.remaining.median} px are left`);
    assert.ok(found.correlation > 0.4);
  });
}

test('a wider camera of more pixels: B is scaled before anything is compared', () => {
  const wide = { width: 384, height: 216 };
  const truth = compose(translation(wide.width / 2 + 9, wide.height / 2 - 6), scaling(1.75), translation(-80, -56));
  const pairs = [1, 2].map(seed => {
    const scene = new Scene(seed, { width: 230, height: 130 }, 90);
    const place = translation(34, 8);
    return {
      a: photograph(through(scene, place), sizeA, 'thermal', 5, seed),
      b: photograph(through(scene, compose(place, invert(truth))), wide, 'rgb', 5, seed + 9),
    };
  });
  // The areas alone would suggest a factor of 2.15.
  const found = known(estimateRig(pairs, 'similarity'));
  assert.ok(Math.abs(centred(sizeA, wide)[0] - 2.15) < 0.01);
  const error = cornerDistance(found.transform, truth, sizeA);
  assert.ok(error < 0.8, `${error} pixels of B, 1.75 to one of A`);
});

test('the same pairs give the same numbers', () => {
  const pairs = rig(about(translation(4, 2)), 2);
  assert.deepEqual(estimateRig(pairs, 'affine', near), estimateRig(pairs, 'affine', near));
});

test('pairs that say nothing, or something else, do not matter', () => {
  const truth = about(compose(translation(5, -3), rotation(0.03, 1.02)));
  const good = rig(truth, 4);
  const flat = { ...good[0]!.a, data: good[0]!.a.data.slice().fill(90) };
  const others = rig(truth, 2, 50);
  const odd: Pair[] = [{ a: flat, b: good[0]!.b }, ...others.map(({ a }, k) => ({ a, b: good[k]!.b }))];
  const found = known(estimateRig([...good, ...odd], 'similarity', { start: about(identity), ...near }));
  const error = cornerDistance(found.transform, truth, sizeA);
  assert.ok(error < 0.5, `${error} px`);
  const weights = found.pairs.map(({ weight }) => weight);
  assert.ok(Math.min(...weights.slice(0, 4)) > 0.5, String(weights));
  assert.ok(Math.max(...weights.slice(4)) < 0.4, String(weights));
});

test('constant images, noise and unrelated scenes are refused', () => {
  const pairs = rig(about(identity), 3);
  const flat = pairs.map(({ b }) => ({ a: { ...pairs[0]!.a, data: pairs[0]!.a.data.slice().fill(90) }, b }));
  assert.deepEqual(estimateRig(flat, 'similarity', near), { known: false, reason: 'no-edges' });
  const noise = pairs.map(({ b }, k) => ({ a: photograph(nothing, sizeA, 'thermal', 90, k), b }));
  assert.ok(!estimateRig(noise, 'similarity', near).known);
  const unrelated = rig(about(identity), 3, 70).map(({ a }, k) => ({ a, b: pairs[k]!.b }));
  assert.ok(!estimateRig(unrelated, 'similarity', near).known);
});

test('pairs of several sizes are one clear error that names the pair', () => {
  const [first, second] = rig(about(identity), 2) as [Pair, Pair];
  const odd = { ...second, name: 'night/0007.png', b: first.a };
  assert.throws(
    () => estimateRig([first, odd], 'shift'),
    (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.equal(error.code, 'SIZE_MISMATCH');
      assert.equal(error.parts.where, 'night/0007.png');
      assert.match(error.parts.found, /160×112 and 160×112/);
      return true;
    },
  );
  assert.throws(() => estimateRig([], 'shift'), RangeError);
});
