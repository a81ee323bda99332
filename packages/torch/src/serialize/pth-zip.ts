/**
 * PyTorch's zip format (since 1.6): `<folder>/data.pkl` beside `<folder>/data/<key>`, one entry per storage. Depends on
 * the zip reader and the unpickler. Format: torch/serialization.py and caffe2/serialize/inline_container.h.
 */

import { bytesPerElement } from '../dtype.js';
import { type ByteSource, MemorySource } from './byte-source.js';
import { FileFormatError, quote } from './file-format-error.js';
import { unpickle } from './pickle.js';
import { torchDialect } from './pickle-globals.js';
import { PickleReader } from './pickle-reader.js';
import type { StorageRef } from './pickle-values.js';
import { type PthValue, resolveTensors, type StorageBank } from './pth-value.js';
import { ZipArchive, type ZipEntry } from './zip-reader.js';

/** Reads the zip format. */
export function readPthZip(source: ByteSource): PthValue {
  const archive = new ZipArchive(source);
  const { folder, pickle } = findPickle(source.path, archive);
  checkByteOrder(source.path, archive, folder);
  const reader = new PickleReader(new MemorySource(source.path, archive.read(pickle)));
  const root = unpickle(reader, torchDialect, source.size);
  return resolveTensors(source.path, root, new ZipStorages(source, archive, `${folder}data/`));
}

/** Finds data.pkl; its folder, returned with the slash, has the name that the file was saved under. */
function findPickle(path: string, archive: ZipArchive): { folder: string; pickle: ZipEntry } {
  const pickles = [...archive.entries.values()].filter(entry => /^[^/]*\/data\.pkl$/.test(entry.name));
  const [pickle] = pickles;
  if (pickle === undefined || pickles.length > 1) {
    throw new FileFormatError(
      path,
      `is not a PyTorch checkpoint: the zip archive has ${pickles.length} entries */data.pkl`,
    );
  }
  const folder = pickle.name.slice(0, -'data.pkl'.length);
  if (archive.entries.has(`${folder}constants.pkl`)) {
    throw new FileFormatError(
      path,
      'is a TorchScript archive, which holds code. Save plain tensors instead: torch.save(model.state_dict(), path)',
    );
  }
  return { folder, pickle };
}

function checkByteOrder(path: string, archive: ZipArchive, folder: string): void {
  const entry = archive.entries.get(`${folder}byteorder`);
  if (entry === undefined) return; // before PyTorch 2.1, always little-endian in practice
  const order = new TextDecoder().decode(archive.read(entry)).trim();
  if (order !== 'little') {
    throw new FileFormatError(path, `has the byte order ${quote(order)}; only little-endian files are read`);
  }
}

class ZipStorages implements StorageBank {
  readonly totalBytes: number;
  readonly #source: ByteSource;
  readonly #archive: ZipArchive;
  readonly #folder: string;
  /** Stored entries whose checksum matched: further parts of them are read by offset. */
  readonly #checked = new Set<ZipEntry>();
  /** Inflated entries of which a part was read: inflating them again for each part would take far too long. */
  readonly #inflated = new Map<ZipEntry, Uint8Array>();

  constructor(source: ByteSource, archive: ZipArchive, folder: string) {
    this.#source = source;
    this.#archive = archive;
    this.#folder = folder;
    this.totalBytes = [...archive.entries.values()].reduce((sum, entry) => sum + entry.packedSize, 0);
  }

  read(storage: StorageRef, byteOffset: number, byteLength: number): Uint8Array {
    const entry = this.#entryOf(storage);
    if (byteOffset === 0 && byteLength === entry.size) return this.#archive.read(entry);
    if (this.#checked.has(entry)) return this.#source.read(this.#archive.dataOffset(entry) + byteOffset, byteLength);
    // Read as a whole even for a part of it: the checksum covers the whole.
    const bytes = this.#inflated.get(entry) ?? this.#archive.read(entry);
    if (entry.deflated) this.#inflated.set(entry, bytes);
    else this.#checked.add(entry);
    return bytes.slice(byteOffset, byteOffset + byteLength);
  }

  #entryOf(storage: StorageRef): ZipEntry {
    const { path } = this.#source;
    const name = this.#folder + storage.key;
    const entry = this.#archive.entries.get(name);
    if (entry === undefined) {
      throw new FileFormatError(path, `refers to the storage ${quote(name)}, which the archive does not have`);
    }
    const expected = storage.storageLength * bytesPerElement[storage.dtype];
    if (entry.size < expected) {
      throw new FileFormatError(path, `is damaged: ${quote(name)} has ${entry.size} bytes, expected ${expected}`);
    }
    return entry;
  }
}
