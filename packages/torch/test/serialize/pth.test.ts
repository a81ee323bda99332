import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TensorData } from '../../src/dtype.js';
import { crc32 } from '../../src/serialize/crc32.js';
import { isTensorData, type PthValue, readPth, readStateDict, writePth } from '../../src/serialize/index.js';
import { elementsOf, fixture, oneOfEachType, temporaryFolder, tensorOf } from './support.js';

const folder = temporaryFolder();
const path = join(folder, 'test.pth');
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

test('a state dict of the reference reads the same from both formats, bit by bit as PyTorch has it', () => {
  const zip = readStateDict(fixture('encoder.pth'));
  const legacy = readStateDict(fixture('encoder.legacy.pth'));
  assert.deepEqual(legacy, zip);
  // zlib.crc32 of each tensor's bytes, from PyTorch 1.13
  const expected: [string, number[], number][] = [
    ['model.1.weight', [4, 3, 7, 7], 0x2c636515],
    ['model.1.bias', [4], 0xef0e1372],
    ['model.4.weight', [8, 4, 3, 3], 0x7f90628b],
    ['model.4.bias', [8], 0xa37910c8],
    ['model.7.weight', [16, 8, 3, 3], 0x99ea422f],
    ['model.7.bias', [16], 0xffd0c5a7],
    ['model.10.weight', [32, 16, 3, 3], 0xc2c5c6bd],
    ['model.10.bias', [32], 0x063fbc40],
    ['model.13.weight', [32, 16, 3, 3], 0xd5979475],
    ['model.13.bias', [16], 0xdb35c92b],
    ['model.16.weight', [16, 8, 3, 3], 0x41030bb0],
    ['model.16.bias', [8], 0xf7367194],
    ['model.19.weight', [8, 4, 3, 3], 0x24198e6c],
    ['model.19.bias', [4], 0x1e5c0c17],
    ['model.23.weight', [3, 4, 7, 7], 0xb7560935],
    ['model.23.bias', [3], 0x4987a0c4],
  ];
  assert.deepEqual(
    [...zip].map(([name, { shape, bytes }]) => [name, shape, crc32(bytes)]),
    expected,
  );
});

test('parameters and tensors as PyTorch pickled them in 2017', () => {
  assert.deepEqual(
    [...readStateDict(fixture('parameters2017.pth'))],
    [
      ['0.weight', tensorOf('float32', [2, 3], range(6))],
      ['0.bias', tensorOf('float32', [2], [0.25, -1.5])],
      ['plain', tensorOf('float32', [2], [3, 4])],
    ],
  );
});

for (const name of ['values.pth', 'values.protocol4.pth', 'values.legacy.pth']) {
  test(`${name}: views, shared storages and every element type come out contiguous`, () => {
    const root = readPth(fixture(name));
    assert.ok(root instanceof Map);
    const state = root.get('state');
    assert.ok(state instanceof Map);
    const expected: Record<string, TensorData> = {
      plain: tensorOf('float32', [2, 3, 4], range(24)),
      shared_part: tensorOf('float32', [6], [5, 6, 7, 8, 9, 10]),
      permuted: tensorOf(
        'float32',
        [4, 2, 3],
        range(24).map(i => Math.floor(i / 6) + 4 * (i % 6)), // element (a, b, c) is 12 b + 4 c + a
      ),
      every_second: tensorOf('float32', [2, 2, 2], [4, 6, 8, 10, 16, 18, 20, 22]),
      expanded: tensorOf('float32', [2, 3], [1.5, 1.5, 1.5, -2.5, -2.5, -2.5]),
      channels_last: tensorOf('float32', [1, 3, 4, 4], range(48)),
      double_transposed: tensorOf('float64', [3, 2], [0, 3, 1, 4, 2, 5]),
      // 0, 3, 1, 4, 2, 5 as half-precision bits
      half_transposed: tensorOf('float16', [3, 2], [0, 0x4200, 0x3c00, 0x4400, 0x4000, 0x4500]),
      byte_transposed: tensorOf('uint8', [3, 2], [0, 3, 1, 4, 2, 5]),
      scalar: tensorOf('int64', [], [7]),
      empty: tensorOf('float32', [0, 3], []),
      parameter: tensorOf('float32', [2], [0.25, 0.5]),
      float16: tensorOf('float16', [4], [0xc000, 0, 0x3c00, 0x5640]),
      bfloat16: tensorOf('bfloat16', [4], [0xc000, 0, 0x3f80, 0x42c8]),
      float64: tensorOf('float64', [4], [-2, 0, 1, 100]),
      int64: tensorOf('int64', [4], [-2, 0, 1, 100]),
      int32: tensorOf('int32', [4], [-2, 0, 1, 100]),
      int16: tensorOf('int16', [4], [-2, 0, 1, 100]),
      int8: tensorOf('int8', [4], [-2, 0, 1, 100]),
      uint8: tensorOf('uint8', [4], [0, 1, 200, 255]),
      bool: tensorOf('bool', [4], [1, 0, 1, 1]),
    };
    assert.deepEqual([...state.keys()], Object.keys(expected));
    for (const [key, tensor] of Object.entries(expected)) assert.deepEqual(state.get(key), tensor, key);
  });

  test(`${name}: numbers, text, lists and nested dicts are Python's`, () => {
    const root = readPth(fixture(name));
    assert.ok(root instanceof Map);
    const tied = root.get('tied') as TensorData[];
    assert.equal(tied[0], tied[1]);
    assert.deepEqual(elementsOf(tied[0]!), [3, 4]);
    const others = new Map([...root].filter(([key]) => key !== 'state' && key !== 'tied'));
    const expected = new Map<string | number, PthValue>([
      ['step', 12345],
      ['big', 2n ** 70n],
      ['small', -(2 ** 40)],
      ['lr', 2e-4],
      ['name', 'Größe ✓'],
      ['flags', [true, false, null]],
      [
        'groups',
        [
          new Map<string, PthValue>([
            ['params', [0, 1]],
            ['betas', [0.5, 0.999]],
          ]),
        ],
      ],
      [
        'by_index',
        new Map([
          [0, 'zero'],
          [7, 'seven'],
        ]),
      ],
      ['size', [2, 3]],
      ['device', 'cpu'],
    ]);
    assert.deepEqual(others, expected);
  });
}

test('what is written is read back: values, every element type, shared tensors', () => {
  const tied = tensorOf('float32', [2], [3, 4]);
  const value = new Map<string | number, PthValue>([
    ['state', oneOfEachType()],
    ['tied', [tied, tied]],
    ['numbers', [0, 1, -1, 255, 256, 2 ** 31, -(2 ** 31), Number.MAX_SAFE_INTEGER, 0.1, 1e300, -0, Infinity]],
    ['bigints', [2n ** 63n, -(2n ** 63n), 2n ** 200n]],
    ['text', 'Größe ✓ 😀'],
    ['rest', [true, false, null, [], new Map()]],
    [7, 'seven'],
  ]);
  writePth(path, value);
  assert.deepEqual(readPth(path), value);
  const read = (readPth(path) as Map<string, TensorData[]>).get('tied')!;
  assert.equal(read[0], read[1]);
});

test('a pickle of any length is written, wherever its buffer grows', () => {
  for (let i = 0; i < 64; i++) {
    const text = Array.from({ length: 200 }, (_, k) => 'x'.repeat(i + (k % 7)));
    writePth(path, text);
    assert.deepEqual(readPth(path), text);
  }
});

test('equal values give equal files', () => {
  writePth(path, oneOfEachType());
  const first = readFileSync(path);
  writePth(path, oneOfEachType());
  assert.deepEqual(readFileSync(path), first);
});

test('readStateDict refuses anything but tensors by name, and says which', () => {
  assert.throws(
    () => readStateDict(fixture('values.pth')),
    /not a flat dict of tensors by name: of its 12 entries these are not: "state", "tied", "step", "big", "small" and 7 more/,
  );
  writePth(path, [1, 2]);
  assert.throws(() => readStateDict(path), /is not a state dict/);
  writePth(
    path,
    new Map<string | number, PthValue>([
      ['w', tensorOf('bool', [1], [1])],
      [3, tensorOf('bool', [1], [1])],
    ]),
  );
  assert.throws(() => readStateDict(path), /of its 2 entries these are not: "3"/);
});

test('values that no file can hold are refused before the file is touched', () => {
  writePth(path, 'old');
  const circle: PthValue[] = [];
  circle.push(circle);
  assert.throws(() => writePth(path, circle), /nested more than/);
  assert.throws(() => writePth(path, { dtype: 'float32', shape: [2], bytes: new Uint8Array(4) }), /takes 8 bytes/);
  assert.equal(readPth(path), 'old');
});

test('files of other kinds, cut short or big-endian, are refused with the reason', () => {
  const legacy = readFileSync(fixture('encoder.legacy.pth'));
  writeFileSync(path, legacy.subarray(0, legacy.length - 1));
  assert.throws(() => readPth(path), /is cut short: the storage .* ends beyond the file's end/);
  const big = Buffer.from(legacy);
  big[big.indexOf('little_endian') + 15] = 0x89; // behind the memo: NEWTRUE becomes NEWFALSE
  writeFileSync(path, big);
  assert.throws(() => readPth(path), /big-endian machine/);
  writeFileSync(path, readFileSync(fixture('encoder.pth')).subarray(0, 30_000));
  assert.throws(() => readPth(path), /has no directory/);
  for (const other of ['', 'text of some other kind']) {
    writeFileSync(path, other);
    assert.throws(() => readPth(path), /test\.pth: is not a PyTorch checkpoint/);
  }
  writeFileSync(path, '\x80\x02K\x01.', 'latin1');
  assert.throws(() => readPth(path), /magic number is missing/);
  assert.throws(() => readPth(folder), /not a regular file/);
  assert.throws(() => readPth(join(folder, 'missing.pth')), /ENOENT.*missing\.pth/);
});

test('a storage of the legacy format may not have another length than its tensors say', () => {
  const legacy = Buffer.from(readFileSync(fixture('encoder.legacy.pth')));
  const state = readStateDict(fixture('encoder.legacy.pth'));
  // The storages end the file, each with its count in front.
  const storages = [...state.values()].reduce((bytes, tensor) => bytes + 8 + tensor.bytes.byteLength, 0);
  legacy.writeBigInt64LE(2n ** 62n, legacy.length - storages);
  writeFileSync(path, legacy);
  assert.throws(() => readPth(path), /has 4611686018427387904 elements, expected/);
});

test('isTensorData tells tensors from all other values', () => {
  assert.ok(isTensorData(tensorOf('bool', [1], [1])));
  for (const value of [null, true, 1, 1n, 'x', [], new Map()]) assert.ok(!isTensorData(value));
});
