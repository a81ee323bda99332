/**
 * The condition's tensor against its definition, pixel by pixel.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryStats, scope, type Tensor } from '@pix2pixhd/torch';
import { type Condition, checkLabels, conditionOf } from '../../src/conditioning/condition.js';
import { conditionTensor, type InputFormat, imageTensor } from '../../src/conditioning/tensors.js';
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
function valuesByDefinition(withBoundary: boolean): number[] {
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

function assertTensor(tensor: Tensor, format: InputFormat, withBoundary: boolean): void {
  const channels = classes + (withBoundary ? 1 : 0);
  assert.deepEqual(tensor.shape, [images, channels, height, width]);
  assert.equal(tensor.dtype, format.dtype);
  assert.deepEqual(tensor.strides, stridesOf(format.memory, channels));
  assert.deepEqual(numbers(tensor), valuesByDefinition(withBoundary));
}

test('one-hot classes and the boundary in every dtype and memory format; 255 sets no class', () => {
  for (const format of formats)
    for (const withBoundary of [true, false])
      scope(() => assertTensor(conditionTensor(condition, classes, withBoundary, format), format, withBoundary));
});

test('the boundary map marks both sides of a border, and no border of the image', () => {
  const found = boundaryMap(instance, width, height);
  eachPixel((n, y, x, i) => {
    assert.equal(found[i], boundaryByDefinition(n, y, x), `image ${n}, row ${y}, column ${x}`);
  });
  assert.ok(found.includes(0) && found.includes(1));
  assert.deepEqual([...boundaryMap([1, 1, 2, 2], 4, 1)], [0, 1, 1, 0]);
});

test('an image condition passes through in the dtype and memory format asked for', () => {
  const source = Float32Array.from({ length: images * 2 * height * width }, (_, i) => Math.fround(Math.sin(i) / 2));
  for (const format of formats)
    scope(() => {
      const tensor = conditionTensor({ images, width, height, source, sourceChannels: 2 }, 0, false, format);
      assert.deepEqual(tensor.strides, stridesOf(format.memory, 2));
      const rounding = format.dtype === 'bfloat16' ? 2 ** -8 : 0;
      numbers(tensor).forEach((value, i) => {
        assert.ok(Math.abs(value - source[i]!) <= rounding * Math.abs(source[i]!));
      });
      const image = imageTensor(source, [images, 2, height, width], format);
      assert.deepEqual(image.data(), tensor.data());
    });
});

test('the tensor is all that is left, and has no graph', () => {
  scope(() => {
    const before = memoryStats();
    const tensor = conditionTensor(condition, classes, true, plain);
    assert.equal(tensor.requiresGrad, false);
    assert.equal(memoryStats().tensors, before.tensors + 1);
    tensor.dispose();
    assert.deepEqual(memoryStats(), before);
  });
});

test('a label outside the classes is refused with its value and place; 255 is not', () => {
  assert.doesNotThrow(() => checkLabels(condition, classes));
  for (const id of [classes, -1, 254, 256]) {
    const wrong = label.slice();
    // Image 1, row 3, column 2.
    wrong[(height + 3) * width + 2] = id;
    assert.throws(() => checkLabels({ ...condition, label: wrong }, classes), {
      name: 'RangeError',
      message: `the label ${id} at x 2, y 3 of image 1 is not among the classes 0…5`,
    });
    assert.doesNotThrow(() => checkLabels({ ...condition, label: wrong }, 0));
  }
  const many = Int32Array.from(label, id => (id === IGNORE_LABEL ? 256 : id));
  assert.doesNotThrow(() => checkLabels({ ...condition, label: many }, 257));
  const none = Int32Array.from(label, id => (id === IGNORE_LABEL ? 65535 : id));
  assert.doesNotThrow(() => checkLabels({ ...condition, label: none }, 257));
  assert.throws(() => checkLabels({ ...condition, label: none }, 255), /65535/);
});

test('an unchecked label outside the classes sets no channel', () => {
  const [ignored, outside] = [IGNORE_LABEL, 1_000_000].map(id => {
    const changed = label.slice().fill(id, 20, 30);
    return scope(() => numbers(conditionTensor({ ...condition, label: changed }, classes, true, plain)));
  });
  assert.deepEqual(outside, ignored);
});

test('a batch gives its maps and its style features, unless others are given', () => {
  const features = new Float32Array(2 * count).fill(0.5);
  const batch = { stems: ['a', 'b', 'c'], width, height, label, instance, sourceChannels: 3, imageChannels: 3 };
  assert.deepEqual(conditionOf(batch), condition);
  assert.deepEqual(conditionOf({ ...batch, features }), { ...condition, styleFeatures: features });
  const others = features.map(value => -value);
  assert.equal(conditionOf({ ...batch, features }, others).styleFeatures, others);
  const source = new Float32Array(3 * count);
  const withSource = { stems: ['a', 'b', 'c'], width, height, source, sourceChannels: 3, imageChannels: 3 };
  assert.deepEqual(conditionOf(withSource), { images, width, height, source, sourceChannels: 3 });
});

test('missing maps are named', () => {
  const { label: _label, ...noLabel } = condition;
  const { instance: _instance, ...noInstance } = condition;
  assert.throws(() => conditionTensor(noLabel, classes, false, plain), /expected a label map/);
  assert.throws(() => conditionTensor(noInstance, classes, true, plain), /expected an instance map/);
  assert.throws(() => conditionTensor(condition, 0, false, plain), /expected a source image/);
});
