/** Scenes: what edits do, and what holds after any sequence of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duplicateObjects, removeObjects, reorderObjects, transformObjects } from '../../src/document/groups.js';
import { History } from '../../src/document/history.js';
import { sceneOf } from '../../src/document/layers.js';
import {
  blankScene,
  erase,
  flatten,
  mapsOf,
  noLabel,
  objectAt,
  paint,
  pictureScene,
  relabelObject,
  replaceClass,
  type Scene,
  styleObject,
} from '../../src/document/scene.js';
import { stroke } from '../../src/document/shapes.js';
import { draws } from '../support.js';
import { box, flat, height, label, width } from './scenes.js';

const road = { kind: 'class', label: 7, countable: false } as const;
const car = { kind: 'class', label: 26, countable: true } as const;

test('paint of a countable class is a new object, more of a selected one, or lies under what can be counted', () => {
  const blank = blankScene(width, height, 0);
  const one = paint(blank, box(10, 10, 20, 20), car);
  assert.equal(one.id, 26001);
  const two = paint(one.scene, box(20, 20, 20, 20), car);
  assert.equal(two.id, 26002);
  assert.equal(objectAt(two.scene, 25, 25)?.id, 26002);
  const grown = paint(two.scene, box(25, 25, 30, 5), { kind: 'object', id: 26001 }).scene;
  assert.equal(objectAt(grown, 26, 26)?.id, 26001);
  assert.equal(objectAt(grown, 26, 35)?.id, 26002);
  const erased = paint(grown, box(0, 0, width, 30), road).scene;
  assert.equal(objectAt(erased, 26, 26)?.id, 7);
  assert.equal(objectAt(erased, 26, 35)?.id, 26002);
  assert.throws(() => paint(blank, box(0, 0, 1, 1), { kind: 'object', id: 5 }), /no object 5/);
});

test('the eraser leaves the ground; on a picture, the picture', () => {
  const painted = paint(blankScene(width, height, 0), box(10, 10, 20, 20), car).scene;
  const part = erase(painted, box(0, 0, 20, height), { kind: 'class', label: 0, countable: false });
  assert.equal(label(part, 15, 15), 0);
  assert.equal(label(part, 25, 15), 26);
  const drawn = paint(pictureScene(width, height, new Uint8Array(3 * width * height)), box(10, 10, 20, 20), car).scene;
  const all = erase(drawn, box(0, 0, width, height), { kind: 'class', label: 0, countable: false });
  assert.deepEqual(all.objects, []);
  assert.equal(label(all, 15, 15), noLabel);
});

test('what is taken away or moved leaves what surrounds it: an eye its face, not a hole', () => {
  const maps = mapsOf(blankScene(width, height, 0));
  const face = box(20, 10, 60, 60);
  const eye = box(40, 30, 8, 8);
  for (const [y, from, to] of face.runs())
    for (let x = from; x < to; x++) {
      maps.labels[y * width + x] = 5;
      maps.instances[y * width + x] = 5001;
    }
  for (const [y, from, to] of eye.runs())
    for (let x = from; x < to; x++) {
      maps.labels[y * width + x] = 9;
      maps.instances[y * width + x] = 9001;
    }
  const scene = sceneOf(maps);
  assert.deepEqual(
    scene.objects.map(({ id }) => id),
    [0, 5001, 9001],
  );
  assert.deepEqual(flat(scene), maps);
  assert.equal(objectAt(removeObjects(scene, [9001]), 44, 34)?.id, 5001);
  const moved = transformObjects(scene, [9001], [1, 0, 0, 1, 20, 0]);
  assert.equal(objectAt(moved, 44, 34)?.id, 5001);
  assert.equal(objectAt(moved, 64, 34)?.id, 9001);
  // Half of it moved aside: what is free belongs to the face, what it still covers to itself.
  const aside = transformObjects(scene, [9001], [1, 0, 0, 1, 4, 0]);
  assert.equal(objectAt(aside, 41, 34)?.id, 5001);
  assert.equal(objectAt(aside, 46, 34)?.id, 9001);
  assert.equal(label(removeObjects(scene, [5001], road), 30, 20), 7);
  assert.equal(removeObjects(blankScene(width, height, 0), [0]).objects.length, 1);
});

test('a class that has one object keeps to it, whatever ids a map has; what lies on an object stays when it becomes one', () => {
  const maps = mapsOf(blankScene(width, height, 0));
  // Instances that count from 1, as other data sets have them: a car of id 7, which is the road's class.
  for (const [y, from, to] of box(10, 10, 20, 20).runs()) {
    maps.labels.fill(26, y * width + from, y * width + to);
    maps.instances.fill(7, y * width + from, y * width + to);
  }
  const { scene } = paint(sceneOf(maps), box(60, 40, 10, 10), road);
  assert.equal(label(scene, 65, 45), 7);
  assert.equal(label(scene, 15, 15), 26);
  assert.equal(new Set(scene.objects.map(({ id }) => id)).size, scene.objects.length);
  const more = paint(scene, box(80, 40, 10, 10), road).scene;
  assert.equal(more.objects.length, scene.objects.length);
  const person = paint(scene, box(15, 15, 5, 5), { kind: 'class', label: 24, countable: true }).scene;
  const paved = relabelObject(person, 7, { label: 7, countable: false }).scene;
  assert.equal(label(paved, 17, 17), 24);
  assert.equal(label(paved, 12, 12), 7);
});

test('nothing goes behind the floor', () => {
  const drawn = paint(
    paint(blankScene(width, height, 0), box(10, 10, 20, 20), car).scene,
    box(20, 20, 20, 20),
    car,
  ).scene;
  const back = reorderObjects(drawn, [26002], 'back', ({ label }) => label === 0);
  assert.deepEqual(
    back.objects.map(({ id }) => id),
    [0, 26002, 26001],
  );
});

test('a shape survives many turns: each starts from the first one', () => {
  let scene = paint(blankScene(width, height, 0), box(50, 30, 20, 10), car).scene;
  const before = objectAt(scene, 55, 35)!.mask;
  const turn = Math.PI / 18;
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  const [x, y] = [60, 35];
  for (let i = 0; i < 36; i++)
    scene = transformObjects(scene, [26001], [c, s, -s, c, x - c * x + s * y, y - s * x - c * y]);
  assert.ok(objectAt(scene, 60, 35)!.mask.equals(before));
});

test('front, back, and one place among those it meets', () => {
  const boxes = [box(10, 10, 30, 30), box(20, 20, 30, 30), box(90, 0, 5, 5), box(30, 30, 30, 30)];
  const scene = boxes.reduce((all, pixels) => paint(all, pixels, car).scene, blankScene(width, height, 0));
  const order = (s: Scene) => s.objects.map(({ id }) => id % 1000);
  assert.deepEqual(order(scene), [0, 1, 2, 3, 4]);
  assert.deepEqual(order(reorderObjects(scene, [26001], 'front')), [0, 2, 3, 4, 1]);
  assert.deepEqual(order(reorderObjects(scene, [26004], 'back')), [4, 0, 1, 2, 3]);
  assert.deepEqual(order(reorderObjects(scene, [26002], 'forward')), [0, 1, 3, 4, 2]);
  assert.deepEqual(order(reorderObjects(scene, [26004], 'backward')), [0, 1, 4, 2, 3]);
  assert.deepEqual(order(reorderObjects(scene, [26004], 'forward')), [0, 1, 2, 3, 4]);
});

test('another class, everywhere or of one object; styles of the old class go', () => {
  const painted = [box(0, 0, 10, 10), box(50, 0, 10, 10)].reduce(
    (all, pixels) => paint(all, pixels, car).scene,
    blankScene(width, height, 0),
  );
  const styled = styleObject(painted, 26001, { kind: 'cluster', cluster: 2 });
  assert.deepEqual(objectAt(styled, 5, 5)?.style, { kind: 'cluster', cluster: 2 });
  const { scene, id } = relabelObject(styled, 26001, { label: 28, countable: true });
  assert.equal(id, 28001);
  assert.equal(objectAt(scene, 5, 5)?.style, undefined);
  const replaced = replaceClass(styled, 26, { label: 7, countable: false });
  assert.deepEqual([label(replaced, 5, 5), label(replaced, 55, 5)], [7, 7]);
  assert.equal(replaced.objects.filter(object => object.label === 7).length, 1);
});

/** One random edit. */
function edit(scene: Scene, draw: (n: number) => number): Scene {
  const classes = [
    { label: 1, countable: false },
    { label: 2, countable: false },
    { label: 26, countable: true },
    { label: 27, countable: true },
  ];
  const cls = classes[draw(classes.length)]!;
  const object = scene.objects[draw(scene.objects.length)]!;
  const pixels = box(draw(width), draw(height), 1 + draw(40), 1 + draw(40));
  switch (draw(9)) {
    case 0:
    case 1:
      return paint(scene, pixels, { kind: 'class', ...cls }).scene;
    case 2:
      return paint(scene, pixels, { kind: 'object', id: object.id }).scene;
    case 3:
      return removeObjects(scene, [object.id]);
    case 4: {
      const angle = draw(628) / 100;
      const scale = 0.5 + draw(100) / 100;
      const [a, b] = [scale * Math.cos(angle), scale * Math.sin(angle)];
      return transformObjects(scene, [object.id], [a, b, -b, a, draw(60) - 30, draw(60) - 30]);
    }
    case 5:
      return duplicateObjects(scene, [object.id], draw(40) - 20, draw(40) - 20).scene;
    case 6:
      return reorderObjects(scene, [object.id], (['front', 'forward', 'backward', 'back'] as const)[draw(4)]!);
    case 7:
      return relabelObject(scene, object.id, cls).scene;
    default:
      return replaceClass(scene, object.label, cls);
  }
}

test('after any edits: every pixel has an object, ids are unique and of one class, and undoing gives the states before', () => {
  for (let seed = 0; seed < 30; seed++) {
    const draw = draws(seed);
    let history = History.of(blankScene(width, height, 0), 'new');
    const seen = [flat(history.state)];
    for (let i = 0; i < 25; i++) {
      const before = history;
      history = history.with(`edit ${i}`, edit(history.state, draw));
      const { objects } = history.state;
      assert.equal(new Set(objects.map(({ id }) => id)).size, objects.length);
      const maps = flat(history.state);
      assert.ok(!maps.labels.includes(noLabel), `seed ${seed}, edit ${i}`);
      const classOf = new Map<number, number>();
      maps.instances.forEach((id, at) => {
        const known = classOf.get(id);
        if (known !== undefined) assert.equal(maps.labels[at], known);
        classOf.set(id, maps.labels[at]!);
      });
      assert.deepEqual(flat(sceneOf(maps)), maps);
      if (history !== before) seen.push(maps);
    }
    while (history.canUndo) {
      assert.deepEqual(flat(history.state), seen[history.at]);
      history = history.goTo(history.at - 1);
    }
    assert.deepEqual(flat(history.state), seen[0]);
    history = history.goTo(seen.length - 1);
    assert.deepEqual(flat(history.state), seen.at(-1));
  }
});

test('flattening a rectangle is flattening all of it', () => {
  const draw = draws(1);
  let scene = blankScene(width, height, 0);
  for (let i = 0; i < 30; i++) scene = edit(scene, draw);
  const whole = flat(scene);
  const pieces = mapsOf(scene);
  for (let y = 0; y < height; y += 20)
    for (let x = 0; x < width; x += 30) flatten(scene, pieces, { x, y, width: 30, height: 20 });
  assert.deepEqual(pieces, whole);
});

test('a thousand strokes on 2048×1024 keep less than 100 MB, all steps included', () => {
  const draw = draws(1);
  const canvas = { width: 2048, height: 1024 };
  let scene = blankScene(canvas.width, canvas.height, 0);
  let bytes = 0;
  for (let i = 0; i < 1000; i++) {
    const points = [{ x: draw(2048), y: draw(1024) }];
    for (let p = 0; p < 12; p++) points.push({ x: points[p]!.x + draw(61) - 30, y: points[p]!.y + draw(61) - 30 });
    const pixels = stroke(
      canvas,
      points,
      points.map(() => 24),
    );
    const cls = draw(3) === 0 ? { label: 26, countable: true } : { label: 1 + draw(5), countable: false };
    const before = new Map(scene.objects.map(({ id, mask }) => [id, mask]));
    ({ scene } = paint(scene, pixels, { kind: 'class', ...cls }));
    for (const { id, mask } of scene.objects) if (before.get(id) !== mask) bytes += mask.bytesBeside(before.get(id));
  }
  assert.ok(bytes < 100e6, `${(bytes / 1e6).toFixed(1)} MB`);
  assert.ok(bytes > 1e6);
});
