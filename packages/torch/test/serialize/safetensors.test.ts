import assert from 'node:assert/strict';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bytesPerElement } from '../../src/dtype.js';
import { crc32InJavaScript } from '../../src/serialize/crc32.js';
import { FileFormatError, readSafetensors, withSafetensors, writeSafetensors } from '../../src/serialize/index.js';
import { elementsOf, oneOfEachType, temporaryFolder, tensorOf } from './support.js';

const folder = temporaryFolder();
const path = join(folder, 'test.safetensors');

/** Writes header text and data as a file, with a header length that may be wrong. */
function writeRaw(header: string, data: number[] = [], length = BigInt(Buffer.byteLength(header))): void {
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(length);
  writeFileSync(path, Buffer.concat([start, Buffer.from(header), Buffer.from(data)]));
}

function refuses(problem: RegExp): void {
  assert.throws(
    () => readSafetensors(path),
    (error: unknown) => {
      assert.ok(error instanceof FileFormatError);
      assert.ok(error.message.startsWith(`${path}: `), error.message);
      assert.match(error.problem, problem);
      return true;
    },
  );
}

test('a file assembled by the format’s description reads as what it says', () => {
  const header = '{"__metadata__":{"a":"b"},"x":{"dtype":"I16","shape":[2],"data_offsets":[0,4]}}  ';
  writeRaw(header, [0x01, 0x00, 0xff, 0xff]);
  const { tensors, metadata } = readSafetensors(path);
  assert.deepEqual([...tensors.keys()], ['x']);
  assert.deepEqual(elementsOf(tensors.get('x')!), [1, -1]);
  assert.deepEqual(metadata, { a: 'b' });
});

test('every element type, names of any kind and metadata survive a round trip bit by bit', () => {
  const tensors = oneOfEachType();
  tensors.set('0', tensorOf('uint8', [1], [9]));
  tensors.set('名前 "quoted"\n', tensorOf('int8', [1], [-9]));
  tensors.set('__proto__', tensorOf('bool', [1], [1]));
  const metadata = { epoch: '12', note: 'ü\n"', __proto__x: 'y' };
  writeSafetensors(path, tensors, metadata);
  const read = readSafetensors(path);
  assert.deepEqual(read.metadata, metadata);
  assert.equal(read.tensors.size, tensors.size);
  for (const [name, tensor] of tensors) assert.deepEqual(read.tensors.get(name), tensor, name);
});

test('the header ends at a multiple of eight bytes and every tensor begins at one of its element size', () => {
  writeSafetensors(path, oneOfEachType());
  const file = readFileSync(path);
  const headerBytes = Number(file.readBigUInt64LE(0));
  assert.equal(headerBytes % 8, 0);
  const header = JSON.parse(file.toString('utf8', 8, 8 + headerBytes)) as Record<string, { data_offsets: number[] }>;
  for (const [name, tensor] of oneOfEachType()) {
    const offset = header[name]!.data_offsets[0]!;
    assert.equal((8 + headerBytes + offset) % bytesPerElement[tensor.dtype], 0, name);
  }
});

test('only the tensors asked for are read, and the file is checked as a whole', () => {
  writeSafetensors(path, oneOfEachType(), { a: 'b' });
  const all = readSafetensors(path);
  const { tensors, metadata } = readSafetensors(path, name => name === 'int64');
  assert.deepEqual([...tensors], [['int64', all.tensors.get('int64')]]);
  assert.deepEqual(metadata, { a: 'b' });
  truncateSync(path, statSync(path).size - 1);
  assert.throws(() => readSafetensors(path, () => false), FileFormatError);
});

test('one tensor object under two names is stored under both', () => {
  const tied = tensorOf('float32', [2], [1, 2]);
  writeSafetensors(
    path,
    new Map([
      ['a', tied],
      ['b', tied],
    ]),
  );
  const { tensors } = readSafetensors(path);
  assert.deepEqual(elementsOf(tensors.get('a')!), [1, 2]);
  assert.deepEqual(elementsOf(tensors.get('b')!), [1, 2]);
});

test('a header length beyond the file or the format’s limit is refused before the header is read', () => {
  writeRaw('{}', [], 2n ** 63n);
  refuses(/its header claims 9223372036854775808 bytes/);
  writeRaw('{}', [], 3n);
  refuses(/its header claims 3 bytes, expected 2 to 2/);
  writeFileSync(path, 'abc');
  refuses(/it has 3 bytes/);
});

test('a malformed header is refused with the reason', () => {
  const x = (fields: string) => `{"x":{${fields}}}`;
  writeRaw('{"x":');
  refuses(/not valid JSON/);
  writeRaw('['.repeat(200_000));
  refuses(/not valid JSON/);
  writeRaw('[1]');
  refuses(/not an object/);
  writeRaw('{"__metadata__":{"a":1}}');
  refuses(/metadata "a" that is not text/);
  writeRaw(x('"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]'), [0]);
  refuses(/tensor "x" has the element type "F8_E4M3"/);
  writeRaw(x('"dtype":"U8","shape":[-1],"data_offsets":[0,1]'), [0]);
  refuses(/tensor "x" has no valid shape/);
  writeRaw(x('"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,1]'), [0]);
  refuses(/tensor "x" has no valid shape/);
  writeRaw(x('"dtype":"F32","shape":[2],"data_offsets":[0,4]'), [0, 0, 0, 0]);
  refuses(/tensor "x" takes 8 bytes, but its data_offsets are 0 to 4/);
  writeRaw(x('"dtype":"U8","shape":[1],"data_offsets":[-1,0]'), [0]);
  refuses(/data_offsets are -1 to 0/);
  writeRaw(x('"dtype":"U8","shape":[1]'), [0]);
  refuses(/no valid data_offsets/);
});

test('tensors that overlap, leave holes or do not end with the file are refused', () => {
  const two = (a: string, b: string) =>
    `{"a":{"dtype":"U8","shape":[2],"data_offsets":${a}},"b":{"dtype":"U8","shape":[2],"data_offsets":${b}}}`;
  writeRaw(two('[0,2]', '[1,3]'), [0, 0, 0]);
  refuses(/tensor "b" overlaps the one before it/);
  writeRaw(two('[0,2]', '[3,5]'), [0, 0, 0, 0, 0]);
  refuses(/tensor "b" leaves a hole before it/);
  writeRaw(two('[0,2]', '[2,4]'), [0, 0, 0]);
  refuses(/its tensors take 4 bytes, but the file has 3 for them/);
  writeRaw(two('[0,2]', '[2,4]'), [0, 0, 0, 0, 0]);
  refuses(/its tensors take 4 bytes, but the file has 5 for them/);
});

test('what the format cannot hold is refused before the file is touched', () => {
  writeRaw('{}');
  const before = readFileSync(path);
  const wrong = { dtype: 'float32', shape: [2], bytes: new Uint8Array(4) } as const;
  assert.throws(() => writeSafetensors(path, new Map([['w', wrong]])), /tensor w: .* takes 8 bytes, but 4 were given/);
  const reserved = new Map([['__metadata__', tensorOf('bool', [1], [1])]]);
  assert.throws(() => writeSafetensors(path, reserved), /reserves the name __metadata__/);
  assert.deepEqual(readFileSync(path), before);
});

test('an open file reads each tensor on access, and can be overwritten with a changed copy of itself', () => {
  const tensors = oneOfEachType();
  writeSafetensors(path, tensors, { note: 'kept' });
  const added = tensorOf('uint8', [2], [1, 2]);
  withSafetensors(path, open => {
    assert.deepEqual([...open.tensors.keys()], [...tensors.keys()]);
    const [first] = open.tensors.values();
    assert.notEqual(first!.bytes, first!.bytes, 'read again each time');
    writeSafetensors(path, new Map([...open.tensors, ['added', added]]), open.metadata);
  });
  const read = readSafetensors(path);
  assert.deepEqual(read.metadata, { note: 'kept' });
  assert.deepEqual(read.tensors, new Map([...tensors, ['added', added]]));
  const [name] = tensors.keys();
  const kept = withSafetensors(path, open => open.tensors.get(name!)!);
  assert.throws(() => kept.bytes, /EBADF|closed/, 'a closed file gives nothing');
});

/** What reading a file as a whole does. */
function readAll(file: string): void {
  readSafetensors(file);
}

test('a flipped bit anywhere in a file is found: length, header, padding, checksums, data', () => {
  writeSafetensors(path, new Map([...oneOfEachType()].slice(0, 2)), { state: '{"a": 1}' });
  const whole = readFileSync(path);
  for (let at = 0; at < whole.length; at++) {
    const flipped = Buffer.from(whole);
    flipped[at]! ^= 1 << ((at * 5) % 8);
    writeFileSync(path, flipped);
    assert.throws(() => readAll(path), FileFormatError, `byte ${at} of ${whole.length}`);
  }
  writeFileSync(path, whole);
  readAll(path);
});

test('a file that is shorter or longer by any number of bytes is refused', () => {
  writeSafetensors(path, oneOfEachType());
  const whole = readFileSync(path);
  for (let length = 0; length < whole.length; length += 11) {
    writeFileSync(path, whole.subarray(0, length));
    assert.throws(() => readAll(path), FileFormatError, `${length} of ${whole.length} bytes`);
  }
  for (const more of [1, 8, 1000]) {
    writeFileSync(path, Buffer.concat([whole, Buffer.alloc(more)]));
    assert.throws(() => readAll(path), FileFormatError, `${more} more bytes`);
  }
});

test('the error for a damaged tensor names it, and the others can still be read', () => {
  writeSafetensors(path, oneOfEachType());
  const file = readFileSync(path);
  file[file.indexOf(tensorOf('float64', [1], [Math.PI]).bytes)]! ^= 0x40;
  writeFileSync(path, file);
  refuses(/^tensor "float64" is damaged: the checksum of its bytes is [0-9a-f]{8}, the stored one [0-9a-f]{8}$/);
  const { tensors } = readSafetensors(path, name => name !== 'float64');
  assert.equal(tensors.size, oneOfEachType().size - 1);
});

test('the checksums are zlib’s, stored as two metadata entries and not returned with the user’s', () => {
  const w = tensorOf('uint8', [9], [...Buffer.from('123456789')]);
  writeSafetensors(path, new Map([['w', w]]), { 7: 'seven', note: 'kept' });
  const file = readFileSync(path);
  const end = 8 + Number(file.readBigUInt64LE(0));
  const { __metadata__: texts } = JSON.parse(file.toString('utf8', 8, end));
  // The published check value of CRC-32.
  assert.deepEqual(JSON.parse(texts['crc32.tensors']), { w: 'cbf43926' });
  const unsealed = file.toString('latin1', 0, end).replace(texts['crc32.header'], '00000000');
  assert.equal(texts['crc32.header'], crc32InJavaScript(Buffer.from(unsealed, 'latin1')).toString(16).padStart(8, '0'));
  const { metadata, checksums } = readSafetensors(path);
  assert.deepEqual(metadata, { 7: 'seven', note: 'kept' });
  assert.ok(checksums);
  assert.throws(() => writeSafetensors(path, new Map(), { 'crc32.tensors': '{}' }), /reserved for checksums/);
});

test('a file of another program has no checksums; one that kept another file’s checksums is refused', () => {
  writeRaw('{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', [1]);
  assert.equal(readSafetensors(path).checksums, false);
  const texts = '"crc32.header":"00000000","crc32.tensors":"{}"';
  writeRaw(`{"__metadata__":{${texts}},"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, [1]);
  refuses(/has a damaged header, or was changed by a program that kept its old checksums/);
  writeRaw(`{"__metadata__":{"a":"b",${texts}}}`);
  refuses(/not where they were written/);
  writeRaw('{"__metadata__":{"crc32.header":"00000000"}}');
  refuses(/not where they were written/);
});
