/**
 * Unpacks a zip file of any size (zip64 included) entry by entry, so that a library of gigabytes needs little memory and
 * a bare machine needs no unzip program. Depends on Node only. Format: PKWARE's APPNOTE, sections 4.3 and 4.5.3.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, symlink, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

/** The file is no zip, is cut short, or holds something this reader refuses. */
export class ZipError extends Error {
  name = 'ZipError';
}

const endOfDirectory = 0x06054b50;
const endOfDirectory64 = 0x06064b50;
const directoryEntry = 0x02014b50;
const localEntry = 0x04034b50;
const isLink = mode => (mode & 0o170000) === 0o120000;

/**
 * Unpacks `file` into the folder `into`.
 *
 * @param {string} file
 * @param {string} into created if missing
 * @returns {Promise<number>} how many files were written
 * @throws {ZipError} when an entry is damaged or its path leaves the folder
 */
export async function unzip(file, into) {
  const handle = await open(file, 'r');
  try {
    let written = 0;
    for (const entry of await readDirectory(handle)) {
      if (await unpackEntry(handle, file, entry, into)) written++;
    }
    return written;
  } finally {
    await handle.close();
  }
}

async function readDirectory(handle) {
  const { size } = await handle.stat();
  const tail = await readAt(handle, Math.max(0, size - 65_557), Math.min(size, 65_557));
  let end = tail.length - 22;
  while (end >= 0 && tail.readUInt32LE(end) !== endOfDirectory) end--;
  if (end < 0) throw new ZipError('it is no zip file, or its end is missing');
  let count = tail.readUInt16LE(end + 10);
  let length = tail.readUInt32LE(end + 12);
  let offset = tail.readUInt32LE(end + 16);
  if (offset === 0xffffffff || count === 0xffff || length === 0xffffffff) {
    const where = Number(tail.readBigUInt64LE(end - 12));
    const record = await readAt(handle, where, 56);
    if (record.readUInt32LE(0) !== endOfDirectory64) throw new ZipError('its zip64 directory is damaged');
    count = Number(record.readBigUInt64LE(32));
    length = Number(record.readBigUInt64LE(40));
    offset = Number(record.readBigUInt64LE(48));
  }
  const directory = await readAt(handle, offset, length);
  const entries = [];
  for (let at = 0; entries.length < count; ) {
    if (at + 46 > length || directory.readUInt32LE(at) !== directoryEntry) {
      throw new ZipError('its directory is damaged');
    }
    const nameLength = directory.readUInt16LE(at + 28);
    const extraLength = directory.readUInt16LE(at + 30);
    const extra = directory.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    const entry = {
      name: directory.toString('utf8', at + 46, at + 46 + nameLength),
      method: directory.readUInt16LE(at + 10),
      mode: directory.readUInt32LE(at + 38) >>> 16,
      size: directory.readUInt32LE(at + 24),
      packed: directory.readUInt32LE(at + 20),
      offset: directory.readUInt32LE(at + 42),
    };
    widen(entry, extra);
    entries.push(entry);
    at += 46 + nameLength + extraLength + directory.readUInt16LE(at + 32);
  }
  return entries;
}

/** Fields that do not fit 32 bits stand in the zip64 extra field, in this order, and only those. */
function widen(entry, extra) {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let next = at + 4;
    for (const field of ['size', 'packed', 'offset']) {
      if (entry[field] !== 0xffffffff) continue;
      entry[field] = Number(extra.readBigUInt64LE(next));
      next += 8;
    }
  }
}

async function unpackEntry(handle, file, entry, into) {
  const target = join(into, entry.name);
  if (leaves(into, target)) throw new ZipError(`its entry ${entry.name} would be written outside the folder`);
  if (entry.name.endsWith('/')) {
    await mkdir(target, { recursive: true });
    return false;
  }
  await mkdir(dirname(target), { recursive: true });
  const header = await readAt(handle, entry.offset, 30);
  if (header.readUInt32LE(0) !== localEntry) throw new ZipError(`its entry ${entry.name} is damaged`);
  const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (isLink(entry.mode)) {
    const to = (await readAt(handle, start, entry.packed)).toString();
    if (leaves(into, resolve(dirname(target), to))) throw new ZipError(`its link ${entry.name} leaves the folder`);
    await symlink(to, target);
    return true;
  }
  if (entry.packed === 0) {
    await writeFile(target, '');
    return true;
  }
  if (entry.method !== 0 && entry.method !== 8)
    throw new ZipError(`its entry ${entry.name} is packed in an unknown way`);
  let bytes = 0;
  const counter = new Transform({
    transform(chunk, _encoding, done) {
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  const steps = [createReadStream(file, { start, end: start + entry.packed - 1 })];
  if (entry.method === 8) steps.push(createInflateRaw());
  try {
    await pipeline(...steps, counter, createWriteStream(target, { mode: entry.mode & 0o777 || 0o644 }));
  } catch (cause) {
    if (cause.code?.startsWith('Z_')) throw new ZipError(`its entry ${entry.name} is damaged`, { cause });
    throw cause;
  }
  if (bytes !== entry.size) throw new ZipError(`its entry ${entry.name} has ${bytes} bytes instead of ${entry.size}`);
  return true;
}

function leaves(folder, path) {
  const way = relative(resolve(folder), resolve(path));
  return way === '..' || way.startsWith('../') || isAbsolute(way);
}

async function readAt(handle, position, length) {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  if (bytesRead < length) throw new ZipError('it is cut short');
  return buffer;
}
