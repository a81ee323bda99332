/**
 * The parts of a PNG file that decide what its samples are. Depends on crc-32 and stored-samples.ts. Source: the PNG specification (W3C), 5
 * "Datastream structure" and 11.2 "Critical chunks".
 */
import crc32 from 'crc-32';
import { DEFLATE_EXPANSION, type StoredSamples } from './stored-samples.js';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Signature, then length, type, 13 bytes and checksum of IHDR: what {@link pngSamples} reads. */
export const PNG_HEADER_BYTES = 33;

const BIT_DEPTH = 24;
const COLOUR_TYPE = 25;
const IHDR_TYPE = 12;
const IHDR_CHECKSUM = 29;

const samplesOfColourType: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const GREY = 0;
const PALETTE = 3;

/** What IHDR says, from the first {@link PNG_HEADER_BYTES} of a file; `undefined` where they are no PNG's. */
export function pngSamples(start: Buffer): StoredSamples | undefined {
  if (start.length < PNG_HEADER_BYTES || !start.subarray(0, 8).equals(SIGNATURE)) return undefined;
  const colourType = start[COLOUR_TYPE]!;
  const samples = samplesOfColourType[colourType];
  if (samples === undefined || start.toString('latin1', IHDR_TYPE, IHDR_TYPE + 4) !== 'IHDR') return undefined;
  return {
    bits: start[BIT_DEPTH]!,
    kind: 'unsigned',
    samples,
    palette: colourType === PALETTE,
    reversed: false,
    alpha: samples % 2 === 0,
    lossy: undefined,
    expansion: DEFLATE_EXPANSION,
  };
}

/**
 * The same PNG with nothing left in it that gives samples another meaning: no palette, transparent colour, gamma or
 * profile; indices are grey values. A decoder then shows what is stored. Damage stays where it is, for the decoder to find.
 */
export function pngOfStoredValues(file: Buffer): Buffer {
  const kept: Buffer[] = [file.subarray(0, 8)];
  for (let at = 8; at < file.length; ) {
    const end = at + 12 + (at + 8 <= file.length ? file.readUInt32BE(at) : 0);
    const type = file.toString('latin1', at + 4, at + 8);
    if (type === 'IHDR') kept.push(greyForIndices(file.subarray(0, end)).subarray(at));
    // A chunk that the file ends in is kept, whatever it is, so that the decoder misses the rest.
    else if (type === 'IDAT' || type === 'IEND' || end > file.length) kept.push(file.subarray(at, end));
    at = end;
  }
  return Buffer.concat(kept);
}

/** Signature and IHDR with colour type 0 in the place of 3. A header with a wrong checksum is left wrong. */
function greyForIndices(start: Buffer): Buffer {
  if (start.length < PNG_HEADER_BYTES || start[COLOUR_TYPE] !== PALETTE) return start;
  if (start.readInt32BE(IHDR_CHECKSUM) !== crc32.buf(start.subarray(IHDR_TYPE, IHDR_CHECKSUM))) return start;
  const grey = Buffer.from(start);
  grey[COLOUR_TYPE] = GREY;
  grey.writeInt32BE(crc32.buf(grey.subarray(IHDR_TYPE, IHDR_CHECKSUM)), IHDR_CHECKSUM);
  return grey;
}
