/**
 * Resizing equals Pillow's numbers. The fixture was made with Pillow 9.4: for each case the input and the output of
 * `Image.resize(size, BICUBIC | NEAREST)`, zlib-compressed, base64. 16-bit cases are Pillow's mode "I" (32-bit
 * integers), whose result ours clips to 0…65535.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync, inflateSync } from 'node:zlib';
import { Random } from '../../src/data/random.js';
import { resizeBicubic, resizeNearest } from '../../src/data/resize/resize.js';
import type { ImageRaster } from '../../src/raster.js';

interface Case {
  readonly name: string;
  readonly filter: 'bicubic' | 'nearest';
  readonly dtype: 'uint8' | 'int32' | 'float32';
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly input: string;
  readonly toWidth: number;
  readonly toHeight: number;
  readonly output: string;
}

const fixture = new URL('../../../test/fixtures/pillow-resize.json.gz', import.meta.url);
const cases = JSON.parse(gunzipSync(readFileSync(fixture)).toString()) as readonly Case[];

function unpack(text: string, dtype: Case['dtype']): Uint8Array | Int32Array | Float32Array {
  const bytes = Uint8Array.from(inflateSync(Buffer.from(text, 'base64')));
  if (dtype === 'uint8') return bytes;
  return dtype === 'int32' ? new Int32Array(bytes.buffer) : new Float32Array(bytes.buffer);
}

for (const c of cases) {
  test(`${c.filter}, ${c.name}: ${c.width}×${c.height} to ${c.toWidth}×${c.toHeight}, bit for bit`, () => {
    const input = unpack(c.input, c.dtype);
    const expected = unpack(c.output, c.dtype);
    if (c.filter === 'nearest') {
      assert.ok(input instanceof Int32Array);
      const map = resizeNearest({ width: c.width, height: c.height, channels: 1, data: input }, c.toWidth, c.toHeight);
      assert.deepEqual([map.width, map.height], [c.toWidth, c.toHeight]);
      assert.deepEqual(map.data, expected);
      return;
    }
    const raster: ImageRaster = {
      width: c.width,
      height: c.height,
      channels: c.channels,
      data: input instanceof Int32Array ? Uint16Array.from(input) : input,
    };
    const out = resizeBicubic(raster, c.toWidth, c.toHeight);
    assert.deepEqual([out.width, out.height, out.channels], [c.toWidth, c.toHeight, c.channels]);
    const clipped = expected instanceof Int32Array ? expected.map(v => Math.min(65535, Math.max(0, v))) : expected;
    assert.deepEqual(Array.from(out.data), Array.from(clipped));
  });
}

test('the fixture exercises clipping in 16 bits, or the comparison above would not cover it', () => {
  const clips = cases.filter(c => c.dtype === 'int32' && c.filter === 'bicubic');
  assert.ok(clips.some(c => unpack(c.output, c.dtype).some(v => v < 0 || v > 65535)));
});

test('halving equals the same bicubic filter at its full precision, borders and extreme values included', () => {
  // The filter in plain steps: float64 weights, rounded to 22 fractional bits, each pass rounded and clipped.
  const pass = (line: readonly number[]): number[] =>
    Array.from({ length: line.length / 2 }, (_, i) => {
      const taps = line.flatMap((value, at) => {
        const x = Math.abs(at - (2 * i + 0.5)) / 2;
        const near = (1.5 * x - 2.5) * x * x + 1;
        return x >= 2 ? [] : [{ value, weight: x < 1 ? near : ((-0.5 * x + 2.5) * x - 4) * x + 2 }];
      });
      const total = taps.reduce((sum, { weight }) => sum + weight, 0);
      const fixed = taps.map(({ value, weight }) => value * Math.round((weight / total) * 2 ** 22));
      return Math.min(255, Math.max(0, Math.floor(fixed.reduce((sum, v) => sum + v, 2 ** 21) / 2 ** 22)));
    });
  const [width, height] = [26, 14];
  // Half of the values are black or white, so that sums leave 0…255 and are clipped.
  const random = new Random(5);
  for (const channels of [1, 3, 4]) {
    const data = Uint8Array.from({ length: width * height * channels }, () =>
      random.uniform() < 0.5 ? 255 * random.integer(2) : random.integer(256),
    );
    const at = (x: number, y: number, c: number) => data[(y * width + x) * channels + c]!;
    const expected = new Uint8Array(data.length / 4);
    for (let c = 0; c < channels; c++) {
      const rows = Array.from({ length: height }, (_, y) => pass(Array.from({ length: width }, (_, x) => at(x, y, c))));
      for (let x = 0; x < width / 2; x++) {
        const column = pass(rows.map(row => row[x]!));
        for (const [y, value] of column.entries()) expected[((y * width) / 2 + x) * channels + c] = value;
      }
    }
    const raster: ImageRaster = { width, height, channels, data };
    assert.deepEqual(resizeBicubic(raster, width / 2, height / 2).data, expected, `${channels} channels`);
  }
});

test('nearest keeps the type of the ids', () => {
  for (const data of [Uint8Array.of(1, 2, 3, 4), Uint16Array.of(1, 2, 3, 40000), Int32Array.of(-1, 2, 3, 4)])
    assert.deepEqual(resizeNearest({ width: 2, height: 2, channels: 1, data }, 1, 1).data, data.slice(3));
});

test('nearest on an image keeps whole pixels together', () => {
  const data = Uint8Array.from({ length: 4 * 2 * 3 }, (_, i) => i);
  const out = resizeNearest({ width: 4, height: 2, channels: 3, data }, 2, 1);
  // Centres of the two new pixels fall on columns 1 and 3, row 1.
  assert.deepEqual([...out.data], [15, 16, 17, 21, 22, 23]);
});

test('a size that is not a positive whole number is refused', () => {
  const raster: ImageRaster = { width: 1, height: 1, channels: 1, data: new Uint8Array(1) };
  assert.throws(() => resizeBicubic(raster, 0, 5), RangeError);
  assert.throws(() => resizeBicubic(raster, 2.5, 5), RangeError);
});
