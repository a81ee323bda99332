/** Frames and runs: there and back, and refused where damaged. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeFrame, encodeFrame } from '../../src/protocol/frames.js';
import { fromPageSchema, modelSchema } from '../../src/protocol/messages.js';
import { decodeRuns, encodeRuns } from '../../src/protocol/runs.js';
import { decodeValues, encodeValues } from '../../src/protocol/values.js';
import { draws } from '../support.js';

test('frames go there and back; what is no frame is null', () => {
  const header = { type: 'open', text: 'läuft 간다' };
  const bytes = Uint8Array.from([1, 2, 3]);
  assert.deepEqual(decodeFrame(encodeFrame(header, bytes)), { header, bytes });
  const frame = encodeFrame(header, bytes);
  for (let length = 0; length < frame.length - 3; length++) assert.equal(decodeFrame(frame.subarray(0, length)), null);
  assert.equal(decodeFrame(Uint8Array.from([2, 0, 0, 0, 0xff, 0xff])), null);
  assert.equal(decodeFrame(Uint8Array.from([255, 255, 255, 255, 1])), null);
  assert.throws(() => encodeFrame({ text: 'x'.repeat(1 << 20) }), RangeError);
});

test('runs of a rectangle go there and back, and leave the rest alone', () => {
  for (let seed = 0; seed < 30; seed++) {
    const draw = draws(seed);
    const [width, height] = [10 + draw(50), 10 + draw(50)];
    const maps = (value: () => number) => ({
      width,
      height,
      labels: Uint16Array.from({ length: width * height }, value),
      instances: Int32Array.from({ length: width * height }, () => value() * 1000),
    });
    const from = maps(() => draw(3));
    const into = maps(() => 9);
    const [x, y] = [draw(width), draw(height)];
    const rect = { x, y, width: 1 + draw(width - x), height: 1 + draw(height - y) };
    assert.equal(decodeRuns(encodeRuns(from, rect), into, rect, 10), null);
    for (let at = 0; at < width * height; at++) {
      const [u, v] = [at % width, Math.floor(at / width)];
      const inside = u >= x && v >= y && u < x + rect.width && v < y + rect.height;
      assert.equal(into.labels[at], inside ? from.labels[at] : 9);
      if (inside) assert.equal(into.instances[at], from.instances[at]);
    }
  }
});

test('runs that do not fit are refused and change nothing', () => {
  const maps = () => ({ width: 4, height: 2, labels: new Uint16Array(8), instances: new Int32Array(8) });
  const rect = { x: 0, y: 0, width: 4, height: 2 };
  const refuse = (values: number[], reason: RegExp) => {
    const into = maps();
    const message = decodeRuns(new Uint8Array(Int32Array.from(values).buffer), into, rect, 5);
    assert.match(message ?? 'accepted', reason);
    assert.deepEqual(into, maps());
  };
  refuse([7, 1, 1], /7 pixels for a rectangle of 8/);
  refuse([9, 1, 1], /a run of 9 pixels/);
  refuse([-1, 1, 1, 9, 1, 1], /a run of -1/);
  refuse([0, 1, 1, 8, 1, 1], /a run of 0/);
  refuse([8, 5, 1], /the label 5 among 5 classes/);
  refuse([8, -1, 1], /the label -1/);
  assert.match(decodeRuns(new Uint8Array(11), maps(), rect, 5) ?? '', /11 bytes/);
  assert.equal(decodeRuns(new Uint8Array(Int32Array.from([8, 255, -7]).buffer), maps(), rect, 5), null);
});

test('values go there and back bit for bit, at any place in memory; what is not finite or no whole number of them is refused', () => {
  const draw = draws(3);
  const bits = Uint32Array.from({ length: 500 }, () => draw(2) * 2 ** 31 + draw(0x7f800000));
  const values = new Float32Array(bits.buffer);
  const bytes = encodeValues(values);
  assert.equal(bytes.length, 2000);
  const shifted = new Uint8Array(2003).subarray(3);
  shifted.set(bytes);
  const back = decodeValues(shifted, 500);
  assert.ok(back instanceof Float32Array);
  assert.deepEqual(new Uint32Array(back.buffer), bits);
  // Little-endian, on any machine.
  assert.deepEqual([...encodeValues(Float32Array.of(27000))], [0, 0xf0, 0xd2, 0x46]);
  assert.equal(decodeValues(bytes, 499), '2000 bytes for 1996');
  assert.equal(decodeValues(bytes.subarray(1), 500), '1999 bytes for 2000');
  for (const odd of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    assert.match(decodeValues(encodeValues(Float32Array.of(1, odd)), 2) as string, /number 1/);
});

test('a model says what is black and white, or that it has no such thing', () => {
  const model = { name: 'm', labelNc: 0, inputChannels: 1, width: 8, height: 8, classes: [], styles: null };
  for (const values of [null, { low: 27000, high: 32000 }, { low: -1.5, high: 0 }])
    assert.ok(modelSchema.safeParse({ ...model, values }).success);
  for (const values of [
    undefined,
    { low: 1, high: 1 },
    { low: 2, high: 1 },
    { low: Number.NaN, high: 1 },
    { low: 0, high: Number.POSITIVE_INFINITY },
    { low: 0 },
    [0, 1],
  ])
    assert.ok(!modelSchema.safeParse({ ...model, values }).success, JSON.stringify(values));
});

test('messages of the page are checked field by field', () => {
  const good = {
    type: 'render',
    revision: 3,
    format: 'webp',
    reduce: 1,
    styles: {
      seed: 1,
      default: 'random',
      instances: [
        [26001, { cluster: 3 }],
        [5, [0.5, -1]],
      ],
    },
  };
  assert.ok(fromPageSchema.safeParse(good).success);
  for (const bad of [
    { ...good, format: 'gif' },
    { ...good, reduce: 3 },
    { ...good, more: 1 },
    { ...good, revision: -1 },
    { ...good, styles: { ...good.styles, instances: [['a', 'mean']] } },
    { ...good, styles: { ...good.styles, instances: [[1, [2]]] } },
    { type: 'open', width: 0, height: 5 },
    { type: 'open', width: 1.5, height: 5 },
    { type: 'open', width: 1e9, height: 5 },
    { type: 'nothing' },
    null,
    'hello',
  ])
    assert.ok(!fromPageSchema.safeParse(bad).success, JSON.stringify(bad));
});
