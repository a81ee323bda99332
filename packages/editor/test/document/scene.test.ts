/** Scenes: what edits do, and what holds after any sequence of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  duplicateObjects,
  partsOf,
  removeObjects,
  reorderObjects,
  transformObjects,
} from '../../src/document/groups.js';
import { History } from '../../src/document/history.js';
import { sceneOf } from '../../src/document/layers.js';
import { hullOf, isWithin, liesInNotch } from '../../src/document/lying.js';
import { Mask } from '../../src/document/mask.js';
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
import { ellipse, stroke } from '../../src/document/shapes.js';
import { draws } from '../support.js';

const [width, height] = [120, 80];

function box(x: number, y: number, w: number, h: number): Mask {
  return Mask.build(width, height, add => {
    for (let v = y; v < y + h; v++) add(v, x, x + w);
  });
}

function flat(scene: Scene) {
  const maps = mapsOf(scene);
  flatten(scene, maps);
  return maps;
}

const label = (scene: Scene, x: number, y: number) => flat(scene).labels[y * width + x];
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
