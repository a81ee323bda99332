/** Values as files: there and back in their own values, the kinds that others write, and what is refused with what was found. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from 'fast-png';
import sharp from 'sharp';
import { FileError, type FileProblem } from '../../src/project/stored-values.js';
import { encodeValueFile, readValues } from '../../src/project/value-files.js';
import { draws } from '../support.js';

const [width, height] = [13, 7];
const limits = { side: 64, pixels: 3000 };
const read = (bytes: Uint8Array, name = 'a') => readValues({ name, bytes }, limits);

test('whole numbers of 16 bits are a grey PNG of 16 bits, which others read as the same numbers', async () => {
  const draw = draws(1);
  const values = Float32Array.from({ length: width * height }, () => draw(65536));
  const { bytes, extension } = encodeValueFile({ width, height, values });
  assert.equal(extension, 'png');
  assert.deepEqual(read(bytes), { width, height, values });
  const { data, info } = await sharp(bytes)
    .toColourspace('grey16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true });
  assert.deepEqual([info.width, info.height, info.channels], [width, height, 1]);
  assert.deepEqual(Float32Array.from(new Uint16Array(data.buffer, data.byteOffset, data.length / 2)), values);
});

test('one value that is none of them makes it an array of floating point, bit for bit', () => {
  for (const odd of [0.5, -1, 65536, 1e-30, -0.1]) {
    const values = Float32Array.from({ length: width * height }, (_, i) => 27000 + i);
    values[5] = odd;
    const { bytes, extension } = encodeValueFile({ width, height, values });
    assert.equal(extension, 'npy');
    assert.deepEqual(read(bytes), { width, height, values });
    // What numpy.lib.format asks for.
    const length = bytes[8]! + 256 * bytes[9]!;
    assert.equal((10 + length) % 64, 0);
    assert.equal(bytes[10 + length - 1], 10);
    assert.equal(bytes.length, 10 + length + 4 * width * height);
  }
});

test('grey of 8 bits is its values, of fewer bits as light as it is shown', () => {
  const data = Uint8Array.from({ length: width * height }, (_, i) => (i * 7) % 256);
  const bytes = Uint8Array.from(encode({ width, height, data, channels: 1 }));
  assert.deepEqual(read(bytes).values, Float32Array.from(data));
});

/** A NumPy array as NumPy writes it. */
function array(descr: string, shape: string, data: ArrayBufferView, order = 'False'): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;
  const header = `${text.padEnd(117)}\n`;
  return Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    Uint8Array.of(header.length, 0),
    Buffer.from(header),
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  ]);
}

test('arrays of other types are read as numbers', () => {
  const numbers = [0, 1, 2, 3, 4, 250];
  for (const [descr, data] of [
    ['|u1', Uint8Array.from(numbers)],
    ['<u2', Uint16Array.from(numbers)],
    ['<i2', Int16Array.from(numbers)],
    ['<f4', Float32Array.from(numbers)],
    ['<f8', Float64Array.from(numbers)],
  ] as const)
    for (const shape of ['(2, 3)', '(2, 3, 1)'])
      assert.deepEqual(read(array(descr, shape, data)), { width: 3, height: 2, values: Float32Array.from(numbers) });
});

test('what cannot be drawn on is refused with what was found', () => {
  const refuse = (bytes: Uint8Array, problem: FileProblem, found: object = {}) =>
    assert.throws(
      () => read(bytes, 'x.png'),
      error => {
        assert.ok(error instanceof FileError);
        assert.equal(error.problem, problem);
        for (const [key, value] of Object.entries({ file: 'x.png', ...found })) assert.equal(error.found[key], value);
        return true;
      },
    );
  const grey = Uint8Array.from(encode({ width, height, data: new Uint8Array(width * height), channels: 1 }));
  refuse(Buffer.from('GIF89a, as far as it goes'), 'valuesKind');
  refuse(Uint8Array.from(encode({ width: 2, height: 1, data: new Uint8Array(6), channels: 3 })), 'valuesColours', {
    colours: 'RGB',
  });
  const large = new Uint8Array(65);
  refuse(Uint8Array.from(encode({ width: 65, height: 1, data: large, channels: 1 })), 'valuesTooLarge', {
    width: 65,
    side: 64,
  });
  refuse(array('|u1', '(1, 65)', large), 'valuesTooLarge', { width: 65 });
  refuse(grey.subarray(0, grey.length - 20), 'mapDamaged');
  refuse(array('<f4', '(2, 3)', new Float32Array(5)), 'mapDamaged');
  refuse(array('<f4', '(0, 3)', new Float32Array(0)), 'mapDamaged');
  refuse(array('<c8', '(1, 1)', new Float32Array(2)), 'valuesArray');
  refuse(array('<f4', '(1, 1)', new Float32Array(1), 'True'), 'valuesArray');
  refuse(array('<f4', '(1, 1, 3)', new Float32Array(3)), 'valuesArray');
  refuse(array('<f4', '(3,)', new Float32Array(3)), 'valuesArray');
  refuse(array('<f4', '(1, 3)', Float32Array.of(0, Number.NaN, 1)), 'valuesNotFinite', { x: 1, y: 0 });
  refuse(array('<f8', '(1, 2)', Float64Array.of(0, 1e300)), 'valuesNotFinite', { x: 1, y: 0 });
});
