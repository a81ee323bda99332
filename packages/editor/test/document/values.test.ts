/** Drawings of values: painting, erasing and moving leave every other value as it was, bit for bit, and undo brings all of them back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { removeObjects, transformObjects } from '../../src/document/groups.js';
import { History } from '../../src/document/history.js';
import { erase, flatten, mapsOf, paint, type Scene, valueScene } from '../../src/document/scene.js';
import { rectangle } from '../../src/document/shapes.js';
import { evenValues, greyOf, readable, valueOfGrey, valuesOf } from '../../src/document/values.js';
import { draws } from '../support.js';

const [width, height] = [37, 23];
const whole = { x: 0, y: 0, width, height };

/** Values with all bits in use, but finite. */
function someValues(draw: (n: number) => number): Float32Array {
  const bits = Uint32Array.from({ length: width * height }, () => draw(2) * 2 ** 31 + draw(0x7f800000));
  return new Float32Array(bits.buffer);
}

function seen(scene: Scene, levels: readonly number[], rect = whole): Float32Array {
  const maps = mapsOf(scene);
  flatten(scene, maps);
  return valuesOf(maps, scene.values, levels, rect);
}

const bits = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length);

test('whatever is painted, pixels have the paint or their own value, and undo gives all back without a copy', () => {
  for (let seed = 0; seed < 40; seed++) {
    const draw = draws(seed);
    const own = someValues(draw);
    const kept = own.slice();
    const levels = [...evenValues({ low: -3, high: 9.7 }, 7), Math.fround(1 / 3)];
    const ground = { kind: 'class', label: 6, countable: false } as const;
    let history = History.of(valueScene(width, height, own), 'opened');
    const expected: Float32Array[] = [own.slice()];
    for (let step = 0; step < 12; step++) {
      const [a, b] = [0, 1].map(() => ({ x: draw(width), y: draw(height) }));
      const pixels = rectangle({ width, height }, a!, b!);
      const label = draw(levels.length);
      const next = expected.at(-1)!.slice();
      const erasing = draw(4) === 0;
      for (let at = 0; at < next.length; at++)
        if (pixels.has(at % width, Math.floor(at / width))) next[at] = erasing ? own[at]! : levels[label]!;
      const { state } = history;
      const scene = erasing
        ? erase(state, pixels, ground)
        : paint(state, pixels, { kind: 'class', label, countable: true }).scene;
      history = history.with('step', scene);
      if (history.at === expected.length) expected.push(next);
    }
    for (let at = history.at; at >= 0; at--) {
      history = history.goTo(at);
      assert.deepEqual(bits(seen(history.state, levels)), bits(expected[at]!), `seed ${seed}, step ${at}`);
      assert.equal(history.state.values, own);
    }
    assert.deepEqual(bits(own), bits(kept));
  }
});

test('what is moved or deleted leaves the values that are below', () => {
  const own = someValues(draws(5));
  const square = rectangle({ width, height }, { x: 2, y: 2 }, { x: 9, y: 8 });
  const { scene, id } = paint(valueScene(width, height, own), square, { kind: 'class', label: 1, countable: true });
  const levels = [0, 123.5];
  assert.deepEqual(bits(seen(removeObjects(scene, [id]), levels)), bits(own));
  const moved = seen(transformObjects(scene, [id], [1, 0, 0, 1, 20, 5]), levels);
  const changed = [...moved.keys()].filter(at => bits(moved)[at] !== bits(own)[at]);
  assert.equal(changed.length, square.area);
  assert.ok(changed.every(at => moved[at] === 123.5 && at % width >= 22));
});

test('a rectangle of values is that part of all of them', () => {
  const own = someValues(draws(9));
  const rect = { x: 5, y: 7, width: 11, height: 4 };
  const part = seen(valueScene(width, height, own), [], rect);
  part.forEach((value, i) => {
    assert.equal(value, own[(rect.y + Math.floor(i / rect.width)) * width + rect.x + (i % rect.width)]);
  });
});

test('values at equal distances have the ends of their range; greys go there and back', () => {
  for (const range of [
    { low: 27000, high: 32000 },
    { low: 0, high: 1 },
    { low: -40.25, high: 120.5 },
  ]) {
    const values = evenValues(range, 21);
    assert.deepEqual([values[0], values[20]], [range.low, range.high]);
    for (let i = 1; i < values.length; i++) {
      const step = (range.high - range.low) / 20;
      assert.ok(Math.abs(values[i]! - values[i - 1]! - step) < 1e-5 * (range.high - range.low));
    }
    for (let grey = 0; grey < 256; grey++) assert.equal(greyOf(valueOfGrey(grey, range), range), grey);
    assert.equal(greyOf(range.low - 1e6, range), 0);
    assert.equal(greyOf(range.high + 1e6, range), 255);
  }
});

test('numbers are read in six digits at most', () => {
  const read = [27250, 27217.390625, 0.05, Math.fround(0.1), -12.3456789, 65535, 1234567].map(readable);
  assert.deepEqual(read, ['27250', '27217.4', '0.05', '0.1', '-12.3457', '65535', '1234570']);
});
