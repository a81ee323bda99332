/**
 * Why a file is not a map of ids. Depends on files/header.ts and fault.ts.
 */
import { type ImageHeader, storageInWords } from '../files/header.js';
import type { Fault } from './fault.js';

const MAP_EXPECTED =
  'a PNG or TIFF whose pixel values are the ids: one channel of up to 16 bits, a palette, or three equal channels';

/** Why a file cannot be a map of ids, from its header alone; `undefined` where that depends on its values. */
export function mapFault(header: ImageHeader): Fault | undefined {
  const fault = (found: string, remedy: string): Fault => ({
    code: 'not-an-id-map',
    found,
    expected: MAP_EXPECTED,
    remedy,
  });
  const { format, stored, storage } = header;
  const again = 'export the ids again as PNG; do not convert this file, its ids are already changed';
  if ((format !== 'png' && format !== 'tiff') || stored === undefined)
    return format === 'npy'
      ? fault('a NumPy file', 'save the ids as a 16-bit grey PNG')
      : fault(`a ${format.toUpperCase()} file, a format that changes pixel values or stores colours`, again);
  if (stored.lossy !== undefined)
    return fault(`a TIFF compressed as ${stored.lossy}, which changes pixel values`, again);
  if (stored.samples > MOST_SAMPLES || otherColours.has(header.space))
    return colours(
      `${stored.samples} channels${otherColours.has(header.space) ? ` of ${header.space.toUpperCase()}` : ''}`,
    );
  if (!header.palette && !['uchar', 'char', 'ushort', 'short', 'int', 'uint'].includes(storage))
    return fault(`pixels stored as ${storageInWords(storage)}`, 'save the ids as a 16-bit grey PNG');
  return undefined;
}

/** RGB, whose channels may be equal, and alpha. */
const MOST_SAMPLES = 4;

const otherColours: ReadonlySet<string> = new Set(['cmyk', 'lab', 'labs', 'xyz', 'lch', 'yxy', 'hsv']);

/** A map that holds colours. */
export function colours(found: string): Fault {
  return {
    code: 'not-an-id-map',
    found: `${found}: colours, not ids`,
    expected: MAP_EXPECTED,
    remedy: 'replace every colour with its id and save one grey channel (in Cityscapes: use *_labelIds, *_instanceIds)',
  };
}

/** A map whose alpha differs from pixel to pixel. */
export function transparentMap(found: string): Fault {
  return {
    code: 'not-an-id-map',
    found: `an alpha channel that differs from pixel to pixel (${found})`,
    expected: MAP_EXPECTED,
    remedy: 'save the map without alpha, with 255 where pixels have no class',
  };
}
