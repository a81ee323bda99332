/**
 * PNG's container: signature, header and chunks. The pixels are the decoder's. Depends on crc-32. Source: the PNG
 * specification (W3C), 5 "Datastream structure" and 11.2.1 "IHDR".
 *
 * The npm packages for this refuse damaged files, or have not been kept for years; here damage is handed on as it is, for
 * the decoder to name.
 */
import crc32 from 'crc-32';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Length, type and checksum, around a chunk's data. */
const CHUNK_BYTES = 12;
const IHDR_BYTES = 13;

/** Signature and IHDR, which is the first chunk of every PNG file. */
export const PNG_HEADER_BYTES = SIGNATURE.length + CHUNK_BYTES + IHDR_BYTES;

const BIT_DEPTH = 24;
const COLOUR_TYPE = 25;

/** IHDR's colour types. */
export const ColourType = { grey: 0, rgb: 2, palette: 3, greyAlpha: 4, rgba: 6 } as const;

/** What IHDR says of the samples. */
export interface PngHeader {
  /** Bits per sample. */
  readonly bits: number;
  /** One of {@link ColourType}, or what a damaged file has instead. */
  readonly colourType: number;
}

/** The header from the first {@link PNG_HEADER_BYTES} of a file; `undefined` where they are not a PNG's. */
export function pngHeader(start: Buffer): PngHeader | undefined {
  if (start.length < PNG_HEADER_BYTES || !start.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return undefined;
  if (typeOf(start, SIGNATURE.length) !== 'IHDR') return undefined;
  return { bits: start[BIT_DEPTH]!, colourType: start[COLOUR_TYPE]! };
}

/** A chunk where it lies in a file. */
export interface PngChunk {
  readonly type: string;
  /** The whole of it, length and checksum included; less where the file ends before it does. */
  readonly bytes: Buffer;
  /** False where the file ends before the chunk does. */
  readonly complete: boolean;
}

/** The chunks after the signature. Neither types nor checksums are looked at. */
export function* pngChunks(file: Buffer): Generator<PngChunk, void, void> {
  for (let at = SIGNATURE.length; at < file.length; ) {
    const end = at + CHUNK_BYTES + (at + 8 <= file.length ? file.readUInt32BE(at) : 0);
    yield { type: typeOf(file, at), bytes: file.subarray(at, end), complete: end <= file.length };
    at = end;
  }
}

/** The file of these chunks. */
export function pngOf(chunks: readonly Buffer[]): Buffer {
  return Buffer.concat([SIGNATURE, ...chunks]);
}

/** A chunk with its length and checksum. */
export function pngChunk(type: string, data: Buffer): Buffer {
  const chunk = Buffer.alloc(CHUNK_BYTES + data.length);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, 'latin1');
  data.copy(chunk, 8);
  chunk.writeInt32BE(crc32.buf(chunk.subarray(4, -4)), chunk.length - 4);
  return chunk;
}

/** An intact IHDR chunk with another colour type. A damaged one is left as it is. */
export function withColourType(chunk: Buffer, colourType: number): Buffer {
  const data = chunk.subarray(8, -4);
  if (data.length !== IHDR_BYTES || !pngChunk('IHDR', data).equals(chunk)) return chunk;
  const changed = Buffer.from(data);
  changed[COLOUR_TYPE - SIGNATURE.length - 8] = colourType;
  return pngChunk('IHDR', changed);
}

function typeOf(file: Buffer, chunkAt: number): string {
  return file.toString('latin1', chunkAt + 4, chunkAt + 8);
}
