/**
 * Contrast-limited adaptive histogram equalisation: every pixel through the cumulative histogram of its surroundings, whose
 * peaks are cut so that noise is not raised without limit. Source: Zuiderveld, Graphics Gems IV (1994); tiles and limit as
 * OpenCV's `createCLAHE(2.0, (8, 8))`. Depends on raster.ts.
 */
import type { ImageRaster } from '../../raster.js';

const TILES = 8;
/** Slope of the mapping at most, relative to no change of contrast. */
const LIMIT = 2;
const BINS = 1024;

/**
 * Equalises every channel but alpha by itself.
 *
 * @param image floating point in [0, 1].
 * @returns a new image in [0, 1].
 */
export function equalise(image: ImageRaster): ImageRaster {
  const { channels, alpha = false, data } = image;
  const out = Float32Array.from(data);
  for (let c = 0; c < (alpha ? channels - 1 : channels); c++) equaliseChannel(image, c, out);
  return { ...image, data: out };
}

function equaliseChannel({ width, height, channels, data }: ImageRaster, channel: number, out: Float32Array): void {
  const columns = Math.min(TILES, width);
  const rows = Math.min(TILES, height);
  const binOf = (index: number) => Math.min(BINS - 1, Math.floor(data[index]! * BINS));
  const maps: Float32Array[] = [];
  for (let r = 0; r < rows; r++) {
    for (let q = 0; q < columns; q++) {
      const counts = new Float64Array(BINS);
      const [top, bottom] = [Math.floor((r * height) / rows), Math.floor(((r + 1) * height) / rows)];
      const [left, right] = [Math.floor((q * width) / columns), Math.floor(((q + 1) * width) / columns)];
      for (let y = top; y < bottom; y++)
        for (let x = left; x < right; x++) counts[binOf((y * width + x) * channels + channel)]!++;
      maps.push(mappingOf(counts, (bottom - top) * (right - left)));
    }
  }
  for (let y = 0; y < height; y++) {
    const [above, below, down] = between(y, height, rows);
    for (let x = 0; x < width; x++) {
      const [left, right, along] = between(x, width, columns);
      const index = (y * width + x) * channels + channel;
      const bin = binOf(index);
      const upper = mix(maps[above * columns + left]![bin]!, maps[above * columns + right]![bin]!, along);
      const lower = mix(maps[below * columns + left]![bin]!, maps[below * columns + right]![bin]!, along);
      out[index] = mix(upper, lower, down);
    }
  }
}

/** The two tiles between whose centres a pixel lies, and how far it is from the first. */
function between(at: number, length: number, tiles: number): readonly [number, number, number] {
  const place = ((at + 0.5) * tiles) / length - 0.5;
  const first = Math.floor(place);
  return [Math.max(0, first), Math.min(tiles - 1, first + 1), place - first];
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

/** The cumulative histogram with its peaks cut, and what was cut spread evenly. */
function mappingOf(counts: Float64Array, pixels: number): Float32Array {
  const limit = Math.max(1, (LIMIT * pixels) / BINS);
  let cut = 0;
  for (let i = 0; i < BINS; i++) {
    if (counts[i]! <= limit) continue;
    cut += counts[i]! - limit;
    counts[i] = limit;
  }
  const map = new Float32Array(BINS);
  let sum = 0;
  for (let i = 0; i < BINS; i++) {
    sum += counts[i]! + cut / BINS;
    map[i] = Math.min(1, sum / pixels);
  }
  return map;
}
