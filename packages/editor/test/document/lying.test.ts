/** What lies on what, and what goes along when it moves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duplicateObjects, partsOf, removeObjects, transformObjects } from '../../src/document/groups.js';
import { History } from '../../src/document/history.js';
import { sceneOf } from '../../src/document/layers.js';
import { hullOf, isWithin, liesInNotch } from '../../src/document/lying.js';
import type { Mask } from '../../src/document/mask.js';
import { blankScene, mapsOf, noLabel, paint, type Scene } from '../../src/document/scene.js';
import { ellipse } from '../../src/document/shapes.js';
import { draws } from '../support.js';
import { box, flat, height, label, width } from './scenes.js';

test('what encloses something is whole below it: a pupil moves about the eye, and eye and face take along what lies on them', () => {
  const face = { kind: 'class', label: 5, countable: true } as const;
  const draw = (scene: Scene, mask: Mask, label: number) => paint(scene, mask, { ...face, label }).scene;
  const drawn = draw(
    draw(draw(blankScene(width, height, 0), box(20, 10, 60, 60), 5), box(30, 20, 12, 12), 9),
    box(32, 22, 8, 8),
    8,
  );
  // The pupil is larger than what is to be seen of the white: by area alone it would lie below.
  const scene = sceneOf(flat(drawn));
  assert.deepEqual(
    scene.objects.map(({ id }) => id),
    [0, 5001, 9001, 8001],
  );
  const pupil = transformObjects(scene, [8001], [1, 0, 0, 1, 3, 0]);
  assert.equal(label(pupil, 33, 25), 9);
  assert.equal(label(pupil, 42, 25), 8);
  assert.deepEqual(partsOf(scene, 5001), [9001, 8001]);
  assert.deepEqual(partsOf(scene, 9001), [8001]);
  const half = transformObjects(scene, [5001, ...partsOf(scene, 5001)], [0.5, 0, 0, 0.5, 0, 0]);
  assert.equal(label(half, 17, 12), 8);
  assert.equal(label(half, 15, 10), 9);
  assert.equal(label(half, 12, 30), 5);
  assert.equal(label(half, 60, 50), 0);
  const { scene: two, ids } = duplicateObjects(scene, [8001, 9001], 30, 0);
  assert.deepEqual(ids, [8002, 9002]);
  assert.deepEqual(
    two.objects.slice(-2).map(({ id }) => id),
    [9002, 8002],
  );
  assert.equal(label(two, 66, 26), 8);
  assert.equal(label(removeObjects(scene, [9001, 8001]), 36, 26), 5);
});

/** An eye of a white with a pupil in a notch at its upper rim, on a face, as a label map has it. */
function rollingEye() {
  const face = { kind: 'class', label: 5, countable: true } as const;
  const at = (x: number, y: number) => ({ x, y });
  const canvas = { width, height };
  const white = ellipse(canvas, at(30, 20), at(60, 50));
  // Higher than the eye: some of the pupil lies on the face.
  const pupil = ellipse(canvas, at(39, 17), at(51, 31));
  const shine = box(43, 23, 3, 3);
  const drawn = [
    [ellipse(canvas, at(10, 4), at(110, 76)), 5],
    [white, 9],
    [pupil, 8],
    [shine, 6],
  ] as const;
  return flat(
    drawn.reduce((scene, [mask, label]) => paint(scene, mask, { ...face, label }).scene, blankScene(width, height, 0)),
  );
}

test('a pupil in a notch at the rim of an eye lies on it: both move and leave the face, and no notch goes along', () => {
  const maps = rollingEye();
  const scene = sceneOf(maps);
  assert.deepEqual(flat(scene), maps);
  assert.deepEqual(partsOf(scene, 9001), [8001, 6001]);
  assert.deepEqual(partsOf(scene, 8001), [6001]);
  const moved = flat(transformObjects(scene, [9001, ...partsOf(scene, 9001)], [1, 0, 0, 1, 35, 10]));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = y >= 10 && x >= 35 ? maps.labels[(y - 10) * width + x - 35]! : 0;
      const old = maps.labels[y * width + x]!;
      const expected = [6, 8, 9].includes(from) ? from : [6, 8, 9].includes(old) ? 5 : old;
      assert.equal(moved.labels[y * width + x], expected, `${x}, ${y}`);
    }
  // The white is whole where the pupil was, but for the sliver between its rim and the straight edge of the notch.
  const alone = transformObjects(scene, [8001, 6001], [1, 0, 0, 1, 0, 14]);
  for (const [y, from, to] of box(41, 22, 8, 8).runs())
    for (let x = from; x < to; x++) assert.ok([9, 8, 6].includes(label(alone, x, y)!), `${x}, ${y}`);
});

test('with notches too a label map is kept, whatever moves comes back, and nothing is left without an object', () => {
  let notched = 0;
  for (let seed = 0; seed < 40; seed++) {
    const draw = draws(seed);
    let drawn = blankScene(width, height, 0);
    for (let i = 0; i < 12; i++) {
      const [x, y, size] = [draw(width), draw(height), 6 + draw(i < 4 ? 50 : 16)];
      const pixels = ellipse({ width, height }, { x, y }, { x: x + size, y: y + size });
      drawn = paint(drawn, pixels, { kind: 'class', label: 20 + draw(6), countable: true }).scene;
    }
    const maps = flat(drawn);
    const scene = sceneOf(maps);
    assert.deepEqual(flat(scene), maps);
    for (const { id } of scene.objects.slice(1)) {
      const parts = partsOf(scene, id);
      const shape = (one: number) => scene.objects.find(other => other.id === one)!.mask;
      notched += parts.filter(part => !isWithin(shape(part), shape(id)) && liesInNotch(shape(part), shape(id))).length;
      const moved = transformObjects(scene, [id, ...parts], [1, 0, 0, 1, 3, 2]);
      assert.ok(!flat(moved).labels.includes(noLabel));
      const history = History.of(scene, 'opened').with('move', moved);
      assert.deepEqual(flat(history.goTo(0).state), maps);
    }
  }
  assert.ok(notched > 10, `${notched} in notches`);
});

test('what is below a table or in the curve of a moon does not lie on them, nor what is as large', () => {
  const one = { kind: 'class', countable: true } as const;
  const draw = (scene: Scene, mask: Mask, label: number) => paint(scene, mask, { ...one, label }).scene;
  const table = box(20, 20, 60, 6)
    .union(box(20, 20, 5, 50))
    .union(box(75, 20, 5, 50));
  const below = sceneOf(flat(draw(draw(blankScene(width, height, 0), table, 5), box(40, 45, 20, 20), 8)));
  assert.deepEqual(partsOf(below, 5001), []);
  const halves = draw(draw(blankScene(width, height, 0), box(20, 20, 20, 40), 5), box(30, 20, 20, 40), 8);
  assert.deepEqual(partsOf(halves, 5001), []);
  // One that covers part of the rim does, where most of it is inside.
  const patch = draw(draw(blankScene(width, height, 0), box(20, 20, 40, 40), 5), box(52, 30, 10, 10), 8);
  assert.deepEqual(partsOf(patch, 5001), [8001]);
  const beyond = draw(draw(blankScene(width, height, 0), box(20, 20, 40, 40), 5), box(55, 30, 10, 10), 8);
  assert.deepEqual(partsOf(beyond, 5001), []);
});

test('the hull of a shape has the shape, and every pixel whose centre lies between two of its pixels', () => {
  const draw = draws(3);
  for (let i = 0; i < 20; i++) {
    const shape = box(draw(60), draw(40), 1 + draw(30), 1 + draw(20)).union(box(draw(90), draw(60), 1 + draw(9), 1));
    const hull = hullOf(shape);
    assert.ok(shape.subtract(hull).isEmpty);
    assert.deepEqual(hull.bounds, shape.bounds);
    const pixels = [...shape.runs()].flatMap(([y, from, to]) => [
      [from, y],
      [to - 1, y],
    ]);
    const pick = () => pixels[draw(pixels.length)]!;
    for (let n = 0; n < 200; n++) {
      const [a, b, share] = [pick(), pick(), draw(101) / 100];
      const [x, y] = [0, 1].map(k => Math.round(a[k]! + share * (b[k]! - a[k]!))) as [number, number];
      // Rounding moves the place by up to half a pixel, as far as a corner.
      assert.ok(hull.has(x, y), `${i}: ${x}, ${y}`);
    }
  }
});

test('a hole that holds only part of something stays a hole: the handle of a mug', () => {
  const maps = mapsOf(blankScene(width, height, 0));
  maps.labels.fill(0);
  const ring = box(20, 20, 30, 30).subtract(box(30, 30, 10, 10));
  for (const [y, from, to] of ring.runs()) {
    maps.labels.fill(4, y * width + from, y * width + to);
    maps.instances.fill(4001, y * width + from, y * width + to);
  }
  const scene = sceneOf(maps);
  assert.ok(scene.objects[1]!.mask.equals(ring));
  assert.deepEqual(flat(scene), maps);
});
