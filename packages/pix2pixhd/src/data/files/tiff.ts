/**
 * The tags of a TIFF file that decide what its samples are. Depends on stored-samples.ts. Source: TIFF Revision 6.0 (Adobe, 1992),
 * section 8 "Baseline field reference", and the BigTIFF layout with its 64-bit offsets.
 */
import { DEFLATE_EXPANSION, type StoredSamples } from './stored-samples.js';

/** Reads up to `length` bytes from `offset` on; fewer where the file ends. */
export type ReadAt = (offset: number, length: number) => Buffer;

/** The tags that change what samples mean, and where they lie in the file. */
interface Meanings {
  /** Offset of the value of PhotometricInterpretation. */
  readonly photometricAt: number | undefined;
  readonly photometric: number;
  /** Offset of the first value of ExtraSamples. */
  readonly extraAt: number | undefined;
  readonly extra: readonly number[];
  /** Offset of the first value of SampleFormat, and how many there are. */
  readonly formatAt: number | undefined;
  readonly formats: number;
  readonly little: boolean;
}

/** A tag of the first directory: its values, and where they are in the file. */
interface Tag {
  readonly values: readonly number[];
  readonly at: number;
}

const BITS_PER_SAMPLE = 258;
const COMPRESSION = 259;
const PHOTOMETRIC = 262;
const SAMPLES_PER_PIXEL = 277;
const EXTRA_SAMPLES = 338;
const SAMPLE_FORMAT = 339;
const wanted = new Set([BITS_PER_SAMPLE, COMPRESSION, PHOTOMETRIC, SAMPLES_PER_PIXEL, EXTRA_SAMPLES, SAMPLE_FORMAT]);

const UNSIGNED = 1;

const WHITE_IS_ZERO = 0;
const BLACK_IS_ZERO = 1;
const RGB = 2;
const PALETTE = 3;
/** RGB and what is converted to it; the others are grey or indices. */
const isRgb: ReadonlySet<number> = new Set([RGB, 5, 6, 8, 9, 10, 32844, 32845]);
const ASSOCIATED_ALPHA = 1;
const UNASSOCIATED_ALPHA = 2;

const lossyCompressions: ReadonlyMap<number, string> = new Map([
  [6, 'JPEG'],
  [7, 'JPEG'],
  [34712, 'JPEG 2000'],
  [50001, 'WebP'],
]);

/** None, PackBits, LZW (4096 bytes in a code of 12 bits) and deflate under its two numbers; of others nothing is known. */
const expansions: ReadonlyMap<number, number> = new Map([
  [1, 1],
  [32773, 64],
  [5, 2731],
  [8, DEFLATE_EXPANSION],
  [32946, DEFLATE_EXPANSION],
]);

const kinds: Readonly<Record<number, StoredSamples['kind']>> = { 2: 'signed', 3: 'float', 5: 'complex', 6: 'complex' };

/** No directory in use has as many entries; a damaged file may claim any number. */
const MOST_ENTRIES = 4096;

/** What the first directory of a TIFF says of its samples; `undefined` where the file is not a TIFF, or too damaged to tell. */
export function tiffSamples(read: ReadAt): StoredSamples | undefined {
  return parse(read)?.samples;
}

/**
 * The same TIFF with nothing left in it that gives samples another meaning: indices and inverted greys are plain values, and
 * alpha is not premultiplied, so that a decoder shows what is stored.
 */
export function tiffOfStoredValues(file: Buffer): Buffer {
  return rewritten(file, ({ samples, photometric, extra }) => ({
    photometric: isRgb.has(photometric) ? photometric : samples > 1 ? RGB : BLACK_IS_ZERO,
    extra: extra.map(meaning => (meaning === ASSOCIATED_ALPHA ? UNASSOCIATED_ALPHA : meaning)),
  }));
}

/**
 * The same TIFF with several grey bands declared as RGB: the values stay the same, and libvips, which mixes up the rows of
 * grey bands that are stored one after the other, reads them correctly as RGB.
 */
export function tiffOfBands(file: Buffer): Buffer {
  return rewritten(file, ({ samples, photometric, extra }) => ({
    photometric: samples > 1 && photometric === BLACK_IS_ZERO ? RGB : photometric,
    extra,
  }));
}

/**
 * The same TIFF with signed numbers declared as unsigned ones of the same bits, since libvips cuts negative values off: to be
 * read as unsigned and viewed as signed.
 */
export function tiffOfUnsigned(file: Buffer): Buffer {
  return rewritten(file, ({ photometric, extra }) => ({ photometric, extra, format: UNSIGNED }));
}

/** A copy of a file in which some tags have other values. */
function rewritten(
  file: Buffer,
  change: (tags: { samples: number; photometric: number; extra: readonly number[] }) => {
    photometric: number;
    extra: readonly number[];
    format?: number;
  },
): Buffer {
  const parsed = parse((offset, length) => file.subarray(offset, offset + length));
  if (parsed === undefined) return file;
  const { photometric, photometricAt, extra, extraAt, formatAt, formats, little } = parsed.meanings;
  const changed = change({ samples: parsed.samples.samples, photometric, extra });
  const copy = Buffer.from(file);
  const write = (value: number, at: number) => (little ? copy.writeUInt16LE(value, at) : copy.writeUInt16BE(value, at));
  if (photometricAt !== undefined) write(changed.photometric, photometricAt);
  for (const [i, meaning] of changed.extra.entries()) write(meaning, extraAt! + 2 * i);
  if (changed.format !== undefined && formatAt !== undefined)
    for (let i = 0; i < formats; i++) write(changed.format, formatAt + 2 * i);
  return copy;
}

function parse(read: ReadAt): { samples: StoredSamples; meanings: Meanings } | undefined {
  try {
    const start = read(0, 16);
    const order = start.toString('latin1', 0, 2);
    if (order !== 'II' && order !== 'MM') return undefined;
    const little = order === 'II';
    const version = numberAt(start, 2, 2, little);
    if (version !== 42 && version !== 43) return undefined;
    const tags = firstDirectory(read, start, little, version === 43);
    const value = (tag: number, fallback: number) => tags.get(tag)?.values[0] ?? fallback;
    const extra = tags.get(EXTRA_SAMPLES);
    const last = extra?.values.at(-1);
    const photometric = value(PHOTOMETRIC, BLACK_IS_ZERO);
    return {
      samples: {
        bits: value(BITS_PER_SAMPLE, 1),
        kind: kinds[value(SAMPLE_FORMAT, 1)] ?? 'unsigned',
        samples: value(SAMPLES_PER_PIXEL, 1),
        palette: photometric === PALETTE,
        reversed: photometric === WHITE_IS_ZERO,
        alpha: last === ASSOCIATED_ALPHA || last === UNASSOCIATED_ALPHA,
        lossy: lossyCompressions.get(value(COMPRESSION, 1)),
        expansion: expansions.get(value(COMPRESSION, 1)) ?? Number.POSITIVE_INFINITY,
      },
      meanings: {
        photometric,
        photometricAt: tags.get(PHOTOMETRIC)?.at,
        extra: extra?.values ?? [],
        extraAt: extra?.at,
        formatAt: tags.get(SAMPLE_FORMAT)?.at,
        formats: tags.get(SAMPLE_FORMAT)?.values.length ?? 0,
        little,
      },
    };
  } catch (error) {
    // An offset outside the file: the decoder gives the error.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The tags that matter here; all of them have the type SHORT. */
function firstDirectory(read: ReadAt, start: Buffer, little: boolean, big: boolean): ReadonlyMap<number, Tag> {
  const [countBytes, entryBytes, fieldBytes] = big ? [8, 20, 8] : [2, 12, 4];
  const from = numberAt(start, big ? 8 : 4, fieldBytes, little);
  const count = numberAt(read(from, countBytes), 0, countBytes, little);
  const entries = read(from + countBytes, Math.min(count, MOST_ENTRIES) * entryBytes);
  const tags = new Map<number, Tag>();
  for (let at = 0; at + entryBytes <= entries.length; at += entryBytes) {
    const tag = numberAt(entries, at, 2, little);
    const isShort = numberAt(entries, at + 2, 2, little) === 3;
    if (!isShort || !wanted.has(tag)) continue;
    const number = Math.min(numberAt(entries, at + 4, fieldBytes, little), 65535);
    const inline = at + 4 + fieldBytes;
    const fits = 2 * number <= fieldBytes;
    const valuesAt = fits ? from + countBytes + inline : numberAt(entries, inline, fieldBytes, little);
    const bytes = fits ? entries.subarray(inline, inline + 2 * number) : read(valuesAt, 2 * number);
    tags.set(tag, {
      at: valuesAt,
      values: Array.from({ length: number }, (_, i) => numberAt(bytes, 2 * i, 2, little)),
    });
  }
  return tags;
}

/** @throws RangeError where the buffer ends before. */
function numberAt(buffer: Buffer, at: number, size: number, little: boolean): number {
  if (size === 8) return Number(little ? buffer.readBigUInt64LE(at) : buffer.readBigUInt64BE(at));
  if (size === 4) return little ? buffer.readUInt32LE(at) : buffer.readUInt32BE(at);
  return little ? buffer.readUInt16LE(at) : buffer.readUInt16BE(at);
}
