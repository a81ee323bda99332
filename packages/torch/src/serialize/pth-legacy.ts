/**
 * PyTorch's format before 1.6 (`_use_new_zipfile_serialization=False`), in which NVIDIA published its models: five
 * pickles one after another (magic number, version, system, value, storage keys), then the storages in the order of
 * the keys. Depends on the unpickler. Format: `_legacy_save` in torch/serialization.py.
 */

import { bytesPerElement } from '../dtype.js';
import type { ByteSource } from './byte-source.js';
import { FileFormatError, quote } from './file-format-error.js';
import { unpickle } from './pickle.js';
import { torchDialect } from './pickle-globals.js';
import { PickleReader } from './pickle-reader.js';
import { ParameterRef, type PickleValue, StorageRef, TensorRef } from './pickle-values.js';
import { type PthValue, resolveTensors, type StorageBank } from './pth-value.js';

const magicNumber = 0x1950a86a20f9469cfc6cn;
const formatVersion = 1001;

/** Reads the legacy format. */
export function readPthLegacy(source: ByteSource): PthValue {
  const reader = new PickleReader(source);
  if (unpickle(reader, torchDialect) !== magicNumber) {
    throw new FileFormatError(
      source.path,
      'is a Python pickle, but not a PyTorch checkpoint: its magic number is missing',
    );
  }
  const version = unpickle(reader, torchDialect);
  if (version !== formatVersion) {
    throw new FileFormatError(
      source.path,
      `has version ${String(version)} of the legacy format, expected ${formatVersion}`,
    );
  }
  checkByteOrder(source.path, unpickle(reader, torchDialect));
  const root = unpickle(reader, torchDialect);
  const keys = unpickle(reader, torchDialect);
  return resolveTensors(source.path, root, placeStorages(source, reader.position, keys, storagesOf(root)));
}

function checkByteOrder(path: string, system: PickleValue): void {
  if (!(system instanceof Map) || typeof system.get('little_endian') !== 'boolean') {
    throw new FileFormatError(path, 'is damaged: its system information does not state the byte order');
  }
  if (system.get('little_endian') !== true) {
    throw new FileFormatError(path, 'was saved on a big-endian machine; only little-endian files are read');
  }
}

/** The storages that a value's tensors refer to, by key. Only these references tell a storage's element type. */
function storagesOf(root: PickleValue): Map<string, StorageRef> {
  const storages = new Map<string, StorageRef>();
  const seen = new Set<PickleValue>();
  const open: PickleValue[] = [root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || seen.has(value)) continue;
    seen.add(value);
    if (value instanceof TensorRef) storages.set(value.storage.key, value.storage);
    else if (value instanceof ParameterRef) open.push(value.tensor);
    else if (value instanceof StorageRef) storages.set(value.key, value);
    else if (Array.isArray(value) || value instanceof Map) for (const item of value.values()) open.push(item);
  }
  return storages;
}

interface Place {
  readonly offset: number;
  readonly bytes: number;
}

/** Each storage is stored as its element count in eight bytes, then its elements. */
function placeStorages(
  source: ByteSource,
  start: number,
  keys: PickleValue,
  storages: ReadonlyMap<string, StorageRef>,
): LegacyStorages {
  const places = new Map<string, Place>();
  let next = start;
  if (!Array.isArray(keys)) throw new FileFormatError(source.path, 'is damaged: it has no list of storages');
  for (const key of keys.map(String)) {
    const storage = storages.get(key);
    if (storage === undefined) {
      throw new FileFormatError(source.path, `has the storage ${quote(key)}, which no tensor refers to; refused`);
    }
    const count = new DataView(source.read(next, 8).buffer).getBigInt64(0, true);
    if (count !== BigInt(storage.storageLength)) {
      throw new FileFormatError(
        source.path,
        `is damaged: the storage ${quote(key)} has ${count} elements, expected ${storage.storageLength}`,
      );
    }
    const bytes = storage.storageLength * bytesPerElement[storage.dtype];
    if (next + 8 + bytes > source.size) {
      throw new FileFormatError(source.path, `is cut short: the storage ${quote(key)} ends beyond the file's end`);
    }
    places.set(key, { offset: next + 8, bytes });
    next += 8 + bytes;
  }
  return new LegacyStorages(source, places);
}

class LegacyStorages implements StorageBank {
  readonly totalBytes: number;
  readonly #source: ByteSource;
  readonly #places: ReadonlyMap<string, Place>;

  constructor(source: ByteSource, places: ReadonlyMap<string, Place>) {
    this.#source = source;
    this.#places = places;
    this.totalBytes = [...places.values()].reduce((sum, place) => sum + place.bytes, 0);
  }

  read(storage: StorageRef, byteOffset: number, byteLength: number): Uint8Array {
    const place = this.#places.get(storage.key);
    if (place === undefined || byteOffset + byteLength > place.bytes) {
      throw new FileFormatError(
        this.#source.path,
        `is damaged: bytes of the storage ${quote(storage.key)} are missing`,
      );
    }
    return this.#source.read(place.offset + byteOffset, byteLength);
  }
}
