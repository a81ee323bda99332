/**
 * Stored values to the values of an image: 8 and 16 bits as they are, or floating point in which 0 is black and 1 is white.
 * Depends on range.ts, percentiles.ts, clahe.ts, validate and raster.ts.
 */
import type { ImageRaster, StoredArray, StoredRaster } from '../../raster.js';
import { FaultyFile } from '../validate/fault.js';
import { unscaledFault, valueFault } from '../validate/images.js';
import { equalise } from './clahe.js';
import { percentileRange } from './percentiles.js';
import type { FixedRange, ValueScale } from './range.js';

/**
 * Brings stored values to an image's. With the full range 8-bit and 16-bit values stay what they are, and floating point must
 * lie in [0, 1]; with any other range the result is floating point, (v − low) / (high − low) cut off at 0 and 1. Alpha keeps the
 * full range.
 *
 * @param name what errors call the image.
 * @throws UserError where values are not finite, or have no white in the full range.
 */
export function scaleValues(
  stored: StoredRaster,
  { range, option }: ValueScale,
  name: string,
  doing: string,
): ImageRaster {
  if (range === 'full') {
    const wrong = unscaledFault(stored, option) ?? valueFault(stored, option);
    if (wrong !== undefined) throw new FaultyFile(doing, name, wrong);
    return stored as ImageRaster;
  }
  const wrong = valueFault(stored, undefined);
  if (wrong !== undefined) throw new FaultyFile(doing, name, wrong);
  if (typeof range === 'object') return stretch(stored, range);
  const scaled = stretch(stored, percentileRange(stored));
  return range === 'clahe' ? equalise(scaled) : scaled;
}

/** Share of an image's values that lie outside a range, and are cut off; alpha has none. */
export function shareOutside({ data, channels, alpha = false }: StoredRaster, { low, high }: FixedRange): number {
  const used = alpha ? channels - 1 : channels;
  let outside = 0;
  for (let i = 0; i < data.length; i += channels)
    for (let c = 0; c < used; c++) if (data[i + c]! < low || data[i + c]! > high) outside++;
  return (outside * channels) / (data.length * used);
}

function stretch(stored: StoredRaster, { low, high }: FixedRange): ImageRaster {
  const { data, channels, alpha = false } = stored;
  const span = high - low;
  const out = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = Math.min(1, Math.max(0, (data[i]! - low) / span));
  if (alpha) {
    const full = fullScaleOf(data);
    for (let i = channels - 1; i < data.length; i += channels) out[i] = data[i]! / full;
  }
  return { ...stored, data: out };
}

/** The value of white in a type; of floating point 1. */
export function fullScaleOf(data: StoredArray): number {
  if (data instanceof Float32Array || data instanceof Float64Array) return 1;
  return 2 ** (8 * data.BYTES_PER_ELEMENT) - 1;
}
