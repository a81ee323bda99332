/** Shapes to maps: order, objects, crowds, background, and the depth of labels. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../../../src/errors.js';
import type { AnnotatedImage, Shape } from '../../../src/prepare/polygons/annotations.js';
import { labelIds } from '../../../src/prepare/polygons/label-ids.js';
import { rasterise } from '../../../src/prepare/polygons/rasterise.js';
import { rectangle } from '../../../src/prepare/polygons/rings.js';

const box = (className: string, x0: number, y0: number, x1: number, y1: number, facts: Partial<Shape> = {}): Shape => ({
  className,
  crowd: false,
  rings: [rectangle(x0, y0, x1, y1)],
  fill: 'even-odd',
  ...(facts as object),
});
const image = (width: number, height: number, ...shapes: Shape[]): AnnotatedImage => ({
  image: 'a.png',
  width,
  height,
  shapes,
});

test('later shapes lie above, objects count from 1 in drawing order, and hidden ones take no number', () => {
  const maps = rasterise(
    image(4, 1, box('car', 0, 0, 1, 1), box('car', 0, 0, 2, 1), box('tree', 1, 0, 3, 1), box('car', 3, 0, 9, 1)),
    ['tree', 'car'],
  );
  assert.deepEqual(maps.label, { width: 4, height: 1, channels: 1, data: Uint8Array.of(2, 1, 1, 2) });
  assert.deepEqual(maps.instance, { width: 4, height: 1, channels: 1, data: Uint16Array.of(1, 2, 2, 3) });
});

test('smaller shapes lie above larger ones where that is asked for', () => {
  const shapes = image(5, 1, box('a', 1, 0, 2, 1), box('b', 0, 0, 4, 1), box('c', 2, 0, 4, 1));
  assert.deepEqual([...rasterise(shapes, ['a', 'b', 'c']).label.data], [2, 2, 3, 3, 0]);
  const { label, instance } = rasterise(shapes, ['a', 'b', 'c'], { order: 'smaller-above' });
  assert.deepEqual([...label.data], [2, 1, 3, 3, 0]);
  assert.deepEqual([...instance.data], [2, 1, 3, 3, 0]);
});

test('shapes of one class and key are one object', () => {
  const { instance } = rasterise(
    image(
      6,
      1,
      box('a', 0, 0, 1, 1, { instance: 1 }),
      box('b', 1, 0, 2, 1, { instance: 1 }),
      box('a', 2, 0, 3, 1, { instance: '1' }),
      box('a', 3, 0, 4, 1, { instance: 1 }),
      box('a', 4, 0, 5, 1),
    ),
    ['a', 'b'],
  );
  assert.deepEqual([...instance.data], [1, 2, 3, 1, 4, 0]);
});

test('a crowd is 255 and no object; the background is 0, or 255 where it is ignored', () => {
  const shapes = image(4, 1, box('a', 0, 0, 3, 1), box('a', 1, 0, 2, 1, { crowd: true }));
  const asClass = rasterise(shapes, ['a']);
  assert.deepEqual([...asClass.label.data], [1, 255, 1, 0]);
  assert.deepEqual([...asClass.instance.data], [1, 0, 1, 0]);
  const ignored = rasterise(shapes, ['a'], { background: 'ignore' });
  assert.deepEqual([...ignored.label.data], [0, 255, 0, 255]);
  assert.deepEqual([...ignored.instance.data], [1, 0, 1, 0]);
});

test('a class of the name background is the background, and cuts holes', () => {
  const shapes = image(3, 1, box('a', 0, 0, 3, 1), box('background', 1, 0, 2, 1));
  const { label, instance } = rasterise(shapes, ['a', 'background']);
  assert.deepEqual([...label.data], [1, 0, 1]);
  assert.deepEqual([...instance.data], [1, 0, 1]);
  assert.deepEqual(labelIds(['a', 'background', 'b']), [
    { id: 0, name: 'background' },
    { id: 1, name: 'a' },
    { id: 2, name: 'b' },
  ]);
});

test('labels have 8 bits up to 255 classes and 16 beyond, and no class is 255', () => {
  const names = (n: number) => Array.from({ length: n }, (_, i) => `class ${i}`);
  const last = (n: number) => rasterise(image(2, 1, box(`class ${n - 1}`, 0, 0, 1, 1)), names(n)).label.data;
  assert.deepEqual(last(254), Uint8Array.of(254, 0));
  assert.deepEqual(last(255), Uint16Array.of(256, 0));
  const ids = labelIds(names(400)).map(({ id }) => id);
  assert.ok(!ids.includes(255));
  assert.deepEqual(
    ids,
    Array.from({ length: 402 }, (_, i) => i).filter(i => i !== 255),
  );
  assert.equal(labelIds(names(255), 'ignore').at(-1)!.id, 254);
  // Then 255 would be a class to a network: crowds and ground are the largest value of 16 bits.
  const crowd = { ...box('class 3', 0, 0, 1, 1), crowd: true };
  for (const [count, value] of [
    [255, 255],
    [256, 65535],
  ] as const)
    assert.deepEqual(
      [...rasterise(image(2, 1, crowd), names(count), { background: 'ignore' }).label.data],
      [value, value],
      `${count} classes`,
    );
});

test('65535 objects fit, one more does not; a class that is not listed is an error', () => {
  const pixels = (n: number) =>
    image(256, 257, ...Array.from({ length: n }, (_, i) => box('a', i % 256, i >> 8, (i % 256) + 1, (i >> 8) + 1)));
  const { data } = rasterise(pixels(65535), ['a']).instance;
  assert.ok(data.subarray(0, 65535).every((id, i) => id === i + 1));
  const refused = (text: string) => (error: unknown) => error instanceof UserError && error.message.includes(text);
  assert.throws(() => rasterise(pixels(65536), ['a']), refused('65536 objects'));
  assert.throws(() => rasterise(image(1, 1, box('b', 0, 0, 1, 1)), ['a']), refused('a shape of the class b'));
});
