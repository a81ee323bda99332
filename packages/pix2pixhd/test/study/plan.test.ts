/** Plans are balanced, for one rater and over all, whatever the sizes; and two plans of other seeds differ. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/data/random.js';
import { balancedCells, hideAmong } from '../../src/study/plan.js';

/** The least and the greatest number of items with the same key, over all `keys`. */
function spread<T>(items: readonly T[], key: (item: T) => number, keys: number): number {
  const counts = new Array<number>(keys).fill(0);
  for (const item of items) counts[key(item)]!++;
  return Math.max(...counts) - Math.min(...counts);
}

const sizes = [
  { stems: 31, conditions: 1, trials: 12 },
  { stems: 30, conditions: 3, trials: 20 },
  { stems: 14, conditions: 14, trials: 14 },
  { stems: 21, conditions: 14, trials: 56 },
  { stems: 500, conditions: 21, trials: 60 },
  { stems: 5, conditions: 6, trials: 30 },
];
const raters = 40;

for (const size of sizes)
  test(`${size.trials} trials of ${size.stems} scenes under ${size.conditions} conditions`, () => {
    const { stems, conditions, trials } = size;
    const all = Array.from({ length: raters }, (_, rater) => balancedCells(rater, { ...size, seed: 7 }));
    for (const cells of all) {
      assert.equal(cells.length, trials);
      assert.ok(spread(cells, ({ condition }) => condition, conditions) <= 1);
      assert.ok(Math.abs(cells.filter(({ flipped }) => flipped).length - trials / 2) <= 0.5);
      for (let condition = 0; condition < conditions; condition++) {
        const own = cells.filter(cell => cell.condition === condition);
        assert.ok(Math.abs(own.filter(({ flipped }) => flipped).length - own.length / 2) <= 0.5);
      }
      const times = cells.map(cell => cells.filter(({ stem }) => stem === cell.stem).length);
      assert.ok(Math.max(...times) <= Math.ceil(trials / stems) + 1, 'a scene comes too often');
      const pairs = new Set(cells.map(({ stem, condition }) => stem * conditions + condition));
      assert.equal(pairs.size, trials, 'a comparison comes twice');
    }
    const every = all.flat();
    assert.ok(spread(every, ({ stem, condition }) => stem * conditions + condition, stems * conditions) <= 1);
    // Half of the trials of all raters, but for one of each pair of raters.
    assert.ok(Math.abs(every.filter(({ flipped }) => flipped).length - every.length / 2) <= 1);
    assert.notDeepEqual(balancedCells(0, { ...size, seed: 7 }), balancedCells(0, { ...size, seed: 8 }));
    assert.deepEqual(balancedCells(3, { ...size, seed: 7 }), all[3]);
  });

test('the order of a rater is not that of the scenes', () => {
  const cells = balancedCells(0, { stems: 100, conditions: 1, trials: 100, seed: 1 });
  const rising = cells.filter(({ stem }, i) => i > 0 && stem > cells[i - 1]!.stem).length;
  assert.ok(rising > 30 && rising < 70, `${rising} of 99`);
});

test('what is hidden is spread over the others, one in each stretch, and not at the beginning', () => {
  for (let seed = 0; seed < 50; seed++) {
    const shown = hideAmong<string | number>(
      ['x', 'x', 'x', 'x'],
      Array.from({ length: 22 }, (_, i) => i),
      new Random(seed),
    );
    assert.deepEqual(
      shown.filter(item => item !== 'x'),
      Array.from({ length: 22 }, (_, i) => i),
    );
    const places = shown.flatMap((item, i) => (item === 'x' ? [i] : []));
    assert.equal(places.length, 4);
    for (const [i, place] of places.entries())
      assert.ok(place >= 2 + 5 * i + i && place < 2 + 5 * (i + 1) + i, `${places}`);
  }
  assert.deepEqual(hideAmong<number>([], [1, 2], new Random(1)), [1, 2]);
  for (const others of [[1], [1, 2]])
    assert.equal(hideAmong<string | number>(['x', 'y'], others, new Random(1)).length, 2 + others.length);
});
