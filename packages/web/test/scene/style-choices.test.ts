/** Which style an object gets: the rules and their fallbacks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findInstances } from '../../src/scene/instances.js';
import { StyleBook } from '../../src/scene/style-book.js';
import { chooseStyle, sameForAll } from '../../src/scene/style-choices.js';
import { choosePlanes, stylePlanes } from '../../src/scene/style-planes.js';

/** Styles of one number: class 1 has 0…4 with the mean 40, class 2 has 10 and 11, class 3 only its mean 30. */
const vector = (value: number) => Float32Array.of(value);
const clustersOf = (...values: number[]) => values.map(value => ({ centre: vector(value), count: 1 }));
const book = new StyleBook(
  vector(99),
  new Map([
    [1, { mean: vector(40), clusters: clustersOf(0, 1, 2, 3, 4) }],
    [2, { mean: vector(50), clusters: clustersOf(10, 11) }],
    [3, { mean: vector(30), clusters: [] }],
  ]),
);
const styleOf = (choices: Parameters<typeof chooseStyle>[1], id: number, of: number, seed = 0) =>
  Array.from(chooseStyle(book, choices, seed, { id, class: of }));

test('random: seed and id decide, all clusters are drawn, and consecutive seeds never repeat one', () => {
  const ids = Array.from({ length: 1000 }, (_, i) => 26_000 + i);
  const drawn = (seed: number) => ids.map(id => styleOf(sameForAll('random'), id, 1, seed)[0]!);
  assert.deepEqual(drawn(0), drawn(0));
  for (let value = 0; value < 5; value++) {
    const share = drawn(0).filter(other => other === value).length;
    // 200 expected, standard deviation 12.6.
    assert.ok(Math.abs(share - 200) < 60, `${value} is drawn ${share} times of 1000`);
  }
  for (const first of [0, 5, 1_000_000_000]) {
    const rounds = Array.from({ length: 5 }, (_, i) => drawn(first + i));
    for (const i of ids.keys())
      assert.deepEqual(
        rounds.map(round => round[i]!).sort((a, b) => a - b),
        [0, 1, 2, 3, 4],
      );
  }
  assert.notDeepEqual(drawn(0), drawn(5));
});

test('objects keep their random styles when others come, go or move', () => {
  const planes = (ids: readonly number[], label: readonly number[]) => {
    const maps = { width: 4, height: 2, label: Int32Array.from(label), instance: Int32Array.from(ids) };
    return choosePlanes(book, sameForAll('random'), 7, maps, false);
  };
  const before = planes([9, 9, 5, 5, 9, 9, 5, 5], [1, 1, 1, 1, 1, 1, 1, 1]);
  // 5 has moved to the left, 9 is gone, 4 is new.
  const after = planes([5, 5, 4, 4, 5, 5, 4, 8], [1, 1, 1, 1, 1, 1, 1, 2]);
  assert.equal(after[0], before[2]);
});

test('mean, clusters by number, and what a class lacks', () => {
  assert.deepEqual(styleOf(sameForAll('mean'), 5, 1), [40]);
  assert.deepEqual(styleOf(sameForAll({ cluster: 3 }), 5, 1), [3]);
  assert.deepEqual(styleOf(sameForAll({ cluster: 3 }), 5, 2), [11]);
  for (const style of ['random', 'mean', { cluster: 0 }] as const) {
    assert.deepEqual(styleOf(sameForAll(style), 5, 3), [30]);
    assert.deepEqual(styleOf(sameForAll(style), 5, 255), [99]);
  }
});

test('planes hold the features of each instance, channel by channel', () => {
  const ids = Int32Array.of(8, 8, 3, 8, 3, 3);
  const instances = findInstances(ids, undefined, 3, 2);
  const planes = stylePlanes(ids, instances, ({ id }) => [id, id / 2], 2);
  assert.deepEqual([...planes], [8, 8, 3, 8, 3, 3, 4, 4, 1.5, 4, 1.5, 1.5]);
  assert.throws(() => stylePlanes(ids, instances.slice(1), () => [1], 1), /instance 8 is not among/);
});
