import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type FileFormatError, readNpyDict, writeNpy } from '../../src/serialize/index.js';
import { elementsOf, fixture, pickle, temporaryFolder, tensorOf } from './support.js';

const folder = temporaryFolder();
const path = join(folder, 'test.npy');

/** Writes a .npy file of one object around a pickle. */
function writeObject(text: string): void {
  const header = "{'descr': '|O', 'fortran_order': False, 'shape': (), }\n";
  const start = Buffer.from(`\x93NUMPY\x01\x00${String.fromCharCode(header.length)}\x00${header}`, 'latin1');
  writeFileSync(path, Buffer.concat([start, pickle(text)]));
}

function refuses(problem: RegExp): void {
  assert.throws(
    () => readNpyDict(path),
    (error: FileFormatError) => {
      assert.equal(error.name, 'FileFormatError', error.stack);
      assert.equal(error.path, path);
      assert.match(error.problem, problem);
      return true;
    },
  );
}

/** The values that make_npy_dict.py stores. */
const clusters = new Map([
  [0, tensorOf('float64', [0, 3], [])],
  [
    7,
    tensorOf(
      'float64',
      [4, 3],
      Array.from({ length: 12 }, (_, i) => i / 8 - 0.5),
    ),
  ],
  [26, tensorOf('float64', [2, 3], [0.1, -0.2, 1e-300, 200 / 255, -1, 128])],
  [33, tensorOf('float64', [0, 3], [])],
]);

for (const name of ['clusters.npy', 'clusters.protocol2.npy', 'clusters.protocol4.npy'])
  test(`${name}: NumPy's dict of arrays reads bit by bit`, () => {
    assert.deepEqual(readNpyDict(fixture(name)), clusters);
  });

test('NumPy 2 renamed the module and nothing else', () => {
  const old = readFileSync(fixture('clusters.npy'), 'latin1');
  const renamed = old.replaceAll('numpy.core.multiarray', 'numpy._core.multiarray');
  assert.notEqual(renamed, old);
  writeFileSync(path, renamed, 'latin1');
  assert.deepEqual(readNpyDict(path), clusters);
});

test('element types, Fortran order, NumPy integers as keys and shared arrays', () => {
  const read = readNpyDict(fixture('layouts.npy'));
  assert.deepEqual(
    read,
    new Map([
      [0, tensorOf('float32', [1, 2], [1.5, -2.5])],
      [1, tensorOf('float32', [1, 2], [1.5, -2.5])],
      [2, tensorOf('float64', [2, 3], [0, 1, 2, 3, 4, 5])],
      [3, tensorOf('int16', [1, 2], [1, -2])],
      [4, tensorOf('int32', [1], [65535])],
    ]),
  );
  assert.equal(read.get(0), read.get(1));
});

/** An array as Python 2's NumPy pickles it, whose bytes are a str. */
function python2Array(shape: string, type: string, data: string): string {
  const dtype = `cnumpy\ndtype\n(U${String.fromCharCode(type.length)}${type}K\x00K\x01tR(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb`;
  const empty = 'cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tU\x01btR';
  return `${empty}(K\x01${shape}${dtype}\x89U${String.fromCharCode(data.length)}${data}tb`;
}

/** The outer array of one object. */
function python2Object(object: string): string {
  const empty = 'cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tU\x01btR';
  const dtype = 'cnumpy\ndtype\n(U\x02O8K\x00K\x01tR(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb';
  return `\x80\x02${empty}(K\x01)${dtype}\x89](${object}etb.`;
}

test('arrays of Python 2, whose bytes are a str of any bytes', () => {
  const bytes = Buffer.from(tensorOf('float32', [1, 2], [-0.3, 1e30]).bytes).toString('latin1');
  writeObject(python2Object(`}(K\x05${python2Array('K\x01K\x02\x86', 'f4', bytes)}u`));
  assert.deepEqual(elementsOf(readNpyDict(path).get(5)!), [Math.fround(-0.3), Math.fround(1e30)]);
});

test('anything but a dict from integers to numeric arrays is refused, and the error says what it is', () => {
  writeNpy(path, tensorOf('float32', [2], [1, 2]));
  refuses(/array of type "<f4" and shape \(2\); expected one dict/);
  writeObject(python2Object(']'));
  refuses(/holds a list or tuple; expected a dict of arrays/);
  writeObject(python2Object(`}(K\x05K\x01u`));
  refuses(/has a number under the key 5/);
  writeObject(python2Object(`}(U\x01aK\x01u`));
  refuses(/dict key "a"/);
  writeObject('\x80\x02}.');
  refuses(/holds a dict where|dict of arrays/);
  writeObject(python2Object(`}(K\x05${python2Array('K\x01\x85', 'f4', '\0\0\0\0').replace('U\x01<', 'U\x01>')}u`));
  refuses(/big-endian/);
});

test('arrays whose shape and bytes disagree are refused before memory is allocated', () => {
  const array = (shape: string, data: string) =>
    writeObject(python2Object(`}(K\x05${python2Array(shape, 'f8', data)}u`));
  array('K\x02\x85', '\0\0\0\0\0\0\0\0');
  refuses(/takes 16 bytes, but the file has 8/);
  array('J\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x86', '');
  refuses(/takes too many bytes/);
  array('J\xff\xff\xff\xff\x85', '');
  refuses(/takes too many bytes/);
});

test('one array of bytes cannot become a thousand tensors', () => {
  const data = '\0'.repeat(200);
  // The str is memoised and given to a new array under each key.
  const first = python2Array('K\x19\x85', 'f8', data).replace(/tb$/, 'q\x00tb');
  const again = Array.from(
    { length: 200 },
    (_, i) => `K${String.fromCharCode(i)}${python2Array('K\x19\x85', 'f8', '').replace('U\x00', 'h\x00')}`,
  ).join('');
  writeObject(python2Object(`}(K\xff${first}${again}u`));
  assert.equal(readNpyDict(path).size, 201); // 40 kB of a file of 20 kB: within what widening may take
  const slim = (i: number) => `J${String.fromCharCode(i & 255, i >> 8)}\0\0h\x01h\x02R(K\x01h\x03h\x04\x89h\x00tb`;
  const head =
    `K\xffcnumpy.core.multiarray\n_reconstruct\nq\x01(cnumpy\nndarray\n(K\x00tU\x01btq\x02R(K\x01K\x19\x85q\x03` +
    `cnumpy\ndtype\n(U\x02f8K\x00K\x01tR(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tbq\x04\x89U\xc8${data}q\x00tb`;
  writeObject(python2Object(`}(${head}${Array.from({ length: 2000 }, (_, i) => slim(i)).join('')}u`));
  refuses(/more memory than the file/);
});
