/** The library of shapes: what is cut from scenes, what counts as the same, and where a shape goes in another scene. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../../src/document/history.js';
import { addShape, fitted, gathered, largest, type Shape, shapesOf } from '../../src/document/library.js';
import type { Mask } from '../../src/document/mask.js';
import { blankScene, objectOf, paint, type Scene } from '../../src/document/scene.js';
import { ellipse, rectangle, stroke } from '../../src/document/shapes.js';
import { draws } from '../support.js';

const countable = (label: number) => label >= 10;
const canvas = { width: 200, height: 120 };

/** A drawing of ellipses, rectangles and strokes of classes 1 to 13. */
function random(draw: (n: number) => number): Scene {
  let scene = blankScene(canvas.width, canvas.height, 0);
  for (let i = 0; i < 12; i++) {
    const a = { x: draw(canvas.width), y: draw(canvas.height) };
    const b = { x: draw(canvas.width), y: draw(canvas.height) };
    const shape: Mask = [ellipse(canvas, a, b), rectangle(canvas, a, b), stroke(canvas, [a, b], [9, 3])][draw(3)]!;
    const label = [1, 10, 11, 12, 13][draw(5)]!;
    ({ scene } = paint(scene, shape, { kind: 'class', label, countable: countable(label) }));
  }
  return scene;
}

function drawn(label: number, pixels: Mask): Shape[] {
  const { width, height } = pixels;
  return shapesOf(
    paint(blankScene(width, height, 0), pixels, { kind: 'class', label, countable: true }).scene,
    countable,
  );
}

test('what can be counted and is not tiny is cut out as it is', () => {
  for (let seed = 0; seed < 20; seed++) {
    const scene = random(draws(seed));
    const shapes = shapesOf(scene, countable);
    const expected = scene.objects.filter(({ label, mask }) => label >= 10 && mask.area >= 48);
    assert.deepEqual(
      shapes.map(({ label, mask, share }) => [label, mask.area, share]),
      expected.map(({ label, mask }) => [label, mask.area, mask.area / 24000]),
    );
    shapes.forEach(({ mask }, i) => {
      assert.ok(mask.equals(expected[i]!.mask));
    });
  }
});

test('the same shape elsewhere, larger or on another canvas is left out; another class, form or direction is not', () => {
  const first = drawn(10, ellipse(canvas, { x: 10, y: 10 }, { x: 70, y: 50 }));
  const again = drawn(10, ellipse(canvas, { x: 100, y: 30 }, { x: 190, y: 90 }));
  const elsewhere = drawn(10, ellipse({ width: 64, height: 64 }, { x: 5, y: 5 }, { x: 35, y: 25 }));
  assert.equal(gathered([], [...first, ...again, ...elsewhere]).length, 1);
  const others = [
    ...drawn(11, first[0]!.mask),
    ...drawn(10, rectangle(canvas, { x: 10, y: 10 }, { x: 69, y: 49 })),
    ...drawn(10, ellipse(canvas, { x: 10, y: 10 }, { x: 50, y: 70 })),
    ...drawn(
      10,
      stroke(
        canvas,
        [
          { x: 10, y: 10 },
          { x: 60, y: 10 },
        ],
        [4, 4],
      ),
    ),
  ];
  assert.equal(gathered(first, others).length, 5);
});

test('gathered again nothing is added; by class, the largest first; of each class as many', () => {
  let shapes: Shape[] = [];
  const found = Array.from({ length: 12 }, (_, seed) => shapesOf(random(draws(seed)), countable));
  for (const some of found) shapes = gathered(shapes, some);
  for (const some of found) assert.deepEqual(gathered(shapes, some), shapes);
  const order = (of: readonly Shape[]) => of.map(({ label, share }) => label - share);
  assert.deepEqual(
    order(shapes),
    order(shapes).toSorted((a, b) => a - b),
  );
  const few = largest(shapes, 10);
  assert.deepEqual(
    few.map(({ label }) => label),
    [10, 10, 10, 11, 11, 11, 12, 12, 13, 13],
  );
  for (const label of [10, 11, 12, 13]) {
    const own = few.filter(shape => shape.label === label);
    assert.deepEqual(own, shapes.filter(shape => shape.label === label).slice(0, own.length));
  }
  assert.deepEqual(largest(shapes, 1000), shapes);
});

test('a shape is placed at its part of the canvas, inside, under an id of its own; undo gives the drawing before', () => {
  for (let seed = 0; seed < 30; seed++) {
    const draw = draws(seed);
    const shapes = shapesOf(random(draw), countable);
    const [width, height] = [100 + draw(300), 100 + draw(300)];
    let history = History.of(blankScene(width, height, 0), 'blank');
    for (const shape of shapes) {
      const before = history.state;
      const centre = { x: draw(2 * width) - width / 2, y: draw(2 * height) - height / 2 };
      const { scene, id } = addShape(before, shape, centre);
      const object = objectOf(scene, id)!;
      assert.equal(scene.objects.at(-1), object);
      assert.equal(object.label, shape.label);
      assert.equal(new Set(scene.objects.map(other => other.id)).size, scene.objects.length);
      const { x, y, width: w, height: h } = object.mask.bounds!;
      assert.ok(x >= 0 && y >= 0 && x + w <= width && y + h <= height);
      // Pixels along the outline may fall to either side.
      const outline = 2 * (w + h);
      const share = object.mask.area / (width * height);
      assert.ok(share <= shape.share + outline / (width * height), `seed ${seed}`);
      const touches = w >= width - 1 || h >= height - 1;
      if (!touches) assert.ok(share >= shape.share - outline / (width * height), `seed ${seed}`);
      // Around the point, or at the edge that is nearest to it.
      assert.ok(Math.abs(x + w / 2 - centre.x) <= 2 || x <= 1 || x + w >= width - 1);
      assert.ok(Math.abs(y + h / 2 - centre.y) <= 2 || y <= 1 || y + h >= height - 1);
      history = history.with('added', scene);
      assert.equal(history.goTo(history.at - 1).state, before);
    }
  }
});

test('on a canvas of its own size a shape keeps every pixel', () => {
  for (const shape of shapesOf(random(draws(3)), countable)) {
    const bounds = shape.mask.bounds!;
    const centre = { x: bounds.x + bounds.width / 2, y: bounds.y + bounds.height / 2 };
    const { scene, id } = addShape(blankScene(canvas.width, canvas.height, 0), shape, centre);
    assert.ok(objectOf(scene, id)!.mask.equals(shape.mask));
  }
});

test('a picture of a shape fills its square in proportion', () => {
  const wide = fitted(rectangle(canvas, { x: 20, y: 30 }, { x: 99, y: 49 }), 64);
  assert.deepEqual(wide.bounds, { x: 0, y: 24, width: 64, height: 16 });
  assert.equal(wide.area, 64 * 16);
});
