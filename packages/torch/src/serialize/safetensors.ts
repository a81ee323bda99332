/**
 * The safetensors format: a length, a JSON header, then the tensors' bytes. It holds names, tensors and strings but no code,
 * which is why checkpoints are stored in it. Depends on the byte source, the shape arithmetic, the checksums and the atomic
 * writer.
 */

import { bytesPerElement, type DType, type TensorData } from '../dtype.js';
import { TorchError } from '../errors.js';
import { replaceFile, type UnfinishedFile } from './atomic-write.js';
import { type ByteSource, withFile } from './byte-source.js';
import { crc32 } from './crc32.js';
import { FileFormatError, quote } from './file-format-error.js';
import {
  type Checksums,
  checkedBytes,
  checksumKeys,
  metadataWithChecksums,
  noChecksum,
  sealHeader,
  takeChecksums,
} from './safetensors-checksums.js';
import { checkTensorData, elementCount } from './shape-and-strides.js';

/**
 * A tensor takes about 150 bytes of the header. The format allows headers of 100 MB, which as JSON of empty objects would
 * take gigabytes of memory; so a header may take what 25,000 tensors need plus an eighth of the file's size.
 */
const maxHeaderBytes = 100_000_000;
const freeHeaderBytes = 4 * 2 ** 20;
const headerShare = 1 / 8;
const metadataKey = '__metadata__';

const formatName: Record<DType, string> = {
  float32: 'F32',
  float64: 'F64',
  float16: 'F16',
  bfloat16: 'BF16',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
};
const dtypeOf = new Map(Object.entries(formatName).map(([dtype, name]) => [name, dtype as DType]));

/** What a safetensors file holds. */
export interface SafetensorsContent {
  /** Tensors by name. */
  readonly tensors: Map<string, TensorData>;
  /** Free text stored with the tensors: a configuration, a step count. */
  readonly metadata: Record<string, string>;
  /** Whether the file has checksums, as {@link writeSafetensors} writes them; other programs' files do not. */
  readonly checksums: boolean;
}

/**
 * Reads a safetensors file of any size; each tensor is read straight into its own memory.
 * @param wanted selects tensors to read by name; the whole header is checked anyway.
 * @throws {FileFormatError} if the header is too long or malformed, an element type is not one of {@link DType}, the tensors
 * overlap, leave holes or reach beyond the file, or if the file has checksums and that of the header or of a tensor that is
 * read does not match.
 */
export function readSafetensors(path: string, wanted: (name: string) => boolean = () => true): SafetensorsContent {
  return withSafetensors(path, ({ tensors, ...rest }) => ({
    tensors: new Map(
      [...tensors]
        .filter(([name]) => wanted(name))
        .map(([name, { dtype, shape, bytes }]): [string, TensorData] => [name, { dtype, shape, bytes }]),
    ),
    ...rest,
  }));
}

/**
 * Opens a safetensors file for the duration of `use`. A tensor's bytes are read from the file on each access, so a file can
 * be copied by {@link writeSafetensors}, in part or with changes, with one tensor in memory at a time.
 * @throws {FileFormatError} as {@link readSafetensors}; for a tensor's bytes on access.
 */
export function withSafetensors<T>(path: string, use: (content: SafetensorsContent) => T): T {
  return withFile(path, file => {
    const dataStart = 8 + readHeaderLength(file);
    const start = file.read(0, dataStart);
    const header = parseHeader(path, start.subarray(8));
    const metadata = takeMetadata(path, header);
    const checksums = takeChecksums(path, start, metadata, header);
    const entries = [...header].map(([name, entry]) => parseEntry(path, name, entry));
    checkCoverage(path, entries, file.size - dataStart);
    const tensors = new Map<string, TensorData>();
    for (const { name, dtype, shape, begin, end } of entries) {
      tensors.set(name, {
        dtype,
        shape,
        get bytes() {
          const bytes = file.read(dataStart + begin, end - begin);
          return checksums === undefined ? bytes : checkedBytes(path, name, bytes, checksums);
        },
      });
    }
    return use({ tensors, metadata, checksums: checksums !== undefined });
  });
}

/**
 * Writes a safetensors file atomically, tensor by tensor, with a checksum of each and of the header in its metadata.
 * Tensors with wider elements come first, and the header is padded to eight bytes, so that every tensor is aligned for its
 * elements.
 * @throws if a tensor's bytes do not match its shape, one is named `__metadata__`, or the metadata uses a key reserved for
 * the checksums.
 */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, TensorData>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  if (tensors.has(metadataKey))
    throw new TorchError('INVALID_ARGUMENT', `${path}: the safetensors format reserves the name ${metadataKey}`);
  for (const key of checksumKeys)
    if (Object.hasOwn(metadata, key))
      throw new TorchError('INVALID_ARGUMENT', `${path}: the metadata key ${key} is reserved for checksums`);
  const placed = [...tensors].sort(([, a], [, b]) => bytesPerElement[b.dtype] - bytesPerElement[a.dtype]);
  const offsets = placeInOrder(placed);
  const header = (checksums: Checksums) => buildHeader(tensors, offsets, metadata, checksums);
  replaceFile(path, file => {
    // The checksums are known once the tensors are written; until then placeholders of the same length are there.
    file.append(header(new Map([...tensors.keys()].map(name => [name, noChecksum]))));
    const checksums = appendTensors(file, placed);
    file.overwrite(0, sealHeader(header(checksums)));
  });
}

/** Reads each tensor's bytes once, and only when they are written, so that a caller may produce them on demand. */
function appendTensors(file: UnfinishedFile, placed: readonly (readonly [string, TensorData])[]): Checksums {
  const checksums = new Map<string, number>();
  for (const [name, { dtype, shape, bytes }] of placed) {
    checkTensorData(name, { dtype, shape, bytes });
    checksums.set(name, crc32(bytes));
    file.append(bytes);
  }
  return checksums;
}

/** The length in eight bytes, then the header, up to the first tensor. */
function buildHeader(
  tensors: ReadonlyMap<string, TensorData>,
  offsets: ReadonlyMap<string, number>,
  metadata: Readonly<Record<string, string>>,
  checksums: Checksums,
): Uint8Array {
  // Joined by hand: an object would put names that look like integers first.
  const fields = [`"${metadataKey}":${metadataWithChecksums(metadata, checksums)}`];
  for (const [name, tensor] of tensors) {
    const begin = offsets.get(name)!;
    const data_offsets = [begin, begin + byteLengthOf(tensor)];
    const entry = { dtype: formatName[tensor.dtype], shape: tensor.shape, data_offsets };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
  }
  const text = new TextEncoder().encode(`{${fields.join(',')}}`);
  const header = new Uint8Array(8 + Math.ceil(text.byteLength / 8) * 8).fill(0x20, 8);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.byteLength - 8), true);
  header.set(text, 8);
  return header;
}

function byteLengthOf({ dtype, shape }: TensorData): number {
  return shape.reduce((product, size) => product * size, bytesPerElement[dtype]);
}

/** The offset of each tensor's bytes. */
function placeInOrder(placed: readonly (readonly [string, TensorData])[]): Map<string, number> {
  let end = 0;
  return new Map(
    placed.map(([name, tensor]) => {
      const begin = end;
      end += byteLengthOf(tensor);
      return [name, begin];
    }),
  );
}

function readHeaderLength(file: ByteSource): number {
  if (file.size < 8) throw new FileFormatError(file.path, `is not a safetensors file: it has ${file.size} bytes`);
  const length = new DataView(file.read(0, 8).buffer).getBigUint64(0, true);
  const sensible = freeHeaderBytes + Math.floor(headerShare * file.size);
  const available = Math.min(file.size - 8, sensible, maxHeaderBytes);
  if (length < 2n || length > BigInt(available)) {
    throw new FileFormatError(
      file.path,
      `is not a safetensors file, or is damaged: its header claims ${length} bytes, expected 2 to ${available}`,
    );
  }
  return Number(length);
}

function parseHeader(path: string, bytes: Uint8Array): Map<string, unknown> {
  let header: unknown;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (cause) {
    throw new FileFormatError(path, 'has a safetensors header that is not valid JSON', { cause });
  }
  if (!isRecord(header)) throw new FileFormatError(path, 'has a safetensors header that is not an object');
  if (colonsOutsideText(text) !== countKeys(header)) {
    throw new FileFormatError(
      path,
      'has a safetensors header that names something twice, or is nested deeper than the format allows; refused',
    );
  }
  return new Map(Object.entries(header));
}

/** How many keys JSON text has: of two equal ones, JSON.parse silently keeps the last. */
function colonsOutsideText(json: string): number {
  let colons = 0;
  let inText = false;
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (code === 0x22) inText = !inText;
    else if (inText && code === 0x5c) i++;
    else if (!inText && code === 0x3a) colons++;
  }
  return colons;
}

/** The keys of an object and of the objects in it; deeper nesting is not a valid header and is refused later. */
function countKeys(header: Record<string, unknown>): number {
  let count = 0;
  for (const value of Object.values(header)) count += 1 + (isRecord(value) ? Object.keys(value).length : 0);
  return count;
}

function takeMetadata(path: string, header: Map<string, unknown>): Record<string, string> {
  const found = header.get(metadataKey) ?? {};
  header.delete(metadataKey);
  if (!isRecord(found)) throw new FileFormatError(path, `has a ${metadataKey} that is not an object`);
  const entries = Object.entries(found).map(([key, value]): [string, string] => {
    if (typeof value !== 'string') throw new FileFormatError(path, `has metadata ${quote(key)} that is not text`);
    return [key, value];
  });
  return Object.fromEntries(entries);
}

interface Entry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: number[];
  readonly begin: number;
  readonly end: number;
}

function parseEntry(path: string, name: string, entry: unknown): Entry {
  const wrong = (problem: string) => new FileFormatError(path, `tensor ${quote(name)} ${problem}`);
  if (!isRecord(entry)) throw wrong('is not described by an object');
  const { dtype: typeName, shape, data_offsets: offsets } = entry;
  const dtype = typeof typeName === 'string' ? dtypeOf.get(typeName) : undefined;
  if (dtype === undefined) {
    throw wrong(`has the element type ${quote(String(typeName))}; expected one of ${[...dtypeOf.keys()].join(', ')}`);
  }
  const count = Array.isArray(shape) ? elementCount(shape) : undefined;
  if (count === undefined) throw wrong('has no valid shape');
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(offset => Number.isSafeInteger(offset))) {
    throw wrong('has no valid data_offsets');
  }
  const [begin, end] = offsets as [number, number];
  const expected = count * bytesPerElement[dtype];
  if (begin < 0 || end - begin !== expected) {
    throw wrong(`takes ${expected} bytes, but its data_offsets are ${begin} to ${end}`);
  }
  return { name, dtype, shape: shape as number[], begin, end };
}

/** The format demands that the tensors fill the rest of the file: no holes, no overlaps, nothing after them. */
function checkCoverage(path: string, entries: readonly Entry[], dataBytes: number): void {
  let end = 0;
  for (const entry of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (entry.begin !== end) {
      const how = entry.begin < end ? 'overlaps the one before it' : 'leaves a hole before it';
      throw new FileFormatError(path, `tensor ${quote(entry.name)} ${how}: it starts at ${entry.begin}, not ${end}`);
    }
    end = entry.end;
  }
  if (end !== dataBytes) {
    throw new FileFormatError(
      path,
      `is cut short or damaged: its tensors take ${end} bytes, but the file has ${dataBytes} for them`,
    );
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
