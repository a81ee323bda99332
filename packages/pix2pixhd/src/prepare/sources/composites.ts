/**
 * Several images of one scene in one file, as the data sets of pix2pix (Isola et al., CVPR 2017) have them: A on the left, B on
 * the right. Depends on the decoder and raw-pair.ts.
 */
import { decodeImage } from '../../data/decode/decode.js';
import { readHeader } from '../../data/files/header.js';
import { ANY_SCALE } from '../../data/values/range.js';
import type { ImageRaster } from '../../raster.js';
import type { Material, Panel } from '../raw-pair.js';
import type { NamedFile } from './match.js';

/** How the panels of a composite lie. */
export interface Panels {
  readonly of: number;
  readonly stacked: boolean;
}

/** A step between panels is so many times as strong as between neighbours elsewhere. */
const SEAM = 2.5;
/** Edges of two panels that show one scene correlate at least so much, and with one of them shifted by an eighth less than half as much. */
const ALIKE = 0.15;
/** Of the images that were looked at, so many must have the seam. */
const MOST = 0.7;
/** Images that are looked at. */
const LOOKED_AT = 12;
const LAYOUTS: readonly Panels[] = [2, 3, 4].flatMap(of => [
  { of, stacked: false },
  { of, stacked: true },
]);

/**
 * Whether images are composites, by their content: in nearly all of them neighbours across the border of two panels differ much
 * more than elsewhere, or the panels have their edges in the same places. Undefined where they are not.
 */
export async function recogniseComposites(files: readonly NamedFile[]): Promise<Panels | undefined> {
  const count = Math.min(LOOKED_AT, files.length);
  const chosen = Array.from({ length: count }, (_, i) => files[Math.floor((i * files.length) / count)]!.file);
  const images: Grey[] = [];
  for (const file of chosen) {
    const header = await readHeader(file);
    if (Math.max(header.width, header.height) / Math.min(header.width, header.height) < 1.3) continue;
    images.push(greyOf(await decodeImage(file, header, ANY_SCALE)));
  }
  // Half of them at least have the shape; a single one proves little.
  if (images.length < Math.max(1, count / 2)) return undefined;
  const scores = LAYOUTS.map(layout => ({
    layout,
    share: images.filter(image => seam(image, layout) > SEAM || alike(image, layout)).length / images.length,
  })).filter(({ share, layout }) => share >= MOST && images.every(image => dividesInto(image, layout)));
  // Four panels have the seam of two as well.
  return scores.sort((a, b) => b.layout.of - a.layout.of)[0]?.layout;
}

/** The material of composites: of the panels that are the input and the target. */
export function readComposites(files: readonly NamedFile[], panels: Panels, input: number, target: number): Material {
  const panel = (index: number): Panel => ({ index, ...panels });
  return {
    what: `${panels.of} images in one, ${panels.stacked ? 'one above the other' : 'side by side'}`,
    leftOut: [],
    pairs: files.map(({ file, name }) => {
      const [, phase, rest] = /^(?:.*\/)?(train|val|test)\/(.+)$/.exec(name) ?? [undefined, undefined, name];
      const stem = rest!.replace(/\.[^./]*$/, '');
      const ours = phase === 'val' ? 'test' : phase;
      return {
        stem,
        ...(ours !== undefined && { phase: ours }),
        parts: { source: { file, panel: panel(input) }, image: { file, panel: panel(target) } },
      };
    }),
  };
}

function dividesInto({ width, height }: Grey, { of, stacked }: Panels): boolean {
  const side = stacked ? height : width;
  return side % of === 0 && side / of >= 2;
}

/**
 * How much stronger the step across the borders of panels is than the median step between neighbours: the least of the borders.
 */
function seam(image: Grey, { of, stacked }: Panels): number {
  const steps = stepsOf(image, stacked);
  const sorted = Float64Array.from(steps).sort();
  const usual = sorted[Math.floor(sorted.length * 0.75)]! + 1e-3;
  const length = steps.length + 1;
  let least = Number.POSITIVE_INFINITY;
  for (let k = 1; k < of; k++) least = Math.min(least, steps[Math.round((k * length) / of) - 1]! / usual);
  return least;
}

/** Mean absolute differences between neighbouring columns, or rows. */
function stepsOf({ width, height, data }: Grey, stacked: boolean): Float64Array {
  const [along, across] = stacked ? [height, width] : [width, height];
  const [step, other] = stacked ? [width, 1] : [1, width];
  return Float64Array.from({ length: along - 1 }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < across; k++) sum += Math.abs(data[(i + 1) * step + k * other]! - data[i * step + k * other]!);
    return sum / across;
  });
}

/** Brightness from black to white. */
interface Grey {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

function greyOf({ width, height, channels, alpha = false, data }: ImageRaster): Grey {
  const colours = alpha ? channels - 1 : channels;
  const grey = new Float32Array(width * height);
  for (let i = 0; i < grey.length; i++) {
    let sum = 0;
    for (let c = 0; c < colours; c++) sum += data[i * channels + c]!;
    grey[i] = sum / colours;
  }
  return { width, height, data: grey };
}

/** Whether every panel has its edges where the first one has. */
function alike(image: Grey, { of, stacked }: Panels): boolean {
  const first = edgesOf(image, of, stacked, 0);
  return Array.from({ length: of - 1 }, (_, k) => edgesOf(image, of, stacked, k + 1)).every(other => {
    const inPlace = correlation(first, other, 0);
    return inPlace > ALIKE && inPlace > 2 * correlation(first, other, Math.max(2, first.width >> 3));
  });
}

/** How much each pixel of a panel differs from its right and its lower neighbour. */
function edgesOf({ width, height, data }: Grey, of: number, stacked: boolean, index: number): Grey {
  const [w, h] = stacked ? [width, height / of] : [width / of, height];
  const [left, top] = stacked ? [0, index * h] : [index * w, 0];
  const edges = new Float32Array(w * h);
  for (let y = 0; y + 1 < h; y++)
    for (let x = 0; x + 1 < w; x++) {
      const at = (top + y) * width + left + x;
      edges[y * w + x] = Math.abs(data[at + 1]! - data[at]!) + Math.abs(data[at + width]! - data[at]!);
    }
  return { width: w, height: h, data: blurred(blurred(edges, w, h, 1), w, h, w) };
}

/** Means of five neighbours along rows (a step of 1) or columns (a step of the width): edges of a line lie beside it. */
function blurred(values: Float32Array, width: number, height: number, step: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [at, place, length] = [y * width + x, step === 1 ? x : y, step === 1 ? width : height];
      let sum = 0;
      for (let k = -2; k <= 2; k++) if (place + k >= 0 && place + k < length) sum += values[at + k * step]!;
      out[at] = sum / 5;
    }
  return out;
}

/** Pearson's correlation of two panels, the second shifted to the left. */
function correlation(a: Grey, b: Grey, shift: number): number {
  let [n, sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0, 0];
  for (let y = 0; y < a.height; y++)
    for (let x = 0; x + shift < a.width; x++) {
      const u = a.data[y * a.width + x]!;
      const v = b.data[y * a.width + x + shift]!;
      n++;
      sumA += u;
      sumB += v;
      sumAA += u * u;
      sumBB += v * v;
      sumAB += u * v;
    }
  const spread = Math.sqrt((sumAA - (sumA * sumA) / n) * (sumBB - (sumB * sumB) / n));
  return spread > 0 ? (sumAB - (sumA * sumB) / n) / spread : 0;
}
