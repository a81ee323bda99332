/**
 * A range from the values of one image. Depends on range.ts and raster.ts for types.
 */
import type { StoredRaster } from '../../raster.js';
import { type FixedRange, PERCENTILES } from './range.js';

/** Values looked at; of larger images every n-th. */
const MOST = 65536;

/** Values of an image without its alpha, evenly spread over it, at most `most`. */
export function sampleValues({ data, channels, alpha = false }: StoredRaster, most = MOST): Float64Array {
  const kept = alpha ? channels - 1 : channels;
  const pixels = data.length / channels;
  const count = Math.min(pixels, Math.max(1, Math.floor(most / kept)));
  const out = new Float64Array(count * kept);
  for (let i = 0, to = 0; i < count; i++) {
    const from = Math.floor(((i + 0.5) * pixels) / count) * channels;
    for (let c = 0; c < kept; c++) out[to++] = data[from + c]!;
  }
  return out;
}

/**
 * The value below which a share of sorted values lies, interpolated linearly between neighbours as NumPy's `percentile` does.
 *
 * @param sorted at least one value, ascending.
 */
export function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (at - below);
}

/** A range of sorted values by {@link PERCENTILES}; one that holds something even where all values are equal. */
export function rangeOf(sorted: Float64Array): FixedRange {
  const low = quantile(sorted, PERCENTILES.low);
  const high = quantile(sorted, PERCENTILES.high);
  if (low < high) return { low, high };
  const [least, most] = [sorted[0]!, sorted.at(-1)!];
  return least < most ? { low: least, high: most } : { low: least, high: least + 1 };
}

/** The range of one image. */
export function percentileRange(image: StoredRaster): FixedRange {
  return rangeOf(sampleValues(image).sort());
}
