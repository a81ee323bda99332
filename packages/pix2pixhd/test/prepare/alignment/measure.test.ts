/** Single pairs, and the figures of a set. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  compose,
  identity,
  measureAlignment,
  rotation,
  scaling,
  summarizeAlignment,
  translation,
} from '../../../src/prepare/alignment/index.js';
import { nothing, photograph, Scene, through, type View } from './scene.js';

const size = { width: 180, height: 120 };
/** Less to try, which takes less time. */
const near = { range: { shift: 0.08, scale: 1.04, degrees: 2.5 } };
const scene = (seed: number) => new Scene(seed, size, 60);

test('images that lie over each other measure nothing, inverted contrast or not', () => {
  const view = through(scene(1), identity);
  const a = photograph(view, size, 'thermal', 5, 1);
  const negative = { ...a, data: a.data.map(v => 255 - v) };
  for (const b of [photograph(view, size, 'rgb', 5, 2), negative]) {
    const found = measureAlignment(a, b);
    assert.ok(found.known);
    const { mean, uncertainty } = found.displacement;
    assert.ok(mean < 0.25, `${mean} px`);
    assert.ok(mean < 3 * uncertainty.mean + 0.02, `${mean} ± ${uncertainty.mean}`);
  }
});

test('a displacement is measured in pixels of A, whatever the size of B', () => {
  const shifted = compose(scaling(2), translation(4, -3));
  const truth = through(scene(2), compose(translation(-4, 3), scaling(0.5)));
  const a = photograph(through(scene(2), identity), size, 'thermal', 5, 1);
  const b = photograph(truth, { width: 360, height: 240 }, 'rgb', 5, 2);
  const found = measureAlignment(a, b);
  assert.ok(found.known);
  assert.ok(Math.abs(found.displacement.centre.x - 4) < 0.3, String(found.displacement.centre.x));
  assert.ok(Math.abs(found.displacement.centre.y + 3) < 0.3, String(found.displacement.centre.y));
  assert.ok(Math.abs(found.displacement.mean - 5) < 0.4, String(found.displacement.mean));
  const expected = measureAlignment(a, b, { expected: shifted });
  assert.ok(expected.known && expected.displacement.mean < 0.3, 'what is expected is no displacement');
});

test('16 bits of little contrast, and floating point, say the same as 8 bits', () => {
  const turned = rotation(0.02, 1.01);
  const a = photograph(through(scene(3), identity), size, 'thermal', 5, 1);
  const b = photograph(through(scene(3), turned), size, 'rgb', 5, 2);
  const results = [
    a,
    { ...a, data: Uint16Array.from(a.data, v => 29000 + 4 * v) },
    { ...a, data: Float32Array.from(a.data, v => v / 255) },
  ].map(image => measureAlignment(image, b, near));
  for (const one of results) {
    assert.ok(one.known && results[0]!.known);
    assert.ok(Math.abs(one.displacement.mean - results[0]!.displacement.mean) < 0.02);
  }
});

test('constant, noisy, unrelated and tiny images are refused', () => {
  const a = photograph(through(scene(4), identity), size, 'thermal', 5, 1);
  const b = photograph(through(scene(4), identity), size, 'rgb', 5, 1);
  const flat = photograph(nothing, size, 'rgb', 0, 1);
  assert.deepEqual(measureAlignment(a, flat), { known: false, reason: 'no-edges' });
  assert.deepEqual(measureAlignment(flat, flat), { known: false, reason: 'no-edges' });
  for (let seed = 0; seed < 2; seed++) {
    assert.ok(!measureAlignment(a, photograph(nothing, size, 'rgb', 80, seed), near).known, `noise ${seed}`);
    assert.ok(!measureAlignment(a, photograph(through(scene(20 + seed), identity), size, 'rgb', 5, 1), near).known);
  }
  // Bars that repeat fit at every period.
  const bars: View = x => (Math.floor(x / 8) % 2 === 0 ? [200, 200, 200, 30] : [90, 90, 90, 150]);
  const striped = photograph(bars, size, 'rgb', 4, 1);
  assert.ok(!measureAlignment(photograph(bars, size, 'thermal', 4, 2), striped).known);
  const tiny = { ...a, width: 6, height: 5, data: a.data.slice(0, 30) };
  assert.ok(!measureAlignment(tiny, { ...b, width: 6, height: 5, data: b.data.slice(0, 90) }).known);
});

test('a set: median, its interval by order statistics, and who does not tell', () => {
  const told = (mean: number) => ({
    known: true as const,
    displacement: { centre: { x: mean, y: -mean }, mean, corners: mean, uncertainty: { mean: 0, corners: 0 } },
  });
  const values = [9, 1, 8, 2, 7, 3, 6, 4, 5];
  const summary = summarizeAlignment([...values.map(told), { known: false, reason: 'no-peak' }]);
  assert.equal(summary.pairs, 10);
  assert.equal(summary.cannotTell, 1);
  assert.deepEqual(summary.reasons, { 'no-peak': 1 });
  assert.equal(summary.median, 5);
  assert.deepEqual(summary.common, { x: 5, y: -5 });
  // Of nine values the second and the eighth: P(fewer than two below the median) = 10 / 512 < 2.5 %, with three 46 / 512.
  assert.deepEqual(summary.interval, [2, 8]);
  assert.equal(summarizeAlignment(values.slice(0, 5).map(told)).interval, undefined);
  assert.equal(summarizeAlignment([{ known: false, reason: 'no-edges' }]).median, undefined);
  const many = summarizeAlignment(Array.from({ length: 2000 }, (_, k) => told(k)));
  assert.ok(many.interval![0] > 950 && many.interval![0] < 960 && many.interval![1] > 1039 && many.interval![1] < 1049);
});
