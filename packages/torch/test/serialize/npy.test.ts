import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type FileFormatError, readNpy, writeNpy } from '../../src/serialize/index.js';
import { elementsOf, oneOfEachType, temporaryFolder, tensorOf } from './support.js';

const folder = temporaryFolder();
const path = join(folder, 'test.npy');

/** Writes a file by the format's description. */
function writeRaw(header: string, data: Uint8Array, version = 1, length = Buffer.byteLength(header)): void {
  const start = Buffer.alloc(version === 1 ? 10 : 12);
  start.write('\x93NUMPY', 'latin1');
  start.set([version, 0], 6);
  start.writeUIntLE(length, 8, version === 1 ? 2 : 4);
  writeFileSync(path, Buffer.concat([start, Buffer.from(header), data]));
}

function writeArray(descr: string, shape: string, data: Uint8Array, fortran = 'False', version = 1): void {
  writeRaw(`{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`, data, version);
}

function refuses(problem: RegExp): void {
  assert.throws(() => readNpy(path), { name: 'FileFormatError', message: problem });
  assert.throws(
    () => readNpy(path),
    (error: FileFormatError) => error.path === path,
  );
}

test('the bytes are those that NumPy writes', () => {
  // np.save of np.array([[1, -2]], '<i2'), NumPy 1.24
  const expected =
    "\x93NUMPY\x01\x00\x76\x00{'descr': '<i2', 'fortran_order': False, 'shape': (1, 2), }".padEnd(127) +
    '\n\x01\x00\xfe\xff';
  writeNpy(path, tensorOf('int16', [1, 2], [1, -2]));
  assert.equal(readFileSync(path, 'latin1'), expected);
  assert.deepEqual(elementsOf(readNpy(path)), [1, -2]);
});

test('every element type but bfloat16 survives a round trip', () => {
  for (const [name, tensor] of oneOfEachType()) {
    if (name === 'bfloat16') {
      assert.throws(() => writeNpy(path, tensor), /NumPy has no bfloat16/);
      continue;
    }
    writeNpy(path, tensor);
    assert.deepEqual(readNpy(path), tensor, name);
    assert.equal(readFileSync(path).byteLength % 64, tensor.bytes.byteLength % 64, `${name} is not aligned`);
  }
});

test('versions 2 and 3 read like version 1', () => {
  for (const version of [1, 2, 3]) {
    writeArray('|u1', '(3,)', Uint8Array.of(1, 2, 3), 'False', version);
    assert.deepEqual(readNpy(path), tensorOf('uint8', [3], [1, 2, 3]));
  }
});

test('Fortran order comes out in C order', () => {
  // [[0, 1, 2], [3, 4, 5]] column by column
  writeArray('<f4', '(2, 3)', tensorOf('float32', [6], [0, 3, 1, 4, 2, 5]).bytes, 'True');
  assert.deepEqual(readNpy(path), tensorOf('float32', [2, 3], [0, 1, 2, 3, 4, 5]));
});

test('unsigned integers that tensors lack are widened', () => {
  writeArray('<u2', '(2,)', Uint8Array.of(0xff, 0xff, 1, 0));
  assert.deepEqual(readNpy(path), tensorOf('int32', [2], [65535, 1]));
  writeArray('<u4', '(2,)', Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0));
  assert.deepEqual(readNpy(path), tensorOf('int64', [2], [4294967295, 1]));
});

test('element types that no tensor holds are refused, objects and big-endian numbers by name', () => {
  for (const [descr, why] of [
    ['|O', /objects, which are stored as pickles/],
    ['>f4', /">f4" \(big-endian numbers\)/],
    ['<c8', /"<c8" \(which no tensor can hold\)/],
    ['<u8', /"<u8"/],
    ['<U4', /"<U4"/],
  ] as const) {
    writeArray(descr, '(1,)', new Uint8Array(8));
    refuses(why);
  }
  writeRaw("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }\n", new Uint8Array(4));
  refuses(/structured array/);
});

test('headers that lie are refused before memory is allocated', () => {
  writeRaw('{}', new Uint8Array(0), 2, 0xffffffff);
  refuses(/its header claims 4294967295 bytes/);
  writeRaw('{}', new Uint8Array(0), 1, 3);
  refuses(/its header claims 3 bytes, expected up to 2/);
  writeArray('<f8', '(1000000000000,)', new Uint8Array(8));
  refuses(/takes 8000000000000 bytes, but the file has 8/);
  writeArray('<f8', '(9007199254740991, 9007199254740991)', new Uint8Array(8));
  refuses(/takes too many bytes/);
  writeArray('<f4', '(1,)', new Uint8Array(5));
  refuses(/takes 4 bytes, but the file has 5/);
  writeArray('<f4', '(-1,)', new Uint8Array(4));
  refuses(/header that is not exactly descr, fortran_order and shape/);
  writeArray('<f4', '(1,, 1)', new Uint8Array(4));
  refuses(/header with the shape/);
  writeFileSync(path, 'PK');
  refuses(/not a .npy file/);
  writeRaw('{}', new Uint8Array(0), 9);
  refuses(/version 9/);
});
