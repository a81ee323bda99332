/** Masks against plain sets of pixels. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mask } from '../../src/document/mask.js';
import { draws } from '../support.js';

const [width, height] = [150, 90];

/** Some rectangles and single pixels, as a mask and as a set. */
function random(draw: (n: number) => number): { mask: Mask; set: Set<number> } {
  const set = new Set<number>();
  const mask = Mask.build(width, height, add => {
    for (let i = 0; i < 6; i++) {
      const [x, y, w, h] = [draw(width), draw(height), 1 + draw(70), 1 + draw(30)];
      for (let v = y; v < y + h; v++) {
        add(v, x, x + w);
        for (let u = x; u < x + w; u++) if (u < width && v < height) set.add(v * width + u);
      }
    }
  });
  return { mask, set };
}

function pixels(mask: Mask): Set<number> {
  const set = new Set<number>();
  for (const [y, from, to] of mask.runs()) for (let x = from; x < to; x++) set.add(y * width + x);
  return set;
}

test('union and difference are those of sets; runs, area, bounds and membership agree', () => {
  for (let seed = 0; seed < 50; seed++) {
    const draw = draws(seed);
    const [a, b] = [random(draw), random(draw)];
    for (const { mask, set } of [a, b]) {
      assert.deepEqual(pixels(mask), set);
      assert.equal(mask.area, set.size);
      const { x, y, width: w, height: h } = mask.bounds!;
      const [columns, rows] = [[...set].map(p => p % width), [...set].map(p => Math.floor(p / width))];
      assert.deepEqual(
        [x, y, x + w - 1, y + h - 1],
        [Math.min(...columns), Math.min(...rows), Math.max(...columns), Math.max(...rows)],
      );
      for (let i = 0; i < 100; i++) {
        const [u, v] = [draw(width), draw(height)];
        assert.equal(mask.has(u, v), set.has(v * width + u));
      }
    }
    const expected = {
      union: new Set([...a.set, ...b.set]),
      subtract: new Set([...a.set].filter(p => !b.set.has(p))),
    };
    for (const name of ['union', 'subtract'] as const)
      assert.deepEqual(pixels(a.mask[name](b.mask)), expected[name], name);
    assert.equal(
      a.mask.meets(b.mask),
      [...a.set].some(p => b.set.has(p)),
    );
    assert.ok(a.mask.union(b.mask).subtract(b.mask.subtract(a.mask)).equals(a.mask));
    const inside = { x: 20, y: 10, width: 100, height: 50 };
    let area = 0;
    for (const [y, from, to] of a.mask.runs(inside)) {
      assert.ok(y >= 10 && y < 60 && from >= 20 && to <= 120 && from < to);
      area += to - from;
    }
    assert.equal(
      area,
      [...a.set].filter(p => p % width >= 20 && p % width < 120 && p >= 10 * width && p < 60 * width).length,
    );
  }
});

test('an edit copies the tiles it changes, and no others', () => {
  const full = Mask.build(2048, 1024, add => {
    for (let y = 0; y < 1024; y++) add(y, 0, 2048);
  });
  const dot = Mask.build(2048, 1024, add => add(500, 650, 660));
  assert.equal(full.subtract(dot).bytesBeside(full), 512);
  assert.equal(full.union(dot).bytesBeside(full), 0);
});

test('moved, turned and scaled', () => {
  const square = Mask.build(width, height, add => {
    for (let y = 20; y < 40; y++) add(y, 30, 60);
  });
  assert.deepEqual(square.transformed([1, 0, 0, 1, 7, -3]).bounds, { x: 37, y: 17, width: 30, height: 20 });
  assert.ok(square.transformed([1, 0, 0, 1, 7, -3]).transformed([1, 0, 0, 1, -7, 3]).equals(square));
  // A quarter turn about (45, 30): 30 × 20 becomes 20 × 30.
  assert.deepEqual(square.transformed([0, 1, -1, 0, 75, -15]).bounds, { x: 35, y: 15, width: 20, height: 30 });
  assert.equal(square.transformed([2, 0, 0, 2, -45, -30]).area, 4 * square.area);
  assert.ok(square.transformed([1, 0, 0, 1, 500, 0]).isEmpty);
  assert.ok(square.transformed([0, 0, 0, 0, 40, 30]).isEmpty);
});
