/**
 * The parts of a PNG file that decide what its samples are. Depends on the container's reader, `src/png.ts`. Source: the
 * PNG specification (W3C), 11.2 "Critical chunks".
 */
import { ColourType, pngChunks, pngHeader, pngOf, withColourType } from '../../png.js';
import { DEFLATE_EXPANSION, type StoredSamples } from './stored-samples.js';

const samplesOfColourType: Readonly<Record<number, number>> = {
  [ColourType.grey]: 1,
  [ColourType.rgb]: 3,
  [ColourType.palette]: 1,
  [ColourType.greyAlpha]: 2,
  [ColourType.rgba]: 4,
};

/** What IHDR says, from the first bytes of a file; `undefined` where they are not a PNG's. */
export function pngSamples(start: Buffer): StoredSamples | undefined {
  const header = pngHeader(start);
  const samples = header && samplesOfColourType[header.colourType];
  if (samples === undefined) return undefined;
  return {
    bits: header!.bits,
    kind: 'unsigned',
    samples,
    palette: header!.colourType === ColourType.palette,
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
  const isPalette = pngHeader(file)?.colourType === ColourType.palette;
  const kept: Buffer[] = [];
  for (const { type, bytes, complete } of pngChunks(file)) {
    if (type === 'IHDR') kept.push(isPalette ? withColourType(bytes, ColourType.grey) : bytes);
    // A chunk that the file ends in is kept, whatever it is, so that the decoder misses the rest.
    else if (type === 'IDAT' || type === 'IEND' || !complete) kept.push(bytes);
  }
  return pngOf(kept);
}
