/** Shapes against their formulas, pixel by pixel. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mask } from '../../src/document/mask.js';
import { area, ellipse, polygon, rectangle, stroke } from '../../src/document/shapes.js';
import { draws } from '../support.js';

const canvas = { width: 60, height: 40 };

function assertPixels(mask: Mask, inside: (x: number, y: number) => boolean | 'either', what: string): void {
  for (let y = 0; y < canvas.height; y++)
    for (let x = 0; x < canvas.width; x++) {
      const expected = inside(x + 0.5, y + 0.5);
      if (expected !== 'either') assert.equal(mask.has(x, y), expected, `${what}: ${x}, ${y}`);
    }
}

test('rectangles and ellipses', () => {
  assert.deepEqual(rectangle(canvas, { x: 10.2, y: 30 }, { x: 5.9, y: 20.5 }).bounds, {
    x: 5,
    y: 20,
    width: 6,
    height: 11,
  });
  const [a, b] = [
    { x: 3, y: 5 },
    { x: 47, y: 33 },
  ];
  assertPixels(ellipse(canvas, a, b), (x, y) => ((x - 25) / 22) ** 2 + ((y - 19) / 14) ** 2 <= 1, 'ellipse');
  assert.equal(ellipse(canvas, { x: 5.5, y: 5.5 }, { x: 5.5, y: 5.5 }).area, 1);
});

test('a stroke is what is within half the brush of the line, and never nothing', () => {
  const points = [
    { x: 10, y: 10 },
    { x: 40, y: 25 },
    { x: 20, y: 35 },
  ];
  const distance = (x: number, y: number) =>
    Math.min(
      ...[0, 1].map(i => {
        const [p, q] = [points[i]!, points[i + 1]!];
        const [dx, dy] = [q.x - p.x, q.y - p.y];
        const t = Math.max(0, Math.min(1, ((x - p.x) * dx + (y - p.y) * dy) / (dx ** 2 + dy ** 2)));
        return Math.hypot(x - p.x - t * dx, y - p.y - t * dy);
      }),
    );
  for (const size of [3, 8, 15]) {
    const mask = stroke(canvas, points, [size, size, size]);
    assertPixels(
      mask,
      (x, y) => (Math.abs(distance(x, y) - size / 2) < 0.1 ? 'either' : distance(x, y) < size / 2),
      `size ${size}`,
    );
  }
  for (const [x, y] of [
    [7.01, 9.99],
    [0, 0],
    [59.5, 39.5],
  ] as const)
    assert.ok(stroke(canvas, [{ x, y }], [1]).has(Math.floor(x), Math.floor(y)));
  const thin = stroke(
    canvas,
    [
      { x: 2.5, y: 2.5 },
      { x: 50.5, y: 30.5 },
    ],
    [1, 1],
  );
  for (let x = 2; x <= 50; x++)
    assert.ok(
      [...Array(40).keys()].some(y => thin.has(x, y)),
      `column ${x}`,
    );
});

test('a polygon has the pixels whose centres it encloses an odd number of times', () => {
  for (let seed = 0; seed < 20; seed++) {
    const draw = draws(seed);
    const points = Array.from({ length: 3 + draw(6) }, () => ({ x: draw(600) / 10 - 0.03, y: draw(400) / 10 - 0.03 }));
    const odd = (x: number, y: number) =>
      points.reduce((inside, p, i) => {
        const q = points[(i + 1) % points.length]!;
        const crosses = p.y > y !== q.y > y && x < p.x + ((y - p.y) / (q.y - p.y)) * (q.x - p.x);
        return crosses ? !inside : inside;
      }, false);
    assertPixels(polygon(canvas, points), odd, `seed ${seed}`);
  }
});

test('an area is what can be reached over equal values', () => {
  for (let seed = 0; seed < 20; seed++) {
    const draw = draws(seed);
    const { width, height } = canvas;
    const values = Uint16Array.from({ length: width * height }, () => (draw(100) < 62 ? 1 : 2));
    const start = { x: draw(width) + 0.5, y: draw(height) + 0.5 };
    const reached = new Set([Math.floor(start.y) * width + Math.floor(start.x)]);
    for (const at of reached)
      for (const [dx, dy] of [
        [1, 0],
        [-1, 0],
        [0, 1],
        [0, -1],
      ] as const) {
        const [x, y] = [(at % width) + dx, Math.floor(at / width) + dy];
        const next = y * width + x;
        if (x >= 0 && y >= 0 && x < width && y < height && values[next] === values[at]) reached.add(next);
      }
    const mask = area({ ...canvas, values }, start);
    assert.equal(mask.area, reached.size);
    assertPixels(mask, (x, y) => reached.has(Math.floor(y) * width + Math.floor(x)), `seed ${seed}`);
  }
  assert.ok(area({ ...canvas, values: new Uint16Array(2400) }, { x: -1, y: 5 }).isEmpty);
});
