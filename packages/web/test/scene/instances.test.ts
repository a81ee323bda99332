/** The list of a scene's instances, against counting pixel by pixel. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findInstances, type Instance } from '../../src/scene/instances.js';
import { noise } from '../support/noise.js';

/** Every figure by its definition, id by id. */
function byDefinition(ids: Int32Array, label: Int32Array, width: number): Instance[] {
  return [...new Set(ids)].map(id => {
    const own = [...ids.keys()].filter(i => ids[i] === id);
    const xs = own.map(i => i % width);
    const ys = own.map(i => Math.floor(i / width));
    const classes = [...new Set(own.map(i => label[i]!))].sort((a, b) => a - b);
    const size = (of: number) => own.filter(i => label[i] === of).length;
    const [x, y] = [Math.min(...xs), Math.min(...ys)];
    return {
      id,
      class: classes.reduce((best, of) => (size(of) > size(best) ? of : best)),
      pixels: own.length,
      first: own[0]!,
      box: { x, y, width: Math.max(...xs) - x + 1, height: Math.max(...ys) - y + 1 },
    };
  });
}

test('classes, areas, first pixels and boxes are those of the definition, for ids up to 2³¹', () => {
  const [width, height] = [13, 9];
  const choices = [7, 26_001, 2 ** 31 - 1, 0, -3];
  for (let salt = 0; salt < 20; salt++) {
    const ids = Int32Array.from(noise(width * height, salt), (value, i) => choices[(value >> 5) % (1 + (i % 5))]!);
    const label = Int32Array.from(noise(width * height, salt + 100), value => value % 3);
    assert.deepEqual(findInstances(ids, label, width, height), byDefinition(ids, label, width));
  }
});

test('two objects of one class, touching, one of a single pixel; a tie goes to the lower class', () => {
  const ids = Int32Array.of(26_000, 26_000, 26_001, 11, 11, 11);
  const label = Int32Array.of(26, 26, 26, 11, 5, 11);
  assert.deepEqual(findInstances(ids, label, 3, 2), [
    { id: 26_000, class: 26, pixels: 2, first: 0, box: { x: 0, y: 0, width: 2, height: 1 } },
    { id: 26_001, class: 26, pixels: 1, first: 2, box: { x: 2, y: 0, width: 1, height: 1 } },
    { id: 11, class: 11, pixels: 3, first: 3, box: { x: 0, y: 1, width: 3, height: 1 } },
  ]);
  assert.equal(findInstances(Int32Array.of(1, 1), Int32Array.of(9, 4), 2, 1)[0]!.class, 4);
  assert.equal(findInstances(Int32Array.of(1, 1), Int32Array.of(4, 9), 2, 1)[0]!.class, 4);
});

test('the label map as instance map gives one instance per class; without label maps all are of class 0', () => {
  const label = Int32Array.of(3, 255, 3, 1);
  assert.deepEqual(
    findInstances(label, label, 2, 2).map(({ id, class: of }) => [id, of]),
    [
      [3, 3],
      [255, 255],
      [1, 1],
    ],
  );
  assert.deepEqual(
    findInstances(label, undefined, 2, 2).map(({ class: of }) => of),
    [0, 0, 0],
  );
  assert.throws(() => findInstances(label, label, 2, 3), /4 and 4 pixels, not 6/);
});
