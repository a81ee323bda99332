import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { type FileSource, withFile } from '../../src/serialize/byte-source.js';
import { crc32, crc32InJavaScript } from '../../src/serialize/crc32.js';
import { FileFormatError, readPth } from '../../src/serialize/index.js';
import { ZipArchive } from '../../src/serialize/zip-reader.js';
import { localHeader, type PlacedFile, zipChunks, zipDirectory } from '../../src/serialize/zip-writer.js';
import { pickle, temporaryFolder, writePickleZip } from './support.js';

const folder = temporaryFolder();
const path = join(folder, 'test.zip');
const text = (value: string) => new TextEncoder().encode(value);

function refuses(problem: RegExp, use: (file: FileSource) => unknown): void {
  assert.throws(
    () => withFile(path, use),
    (error: unknown) => {
      assert.ok(error instanceof FileFormatError, String(error));
      assert.match(error.message, problem);
      return true;
    },
  );
}

const readAll = (file: FileSource) => {
  const archive = new ZipArchive(file);
  return new Map([...archive.entries.values()].map(entry => [entry.name, Buffer.from(archive.read(entry)).toString()]));
};

/** Writes an archive, lets `change` spoil its bytes, and writes it again. */
function writeSpoiled(files: { name: string; bytes: Uint8Array }[], change: (bytes: Buffer) => void): void {
  const bytes = Buffer.concat([...zipChunks(files)]);
  change(bytes);
  writeFileSync(path, bytes);
}

test('the checksum is CRC-32, by zlib and in JavaScript', () => {
  // The check value of CRC-32/ISO-HDLC.
  assert.equal(crc32(text('123456789')), 0xcbf43926);
  assert.equal(crc32InJavaScript(text('123456789')), 0xcbf43926);
  const bytes = Uint8Array.from({ length: 10_000 }, (_, i) => (i * i) >> 3);
  assert.equal(crc32InJavaScript(bytes), crc32(bytes));
  assert.equal(crc32(new Uint8Array(0)), 0);
});

test('every entry’s data begins at a multiple of 64 bytes', () => {
  const files = ['a', 'folder/name', 'größer/✓'].map((name, i) => ({ name, bytes: text('x'.repeat(i * 13 + 1)) }));
  writeSpoiled(files, () => {});
  withFile(path, file => {
    const archive = new ZipArchive(file);
    assert.equal(archive.entries.size, 3);
    for (const entry of archive.entries.values()) assert.equal(archive.dataOffset(entry) % 64, 0, entry.name);
    assert.deepEqual(readAll(file), new Map(files.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()])));
  });
});

test('a directory beyond 4 GiB is written and read through zip64', () => {
  // A sparse file: the hole before the entry takes no room on the disk.
  const bytes = text('far away');
  const far: PlacedFile = { name: 'far', size: bytes.byteLength, crc: crc32(bytes), offset: 5 * 2 ** 30 };
  const header = localHeader(far);
  const end = far.offset + header.byteLength + bytes.byteLength;
  const file = openSync(path, 'w');
  writeSync(file, header, 0, header.byteLength, far.offset);
  writeSync(file, bytes, 0, bytes.byteLength, far.offset + header.byteLength);
  const directory = zipDirectory([far], end);
  writeSync(file, directory, 0, directory.byteLength, end);
  closeSync(file);
  assert.deepEqual(withFile(path, readAll), new Map([['far', 'far away']]));
});

test('an entry beyond 4 GiB has its size in the zip64 fields of both headers', () => {
  const size = 5 * 2 ** 30;
  const local = Buffer.from(localHeader({ name: 'big', size, crc: 1, offset: 0 }));
  assert.equal(local.readUInt32LE(18), 0xffffffff);
  assert.equal(local.readUInt16LE(33), 1); // behind the name: the zip64 field
  assert.equal(local.readBigUInt64LE(37), BigInt(size));
  assert.equal(local.readBigUInt64LE(45), BigInt(size));
  assert.equal(local.byteLength % 64, 0);
  const central = Buffer.from(zipDirectory([{ name: 'big', size, crc: 1, offset: 0 }], size + 64));
  assert.equal(central.readUInt32LE(20), 0xffffffff);
  assert.equal(central.readUInt16LE(49), 1);
  assert.equal(central.readBigUInt64LE(53), BigInt(size));
});

/** An archive of one deflated entry, the sizes as given. */
function writeDeflated(content: Uint8Array, size = content.byteLength, name = 'archive/data.pkl'): void {
  const packed = deflateRawSync(content);
  const placed = { name, size, crc: crc32(content), offset: 0 };
  const local = Buffer.from(localHeader(placed));
  const directory = Buffer.from(zipDirectory([placed], local.byteLength + packed.byteLength));
  directory.writeUInt16LE(8, 10); // method
  directory.writeUInt32LE(packed.byteLength, 20);
  writeFileSync(path, Buffer.concat([local, packed, directory]));
}

test('deflated entries are read, and must inflate to the size they claim', () => {
  const content = pickle(`\x80\x02](${'K\x07'.repeat(1000)}e.`);
  writeDeflated(content);
  assert.deepEqual(readPth(path), new Array(1000).fill(7));
  writeDeflated(content, 100);
  refuses(/does not inflate to 100 bytes/, readAll);
  writeDeflated(content, 10_000);
  refuses(/does not inflate to 10000 bytes/, readAll);
  writeDeflated(content, 2 ** 31);
  refuses(/impossible size/, readAll);
});

test('a changed byte is found by the checksum', () => {
  writeSpoiled([{ name: 'a', bytes: text('weights') }], bytes => {
    bytes[64] = 0x57;
  });
  refuses(/the bytes of "a" do not match its checksum/, readAll);
});

test('names that try to be paths, doubled names and overlapping entries are refused', () => {
  for (const name of ['../evil', 'archive/../../evil', '/etc/evil', 'C:\\evil', 'a\0b']) {
    writeSpoiled([{ name, bytes: text('x') }], () => {});
    refuses(/zip entry with the path/, readAll);
  }
  const two = ['a', 'a'].map(name => ({ name, bytes: text('x') }));
  writeSpoiled(two, () => {});
  refuses(/two zip entries named "a"/, readAll);
  const twice: PlacedFile[] = ['a', 'b'].map(name => ({ name, size: 1, crc: 0, offset: 0 }));
  const header = localHeader(twice[0]!);
  writeFileSync(path, Buffer.concat([header, text('x'), zipDirectory(twice, header.byteLength + 1)]));
  refuses(/"a" overlaps the next/, readAll);
});

test('a directory and an entry that name different files are refused', () => {
  writeSpoiled([{ name: 'good', bytes: text('x') }], bytes => {
    bytes.write('evil', 30);
  });
  refuses(/the zip directory names "good", the entry itself "evil"/, readAll);
});

test('a directory that does not fit the file is refused before memory is allocated', () => {
  const end = (bytes: Buffer) => bytes.byteLength - 22;
  writeSpoiled([{ name: 'a', bytes: text('x') }], bytes => {
    bytes.writeUInt32LE(0xfffffff0, end(bytes) + 12);
  });
  refuses(/directory does not fit the file/, readAll);
  writeSpoiled([{ name: 'a', bytes: text('x') }], bytes => {
    bytes.writeUInt16LE(60_000, end(bytes) + 10);
  });
  refuses(/directory does not fit the file/, readAll);
  writeSpoiled([{ name: 'a', bytes: text('x') }], bytes => {
    bytes.writeUInt32LE(1000, end(bytes) - 47 + 24); // the size of a stored entry alone
  });
  refuses(/impossible size/, readAll);
  writeFileSync(path, readFileSync(path).subarray(0, 50));
  refuses(/has no directory/, readAll);
});

test('archives that are not plain checkpoints are refused with the reason', () => {
  const bare = pickle('\x80\x02N.');
  const read = () => readPth(path);
  writePickleZip(path, bare, { 'archive/byteorder': text('big') });
  assert.throws(read, /byte order "big"; only little-endian/);
  writePickleZip(path, bare, { 'archive/constants.pkl': bare });
  assert.throws(read, /TorchScript archive/);
  writePickleZip(path, bare, { 'other/data.pkl': bare });
  assert.throws(read, /2 entries \*\/data\.pkl/);
  writeFileSync(path, Buffer.concat([...zipChunks([{ name: 'readme', bytes: text('x') }])]));
  assert.throws(read, /0 entries \*\/data\.pkl/);
  writePickleZip(path, bare, { 'archive/byteorder': text('little') });
  assert.equal(read(), null);
});
