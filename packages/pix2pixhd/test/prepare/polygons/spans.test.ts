/**
 * The scan-line rasteriser against the definition: every pixel centre, with exact arithmetic, by the even-odd rule; and
 * against formulas of areas.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Ring } from '../../../src/prepare/polygons/annotations.js';
import { ellipse, rectangle, turned } from '../../../src/prepare/polygons/rings.js';
import { runsOfPixels } from '../../../src/prepare/polygons/runs.js';
import { type Spans, spansOfMask, spansOfRings } from '../../../src/prepare/polygons/spans.js';

const WIDTH = 23;
const HEIGHT = 17;
/** Coordinates are multiples of 1/64, so that they are whole numbers of this unit; a centre is 32 of them from a corner. */
const UNIT = 64n;

/** Whether a point lies inside, by crossings of the ray to its left; exact. Coordinates in units. */
function isInside(rings: readonly (readonly bigint[])[], px: bigint, py: bigint): boolean {
  let inside = false;
  for (const ring of rings)
    for (let i = 0; i < ring.length; i += 2) {
      const [x0, y0, x1, y1] = [ring[i]!, ring[i + 1]!, ring[(i + 2) % ring.length]!, ring[(i + 3) % ring.length]!];
      if (y0 <= py === y1 <= py) continue;
      // The sign of the cross product tells the side; edges that go up have it turned about.
      const cross = (x1 - x0) * (py - y0) - (px - x0) * (y1 - y0);
      if (y0 < y1 ? cross <= 0n : cross >= 0n) inside = !inside;
    }
  return inside;
}

function pixelsOf({ triples }: Spans, width: number, height: number): Uint8Array {
  const pixels = new Uint8Array(width * height);
  for (let i = 0; i < triples.length; i += 3)
    for (let x = triples[i + 1]!; x < triples[i + 2]!; x++) pixels[triples[i]! * width + x]!++;
  return pixels;
}

function bruteForce(rings: readonly (readonly bigint[])[], fill: 'even-odd' | 'union'): Uint8Array {
  return Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
    const [x, y] = [BigInt(i % WIDTH) * UNIT + 32n, BigInt(Math.floor(i / WIDTH)) * UNIT + 32n];
    const inside = fill === 'union' ? rings.some(ring => isInside([ring], x, y)) : isInside(rings, x, y);
    return inside ? 1 : 0;
  });
}

const coordinate = (side: number) =>
  fc.oneof(
    // Anywhere, inside and far outside; and on corners and centres of pixels, where ties are.
    fc.integer({ min: -10 * 64, max: (side + 10) * 64 }),
    fc.integer({ min: -2 * 2, max: (side + 2) * 2 }).map(half => 32 * half),
    fc.integer({ min: -1_000_000, max: 1_000_000 }),
  );
const ring = fc
  .array(fc.tuple(coordinate(WIDTH), coordinate(HEIGHT)), { minLength: 3, maxLength: 14 })
  .map(points => points.flat());

for (const fill of ['even-odd', 'union'] as const)
  test(`${fill}: random polygons, outside, self-intersecting and through centres, pixel by pixel`, () => {
    let covered = 0;
    fc.assert(
      fc.property(fc.array(ring, { minLength: 1, maxLength: 3 }), rings => {
        const spans = spansOfRings(
          rings.map(units => Float64Array.from(units, unit => unit / 64)),
          fill,
          { width: WIDTH, height: HEIGHT },
        );
        const pixels = pixelsOf(spans, WIDTH, HEIGHT);
        assert.deepEqual(
          pixels,
          bruteForce(
            rings.map(units => units.map(BigInt)),
            fill,
          ),
        );
        assert.equal(
          spans.area,
          pixels.reduce((sum, one) => sum + one, 0),
        );
        covered += spans.area;
      }),
      { numRuns: 1500 },
    );
    // That all were empty would test nothing.
    assert.ok(covered > 1500 * 10, `${covered}`);
  });

test('polygons that share edges cover every pixel once', () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 22, noNaN: true }), fc.double({ min: 1, max: 16, noNaN: true }), (x, y) => {
      const corners = [
        [0, 0],
        [WIDTH, 0],
        [WIDTH, HEIGHT],
        [0, HEIGHT],
      ] as const;
      const sum = new Uint8Array(WIDTH * HEIGHT);
      corners.forEach(([ax, ay], i) => {
        const [bx, by] = corners[(i + 1) % 4]!;
        const triangle = Float64Array.of(ax, ay, bx, by, x, y);
        pixelsOf(spansOfRings([triangle], 'even-odd', { width: WIDTH, height: HEIGHT }), WIDTH, HEIGHT).forEach(
          (one, at) => {
            sum[at]! += one;
          },
        );
      });
      assert.ok(sum.every(one => one === 1));
    }),
    { numRuns: 500 },
  );
});

/** Half the sum of cross products. */
function shoelace(corners: Ring): number {
  let sum = 0;
  for (let i = 0; i < corners.length; i += 2)
    sum += corners[i]! * corners[(i + 3) % corners.length]! - corners[(i + 2) % corners.length]! * corners[i + 1]!;
  return Math.abs(sum) / 2;
}

test('areas of large polygons are those of the formulas', () => {
  const size = { width: 2000, height: 1500 };
  const area = (...rings: Ring[]) => spansOfRings(rings, 'even-odd', size).area;
  // An error is at most about one pixel for each that the outline crosses, and they cancel out.
  const near = (found: number, expected: number) => assert.ok(Math.abs(found - expected) < 200, `${found} ${expected}`);
  const pentagon = Float64Array.of(100.3, 200.7, 1800.2, 90.1, 1900.9, 1000.4, 900.5, 1400.8, 50.6, 900.2);
  near(area(pentagon), shoelace(pentagon));
  const disc = ellipse(1000.25, 750.75, 600, 600);
  near(area(disc), Math.PI * 600 ** 2);
  near(area(ellipse(1000, 700, 800, 300)), Math.PI * 800 * 300);
  near(area(disc, ellipse(1000, 750, 200, 200)), Math.PI * (600 ** 2 - 200 ** 2));
  near(area(turned(rectangle(600, 600, 1200, 900), 33, 900, 750)), 600 * 300);
  // A pentagram: its points are inside, its middle, which is surrounded twice, is not. Turned, as a level edge would round
  // all along to one side.
  const star = Float64Array.from({ length: 10 }, (_, i) => {
    const angle = 0.1 + ((i >> 1) * 4 * Math.PI) / 5;
    return i % 2 === 0 ? 1000 + 700 * Math.sin(angle) : 750 - 700 * Math.cos(angle);
  });
  const inner = 700 / ((1 + Math.sqrt(5)) / 2) ** 2;
  const points = 5 * 700 * inner * Math.sin(Math.PI / 5) - 5 * 0.5 * inner ** 2 * Math.sin((2 * Math.PI) / 5);
  near(area(star), points);
  assert.equal(area(rectangle(-50, -50, 3000, 3000)), 2000 * 1500);
});

test('a rectangle on the borders of pixels covers just these', () => {
  const { triples } = spansOfRings([rectangle(2, 1, 5, 3)], 'even-odd', { width: 8, height: 5 });
  assert.deepEqual([...triples], [1, 2, 5, 2, 2, 5]);
});

test('masks by rows and by columns are cut at the borders of the image', () => {
  const bit = fc.constantFrom(0, 1);
  fc.assert(
    fc.property(
      fc
        .integer({ min: 1, max: 9 })
        .chain(width =>
          fc.tuple(
            fc.constant(width),
            fc.array(fc.array(bit, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 9 }),
          ),
        ),
      fc.integer({ min: -5, max: 6 }),
      fc.integer({ min: -5, max: 6 }),
      ([width, rows], x, y) => {
        const height = rows.length;
        const size = { width: 7, height: 6 };
        const expected = Uint8Array.from({ length: 42 }, (_, i) => rows[Math.floor(i / 7) - y]?.[(i % 7) - x] ?? 0);
        const byRows = runsOfPixels(width * height, i => rows[Math.floor(i / width)]![i % width] === 1);
        const byColumns = runsOfPixels(width * height, i => rows[i % height]![Math.floor(i / height)] === 1);
        const box = { x, y, width, height };
        assert.deepEqual(pixelsOf(spansOfMask({ ...box, order: 'rows', runs: byRows }, size), 7, 6), expected);
        assert.deepEqual(pixelsOf(spansOfMask({ ...box, order: 'columns', runs: byColumns }, size), 7, 6), expected);
      },
    ),
  );
});
