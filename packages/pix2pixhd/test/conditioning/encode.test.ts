/**
 * The encoded condition against its definition, pixel by pixel.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryStats, scope, type Tensor } from '@pix2pixhd/torch';
import { type Condition, encodeCondition, encodeImage, type InputFormat } from '../../src/conditioning/encode.js';
import { boundaryMap } from '../../src/data/labels/boundary.js';
import { IGNORE_LABEL } from '../../src/data/labels/values.js';
import { numbers } from '../support/compare.js';

const formats: readonly InputFormat[] = (['float32', 'float64', 'bfloat16'] as const).flatMap(dtype =>
  (['contiguous', 'channels_last'] as const).map(memory => ({ dtype, memory, device: 'cpu' })),
);
const plain = formats[0]!;

const [images, height, width, classes] = [3, 7, 5, 6];
const count = images * height * width;
/** Blobs with every class, some pixels of none, ids that repeat over images and reach into 32 bits. */
const label = Int32Array.from({ length: count }, (_, i) => (i % 11 === 0 ? IGNORE_LABEL : Math.floor(i / 4) % classes));
const instance = Int32Array.from({ length: count }, (_, i) => {
  const [x, y] = [i % width, Math.floor(i / width) % height];
  return y < 4 ? 7 : x < 2 ? 2_000_000_000 : Math.floor(i / (width * height));
});
const condition: Condition = { images, width, height, label, instance };

/** 1 where one of the 4 neighbours inside the same image has another id. */
function boundaryByDefinition(n: number, y: number, x: number): number {
  const at = (dy: number, dx: number) => {
    const inside = y + dy >= 0 && y + dy < height && x + dx >= 0 && x + dx < width;
    return inside ? instance[(n * height + y + dy) * width + x + dx]! : instance[(n * height + y) * width + x]!;
  };
  const own = at(0, 0);
  return [at(-1, 0), at(1, 0), at(0, -1), at(0, 1)].some(id => id !== own) ? 1 : 0;
}

function eachPixel(body: (n: number, y: number, x: number, i: number) => void): void {
  for (let n = 0, i = 0; n < images; n++)
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) body(n, y, x, i++);
}

/** (N, C, H, W) values in row-major order. */
function encodedByDefinition(withBoundary: boolean): number[] {
  const channels = classes + (withBoundary ? 1 : 0);
  const values = new Array<number>(images * channels * height * width).fill(0);
  eachPixel((n, y, x, i) => {
    const place = (channel: number) => ((n * channels + channel) * height + y) * width + x;
    if (label[i] !== IGNORE_LABEL) values[place(label[i]!)] = 1;
    if (withBoundary) values[place(classes)] = boundaryByDefinition(n, y, x);
  });
  return values;
}

const stridesOf = (memory: string, channels: number) =>
  memory === 'contiguous'
    ? [channels * height * width, height * width, width, 1]
    : [channels * height * width, 1, width * channels, channels];

function assertEncoded(encoded: Tensor, format: InputFormat, withBoundary: boolean): void {
  const channels = classes + (withBoundary ? 1 : 0);
  assert.deepEqual(encoded.shape, [images, channels, height, width]);
  assert.equal(encoded.dtype, format.dtype);
  assert.deepEqual(encoded.strides, stridesOf(format.memory, channels));
  assert.deepEqual(numbers(encoded), encodedByDefinition(withBoundary));
}

test('one-hot classes and the boundary in every type and memory order; 255 sets no class', () => {
  for (const format of formats)
    for (const withBoundary of [true, false])
      scope(() => assertEncoded(encodeCondition(condition, classes, withBoundary, format), format, withBoundary));
});

test('the boundary map marks both sides of a border, and no border of the image', () => {
  const found = boundaryMap(instance, width, height);
  eachPixel((n, y, x, i) => {
    assert.equal(found[i], boundaryByDefinition(n, y, x), `image ${n}, row ${y}, column ${x}`);
  });
  assert.ok(found.includes(0) && found.includes(1));
  assert.deepEqual([...boundaryMap([1, 1, 2, 2], 4, 1)], [0, 1, 1, 0]);
});

test('an image condition passes through in the type and memory order asked for', () => {
  const source = Float32Array.from({ length: images * 2 * height * width }, (_, i) => Math.fround(Math.sin(i) / 2));
  for (const format of formats)
    scope(() => {
      const encoded = encodeCondition({ images, width, height, source, sourceChannels: 2 }, 0, false, format);
      assert.deepEqual(encoded.strides, stridesOf(format.memory, 2));
      const rounding = format.dtype === 'bfloat16' ? 2 ** -8 : 0;
      numbers(encoded).forEach((value, i) => {
        assert.ok(Math.abs(value - source[i]!) <= rounding * Math.abs(source[i]!));
      });
      const image = encodeImage(source, [images, 2, height, width], format);
      assert.deepEqual(image.data(), encoded.data());
    });
});

test('encoding leaves nothing behind and records no graph', () => {
  scope(() => {
    const before = memoryStats();
    const encoded = encodeCondition(condition, classes, true, plain);
    assert.equal(encoded.requiresGrad, false);
    assert.equal(memoryStats().tensors, before.tensors + 1);
    encoded.dispose();
    assert.deepEqual(memoryStats(), before);
  });
});

test('a label outside the classes is refused with its value', () => {
  for (const id of [classes, -1, 254, 256]) {
    const wrong = label.slice();
    wrong[17] = id;
    assert.throws(() => encodeCondition({ ...condition, label: wrong }, classes, true, plain), {
      name: 'RangeError',
      message: `encodeCondition: label ${id} is not among the classes 0…5`,
    });
  }
});

test('missing maps are named', () => {
  const { label: _label, ...noLabel } = condition;
  const { instance: _instance, ...noInstance } = condition;
  assert.throws(() => encodeCondition(noLabel, classes, false, plain), /no label map/);
  assert.throws(() => encodeCondition(noInstance, classes, true, plain), /no instance map/);
  assert.throws(() => encodeCondition(condition, 0, false, plain), /a source image is needed/);
});
