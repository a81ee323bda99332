/**
 * PyTorch's .pth files: reads both formats, writes the current one. Depends on the formats' own files.
 */

import type { TensorData } from '../dtype.js';
import { writeFileAtomic } from './atomic-write.js';
import { type ByteSource, withFile } from './byte-source.js';
import { FileFormatError, quote } from './file-format-error.js';
import { pickleValue } from './pickle-writer.js';
import { readPthLegacy } from './pth-legacy.js';
import { isTensorData, type PthValue } from './pth-value.js';
import { readPthZip } from './pth-zip.js';
import { checkTensorData } from './shape-and-strides.js';
import { type ZipFile, zipChunks } from './zip-writer.js';

/** The version of the zip format that PyTorch writes for plain values. */
const zipFormatVersion = '3\n';

/**
 * Reads a file that `torch.save` wrote, of any version since 0.2, zip or legacy. Nothing in the file is executed: only
 * dicts, lists, tuples, numbers, text, booleans, None and dense tensors are read; anything else is an error that names it.
 * Views and shared storages come out as separate contiguous tensors.
 * @throws {FileFormatError} if the file is damaged, big-endian, or holds anything else.
 */
export function readPth(path: string): PthValue {
  return withFile(path, file => {
    const start = file.read(0, Math.min(4, file.size));
    if (start[0] === 0x50 && start[1] === 0x4b && start[2] === 3 && start[3] === 4) return readPthZip(file);
    if (start[0] === 0x80) return readPthLegacy(file);
    throw new FileFormatError(path, isTar(file) ? `cannot be read: ${tarProblem}` : 'is not a PyTorch checkpoint');
  });
}

const tarProblem = 'it is a tar archive of PyTorch 0.1. Load it there with torch.load and save it again';

function isTar(file: ByteSource): boolean {
  return file.size >= 512 && new TextDecoder('latin1').decode(file.read(257, 5)) === 'ustar';
}

/**
 * Reads a state dict: a .pth file whose value is a dict of tensors, as `torch.save(model.state_dict(), path)` writes it.
 * @returns tensors by name, in the file's order.
 * @throws {FileFormatError} if the file cannot be read, or holds anything but a dict from text to tensors.
 */
export function readStateDict(path: string): Map<string, TensorData> {
  const value = readPth(path);
  if (!(value instanceof Map)) {
    throw new FileFormatError(path, 'is not a state dict: its value is not a dict of tensors by name');
  }
  const tensors = new Map<string, TensorData>();
  const others: string[] = [];
  for (const [key, item] of value) {
    if (typeof key === 'string' && isTensorData(item)) tensors.set(key, item);
    else others.push(quote(String(key)));
  }
  if (others.length > 0) {
    const listed = others.slice(0, 5).join(', ') + (others.length > 5 ? ` and ${others.length - 5} more` : '');
    throw new FileFormatError(
      path,
      `is not a flat dict of tensors by name: of its ${value.size} entries these are not: ${listed}. ` +
        'Save the state dict of one model: torch.save(model.state_dict(), path)',
    );
  }
  return tensors;
}

/**
 * Writes a file that `torch.load` reads, also with `weights_only=True` (PyTorch 1.13 and later; 1.13's weights-only reader
 * does not support floats, so a value with one needs the ordinary reader there). Maps become dicts, arrays lists, integers
 * ints, other numbers floats. A tensor object that occurs twice is stored once. Written atomically.
 * @throws if a tensor's bytes do not match its shape, or the value is nested in itself.
 */
export function writePth(path: string, value: PthValue): void {
  const tensors: TensorData[] = [];
  const pickle = pickleValue(value, tensor => {
    checkTensorData(`${tensors.length} of ${path}`, tensor);
    return String(tensors.push(tensor) - 1);
  });
  writeFileAtomic(path, zipChunks(archiveFiles(pickle, tensors)));
}

/** In the order of PyTorch's own writer; its reader takes the folder's name from the first entry. */
function* archiveFiles(pickle: Uint8Array, tensors: readonly TensorData[]): Iterable<ZipFile> {
  const encoder = new TextEncoder();
  yield { name: 'archive/data.pkl', bytes: pickle };
  yield { name: 'archive/byteorder', bytes: encoder.encode('little') };
  for (const [key, { bytes }] of tensors.entries()) yield { name: `archive/data/${key}`, bytes };
  yield { name: 'archive/version', bytes: encoder.encode(zipFormatVersion) };
}
