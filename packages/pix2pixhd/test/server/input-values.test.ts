/**
 * Drawings of one channel in the unit of the files: what is drawn, what a gallery offers, what a canvas takes and what the generator
 * is given, compared with what the files hold.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeValues, encodeRuns, encodeValues } from '@pix2pixhd/editor/protocol';
import { type Canvas, openCanvas, plainDrawing } from '@pix2pixhd/editor/session';
import type { Pixels } from '../../src/api/image-input.js';
import { Gallery } from '../../src/drawings/gallery.js';
import { inputValues, readColours } from '../../src/drawings/input-values.js';
import { UserError } from '../../src/errors.js';
import type { Raster } from '../../src/raster.js';
import { noise, temporaryFolder, writePng } from '../data/images.js';

const [width, height] = [16, 12];
const pixels = width * height;
const grey = { labelNc: 0, inputChannels: 1 };
const range = { low: 27000, high: 32000 };
const counts = Uint16Array.from(noise(2 * pixels).subarray(pixels), (value, i) => 26990 + 20 * value + (i % 19));

/** What the generator would be given of a canvas. */
function given(canvas: Canvas, reduce = 1): Pixels['data'] {
  return (canvas.request(reduce).input as Pixels).data;
}

test('values are drawn where one channel has a range or more than 8 bits; nothing else changes', async t => {
  const folder = temporaryFolder(t);
  const [deep, shallow] = [join(folder, 'deep.png'), join(folder, 'shallow.png')];
  writePng(deep, width, 1, counts);
  writePng(shallow, width, 1, noise(pixels));
  const drawn = async (...args: Parameters<typeof inputValues>) => (await inputValues(...args)).values;
  assert.deepEqual(await drawn(range, 1, []), range);
  assert.deepEqual(await drawn(range, 1, [shallow]), range);
  assert.deepEqual(await drawn('full', 1, [deep]), { low: 0, high: 65535 });
  for (const own of ['per-frame', 'clahe'] as const) {
    const { low, high } = (await drawn(own, 1, [deep]))!;
    const sorted = [...counts].sort((a, b) => a - b);
    assert.ok(
      low >= sorted[0]! && low < sorted[3]! && high > sorted.at(-3)! && high <= sorted.at(-1)!,
      `${low} ${high}`,
    );
    assert.equal(await drawn(own, 1, [shallow]), null);
  }
  assert.equal(await drawn('full', 1, [shallow]), null);
  assert.equal(await drawn('full', 1, []), null);
  assert.equal(await drawn(range, 3, [deep]), null);
  // One that cannot be read does not keep the server from starting.
  assert.deepEqual(await drawn('full', 1, [join(folder, 'absent.png'), deep]), { low: 0, high: 65535 });
});

test('a drawing of the gallery is what its file holds, also beyond the range', async t => {
  const file = join(temporaryFolder(t), 'counts.png');
  writePng(file, width, 1, counts);
  for (const inputs of [await inputValues(range, 1, [file]), await inputValues('full', 1, [file])]) {
    const drawing = await new Gallery([{ stem: 'a', source: file }], null, inputs).read(0);
    assert.deepEqual([drawing.width, drawing.height], [width, height]);
    assert.deepEqual(decodeValues(drawing.bytes, pixels), Float32Array.from(counts));
  }
});

test('a drawing that is scaled stays in the unit; colours are refused by name', async t => {
  const folder = temporaryFolder(t);
  const [flat, colours] = [join(folder, 'flat.png'), join(folder, 'colours.png')];
  writePng(flat, width, 1, new Uint16Array(pixels).fill(30123));
  writePng(colours, width, 3, noise(3 * pixels));
  const inputs = await inputValues(range, 1, [flat]);
  const samples = [flat, colours].map(source => ({ stem: source, source }));
  const gallery = new Gallery(samples, width / 2, inputs);
  const half = await gallery.read(0);
  assert.deepEqual([half.width, half.height], [width / 2, height / 2]);
  for (const value of decodeValues(half.bytes, pixels / 4) as Float32Array) assert.ok(Math.abs(value - 30123) < 0.01);
  await assert.rejects(gallery.read(1), error => error instanceof UserError && error.message.includes('colours.png'));
});

test('what is not painted has no class, however many there are', () => {
  for (const [labelNc, none] of [
    [5, 255],
    [300, 65535],
  ] as const) {
    const canvas = openCanvas(2, 2, { labelNc, inputChannels: 0 });
    const maps = { width: 2, height: 2, labels: Uint16Array.of(3, 0, 0, 0), instances: Int32Array.of(7, 0, 0, 0) };
    const rect = { x: 0, y: 0, width: 1, height: 1 };
    assert.equal(canvas.change(rect, encodeRuns(maps, rect)), null);
    assert.deepEqual(given(canvas), Uint16Array.of(3, none, none, none));
    assert.deepEqual([...canvas.objects()], [[7, 3]]);
  }
});

test('a canvas of values is white at first, takes rectangles bit for bit, and gives the generator all of it', () => {
  const inputs = { range, depth: '16', values: range } as const;
  const canvas = openCanvas(width, height, grey, inputs);
  assert.ok(given(canvas).every(value => value === 32000));
  const rect = { x: 3, y: 2, width: 5, height: 4 };
  const values = Float32Array.from({ length: 20 }, (_, i) => 28000 + i / 7);
  assert.equal(canvas.change(rect, encodeValues(values)), null);
  const whole = given(canvas);
  assert.ok(whole instanceof Float32Array);
  whole.forEach((value, at) => {
    const [x, y] = [(at % width) - rect.x, Math.floor(at / width) - rect.y];
    const inside = x >= 0 && y >= 0 && x < rect.width && y < rect.height;
    assert.equal(value, inside ? values[y * rect.width + x] : 32000);
  });
  const half = given(canvas, 2);
  half.forEach((value, at) => {
    assert.equal(value, whole[2 * Math.floor(at / (width / 2)) * width + 2 * (at % (width / 2))]);
  });
});

test('what is no rectangle of finite values is refused, and changes nothing', () => {
  const canvas = openCanvas(width, height, grey, { range, depth: '16', values: range });
  const rect = { x: 0, y: 0, width: 2, height: 1 };
  const refuse = (values: number[], reason: RegExp, at = rect) => {
    assert.match(canvas.change(at, encodeValues(Float32Array.from(values))) ?? 'accepted', reason);
  };
  refuse([1, Number.NaN], /NaN, number 1/);
  refuse([Number.POSITIVE_INFINITY, 1], /Infinity/);
  refuse([1, Number.NEGATIVE_INFINITY], /-Infinity/);
  refuse([1], /4 bytes for 8/);
  refuse([1, 2, 3], /12 bytes for 8/);
  refuse([1, 2], /ends at 17/, { ...rect, x: 15 });
  assert.match(canvas.change(rect, new Uint8Array(7)) ?? '', /7 bytes for 8/);
  assert.ok(given(canvas).every(value => value === 32000));
});

test('in the full range 16 bits stay 16 bits; what is between two of them, or beyond, is kept as far as it goes', () => {
  const full = { low: 0, high: 65535 };
  const canvas = openCanvas(2, 1, grey, { range: 'full', depth: '16', values: full });
  const both = { x: 0, y: 0, width: 2, height: 1 };
  const gives = (...values: number[]) => {
    assert.equal(canvas.change(both, encodeValues(Float32Array.from(values))), null);
    return given(canvas);
  };
  assert.deepEqual(gives(1, 65534), Uint16Array.of(1, 65534));
  assert.deepEqual(gives(-5, 70000), Uint16Array.of(0, 65535));
  assert.deepEqual(gives(0.5, 65535), Float32Array.of(0.5 / 65535, 1));
});

test('colours of a range are shown through it, and given in the unit of the files', async t => {
  const file = join(temporaryFolder(t), 'rgb.png');
  const stored = Uint16Array.from(noise(3 * pixels), value => 26000 + 30 * value);
  writePng(file, width, 3, stored);
  const inputs = await inputValues(range, 3, [file]);
  const shown = await readColours(file, inputs, (size: { width: number; height: number }) => size);
  const share = (value: number) => Math.min(1, Math.max(0, (value - 27000) / 5000));
  // Half a grey, and what single precision adds.
  shown.data.forEach((value, i) => {
    assert.ok(Math.abs(value - 255 * share(stored[i]!)) < 0.5001);
  });
  const canvas = openCanvas(width, height, { labelNc: 0, inputChannels: 3 }, inputs);
  assert.equal(canvas.change({ x: 0, y: 0, width, height }, shown.data), null);
  given(canvas).forEach((value, i) => {
    const cut = Math.min(32000, Math.max(27000, stored[i]!));
    assert.ok(Math.abs(value - cut) <= 5000 / 255 / 2 + 0.01, `${value} for ${cut}`);
  });
});

test('colours of 8 bits are what they were', async t => {
  const file = join(temporaryFolder(t), 'rgb.png');
  const stored = noise(3 * pixels);
  writePng(file, width, 3, stored);
  const shown: Raster = await readColours(file, plainDrawing, (size: { width: number; height: number }) => size);
  assert.deepEqual(shown.data, stored);
  const canvas = openCanvas(width, height, { labelNc: 0, inputChannels: 3 });
  assert.equal(canvas.change({ x: 0, y: 0, width, height }, stored), null);
  assert.deepEqual(given(canvas), stored);
});
