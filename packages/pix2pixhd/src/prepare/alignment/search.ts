/**
 * Where to begin: shifts, scales and turns are tried on the smallest images. Depends on fourier.ts, levels.ts, compare.ts,
 * orientation.ts and transform.ts.
 *
 * For each scale and turn, B is warped onto a canvas as large as A and the farthest shifts, and its edges are correlated
 * with A's at all shifts at once: a field is one complex number per pixel, so a pair takes one Fourier transform, and the
 * products of all pairs are added before the way back.
 */
import { warpField, workspaceFor } from './compare.js';
import { emptySpectrum, fourier, powerOfTwo, type Spectrum } from './fourier.js';
import type { Level } from './levels.js';
import { FIELD_MARGIN } from './orientation.js';
import { compose, cornerDistance, rotation, type Size, type Transform, translation } from './transform.js';

/** How far from the start to look. */
export interface SearchRange {
  /** Shift, as a share of A's sides. */
  readonly shift: number;
  /** The largest factor by which the scale may be wrong, at least 1. */
  readonly scale: number;
  /** The largest turn, in degrees. */
  readonly degrees: number;
}

/** Steps of the scale and of the turn: neighbours differ by less than two pixels at the corners of 80 × 60. */
const SCALE_STEP = 1.045;
const DEGREES_STEP = 2.5;
/** Shifts of fewer pixels than this belong to one peak. */
const PEAK_RADIUS = 4;
/** The least share of A's field that both images must see. */
const LEAST_OVERLAP = 0.35;

/**
 * Search around `start`, a transform from A's pixels to B's at this level.
 * @returns up to `count` transforms worth refining, the best first; none where there are no edges.
 */
export function search(level: Level, start: Transform, range: SearchRange, count: number): readonly Transform[] {
  const canvas = canvasFor(level.size, range.shift);
  const ofA = spectraOfA(level, canvas);
  const found: { transform: Transform; score: number }[] = [];
  for (const scale of scalesWithin(range.scale)) {
    for (const degrees of turnsWithin(range.degrees)) {
      const turned = compose(start, around(level.size, rotation((degrees * Math.PI) / 180, scale)));
      const surface = correlate(level, turned, canvas, ofA);
      const peak = indexOfMaximum(surface);
      const { x, y } = shiftAt(peak, canvas);
      const score = surface[peak]!;
      if (score > 0) found.push({ transform: compose(turned, translation(x, y)), score });
    }
  }
  const sorted = found.sort((p, q) => q.score - p.score).map(({ transform }) => transform);
  return distinct(sorted, level.size, count);
}

/** How a peak stands out from its surroundings, in standard deviations of the correlation at shifts that are not near it. */
export interface Prominence {
  /** Above the best of those shifts. */
  readonly lead: number;
  /** Above their mean. */
  readonly height: number;
}

/** How clearly images agree at `transform` and not at other shifts of up to a share `reach` of A's sides. */
export function prominenceAt(level: Level, transform: Transform, reach: number): Prominence {
  const canvas = canvasFor(level.size, reach);
  const surface = correlate(level, transform, canvas, spectraOfA(level, canvas));
  let peak = -1;
  const others: number[] = [];
  surface.forEach((value, i) => {
    const { x, y } = shiftAt(i, canvas);
    if (Math.hypot(x, y) <= 1.5) peak = Math.max(peak, value);
    else if (Math.hypot(x, y) > PEAK_RADIUS && value !== -1) others.push(value);
  });
  const mean = others.reduce((sum, v) => sum + v, 0) / others.length;
  const spread = Math.sqrt(others.reduce((sum, v) => sum + (v - mean) ** 2, 0) / others.length);
  if (!(spread > 0)) return { lead: 0, height: 0 };
  const second = others.reduce((best, v) => Math.max(best, v), -1);
  return { lead: (peak - second) / spread, height: (peak - mean) / spread };
}

interface Canvas {
  /** Of the transforms: powers of two. */
  readonly width: number;
  readonly height: number;
  /** The farthest shift, in pixels. */
  readonly reach: Size;
}

function canvasFor({ width, height }: Size, share: number): Canvas {
  const reach = { width: Math.ceil(share * width), height: Math.ceil(share * height) };
  return {
    width: powerOfTwo(width + 2 * reach.width),
    height: powerOfTwo(height + 2 * reach.height),
    reach,
  };
}

function around({ width, height }: Size, t: Transform): Transform {
  return compose(translation(width / 2, height / 2), t, translation(-width / 2, -height / 2));
}

function scalesWithin(limit: number): readonly number[] {
  const steps = Math.ceil(Math.log(limit) / Math.log(SCALE_STEP));
  return Array.from({ length: 2 * steps + 1 }, (_, k) => (steps === 0 ? 1 : limit ** ((k - steps) / steps)));
}

function turnsWithin(limit: number): readonly number[] {
  const steps = Math.ceil(limit / DEGREES_STEP);
  return Array.from({ length: 2 * steps + 1 }, (_, k) => (steps === 0 ? 0 : (limit * (k - steps)) / steps));
}

/** Of A, once: each pair's edges, where they are seen, and the squares of all pairs' edges. */
interface SpectraOfA {
  readonly fields: readonly Spectrum[];
  readonly seen: Spectrum;
  readonly energy: Spectrum;
  /** Sum of the squares. */
  readonly total: number;
  readonly pixels: number;
}

function spectraOfA({ pairs, size }: Level, canvas: Canvas): SpectraOfA {
  const seen = emptySpectrum(canvas.width, canvas.height);
  const energy = emptySpectrum(canvas.width, canvas.height);
  let total = 0;
  let pixels = 0;
  const each = (visit: (from: number, to: number) => void) => {
    for (let y = FIELD_MARGIN; y < size.height - FIELD_MARGIN; y++)
      for (let x = FIELD_MARGIN; x < size.width - FIELD_MARGIN; x++) visit(y * size.width + x, y * canvas.width + x);
  };
  const fields = pairs.map(({ field }) => {
    const spectrum = emptySpectrum(canvas.width, canvas.height);
    each((from, to) => {
      spectrum.re[to] = field.cos[from]!;
      spectrum.im[to] = field.sin[from]!;
      const square = field.cos[from]! ** 2 + field.sin[from]! ** 2;
      energy.re[to]! += square;
      total += square;
    });
    fourier(spectrum, -1);
    return spectrum;
  });
  each((_, to) => {
    seen.re[to] = 1;
    pixels++;
  });
  fourier(seen, -1);
  fourier(energy, -1);
  return { fields, seen, energy, total, pixels };
}

/** The correlation at all shifts, (2 reach + 1, 2 reach + 1); −1 where too little is seen by both. */
function correlate({ pairs, size }: Level, transform: Transform, canvas: Canvas, ofA: SpectraOfA): Float64Array {
  const { width, height, reach } = canvas;
  // The canvas begins `reach` pixels before A.
  const onCanvas = compose(transform, translation(-reach.width, -reach.height));
  const whole = { width: size.width + 2 * reach.width, height: size.height + 2 * reach.height };
  const products = emptySpectrum(width, height);
  const energyB = emptySpectrum(width, height);
  const seenB = emptySpectrum(width, height);
  const ofB = emptySpectrum(width, height);
  const workspace = workspaceFor(whole);
  const { field, valid } = workspace;
  pairs.forEach((pair, index) => {
    warpField(pair, onCanvas, workspace);
    ofB.re.fill(0);
    ofB.im.fill(0);
    for (let y = 0, i = 0; y < whole.height; y++) {
      for (let x = 0, to = y * width; x < whole.width; x++, i++, to++) {
        if (valid[i] === 0) continue;
        ofB.re[to] = field.cos[i]!;
        ofB.im[to] = field.sin[i]!;
        energyB.re[to]! += field.cos[i]! ** 2 + field.sin[i]! ** 2;
        if (index === 0) seenB.re[to] = 1;
      }
    }
    fourier(ofB, -1);
    addProduct(products, ofA.fields[index]!, ofB);
  });
  fourier(energyB, -1);
  fourier(seenB, -1);
  const agreement = back(products);
  const bb = back(product(ofA.seen, energyB));
  const aa = back(product(ofA.energy, seenB));
  const pixels = back(product(ofA.seen, seenB));
  const surface = new Float64Array((2 * reach.width + 1) * (2 * reach.height + 1));
  for (let y = 0, o = 0; y <= 2 * reach.height; y++) {
    for (let x = 0; x <= 2 * reach.width; x++, o++) {
      const i = y * width + x;
      const enough = pixels[i]! >= LEAST_OVERLAP * ofA.pixels && aa[i]! > 1e-6 * ofA.total && bb[i]! > 1e-9 * ofA.total;
      surface[o] = enough ? agreement[i]! / Math.sqrt(aa[i]! * bb[i]!) : -1;
    }
  }
  return surface;
}

/** a's conjugate times b, added to `sum`. */
function addProduct(sum: Spectrum, a: Spectrum, b: Spectrum): void {
  for (let i = 0; i < sum.re.length; i++) {
    sum.re[i]! += a.re[i]! * b.re[i]! + a.im[i]! * b.im[i]!;
    sum.im[i]! += a.re[i]! * b.im[i]! - a.im[i]! * b.re[i]!;
  }
}

function product(a: Spectrum, b: Spectrum): Spectrum {
  const sum = emptySpectrum(a.width, a.height);
  addProduct(sum, a, b);
  return sum;
}

/** The real part of the inverse transform. */
function back(spectrum: Spectrum): Float64Array {
  fourier(spectrum, 1);
  const size = spectrum.re.length;
  return spectrum.re.map(v => v / size);
}

function indexOfMaximum(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/** The canvas begins before A, so the middle of the surface is no shift. */
function shiftAt(index: number, { reach }: Canvas): { x: number; y: number } {
  const width = 2 * reach.width + 1;
  return { x: (index % width) - reach.width, y: Math.floor(index / width) - reach.height };
}

/** The best of which no two do nearly the same. */
function distinct(sorted: readonly Transform[], size: Size, count: number): readonly Transform[] {
  const kept: Transform[] = [];
  for (const one of sorted) {
    if (kept.length === count) break;
    if (kept.every(other => cornerDistance(one, other, size) > PEAK_RADIUS)) kept.push(one);
  }
  return kept;
}
