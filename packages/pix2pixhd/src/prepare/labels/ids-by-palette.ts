/**
 * Colour-coded label images to class ids. Depends on colour-table.ts and edges.ts.
 */
import { IGNORE_LABEL } from '../../data/labels/values.js';
import { UserError } from '../../errors.js';
import type { IdMap, Raster } from '../../raster.js';
import { BEYOND, ColourTable, NONE } from './colour-table.js';
import { resolveEdges } from './edges.js';
import { colourText, type Palette, type Rgb } from './palette.js';

/** Options of {@link idsByPalette}. */
export interface PaletteOptions {
  /** How far a colour may be from the palette's, by Euclidean distance in 8-bit RGB; default {@link TOLERANCE}. */
  readonly tolerance?: number;
  /** What becomes of pixels beyond that: 255, or an error that names the first; default `ignore`. */
  readonly beyond?: 'ignore' | 'error';
  /** What errors call the image. */
  readonly name?: string;
}

/**
 * The default of {@link PaletteOptions.tolerance}. What JPEG of quality 75 adds to flat colours stays below it, and so does
 * nearly all that it adds at edges.
 */
export const TOLERANCE = 48;

/** A pixel and its colour. */
export interface ColouredPixel {
  readonly x: number;
  readonly y: number;
  readonly color: Rgb;
}

/** How well an image fitted a palette, in numbers of pixels. */
export interface PaletteReport {
  readonly pixels: number;
  /** Of exactly a colour of the palette, and taken for it. */
  readonly exact: number;
  /** Of no colour of the palette, or of one by the accident of anti-aliasing, and given the class of a near one. */
  readonly snapped: number;
  /** Farther from all colours than the tolerance, and no mixture of two nearby. */
  readonly beyond: number;
  /** Less than half opaque: no class. */
  readonly transparent: number;
  /** Of a colour that several classes share: the first of them. */
  readonly shared: number;
  /** Mean and largest distance of the snapped from the colours they were given, 0 where there are none. */
  readonly meanDistance: number;
  readonly maxDistance: number;
  /** The first pixel beyond the tolerance. */
  readonly firstBeyond?: ColouredPixel;
}

/** Ids and what became of which pixels. */
export interface PaletteIds {
  readonly labels: IdMap;
  readonly report: PaletteReport;
}

/**
 * The ids of a colour-coded label image.
 *
 * A pixel of exactly a colour of the palette has its class. Others are the work of anti-aliasing or JPEG: they are given the
 * nearest colour among the classes that are *established* in their neighbourhood (3×3, else 5×5, else 9×9), if the nearest
 * of all is one of them, or if their colour is a mixture of two; otherwise the nearest of all. A class is established by a
 * pixel of exactly its colour of which the 3×3 around it has 4, or by one within 24 of it of which it has 7. If more than
 * one pixel in a thousand has no colour of the palette, the image is taken for anti-aliased, and a pixel of a colour exactly
 * between two neighbouring classes' that its own neighbourhood does not establish is an edge.
 *
 * @param image RGB or RGBA of 8 bits, (H, W, 3 or 4).
 * @returns ids of 8 bits, (H, W), 255 where a pixel has no class, and how well the image fitted.
 * @throws UserError where a pixel is beyond the tolerance and `beyond` is `error`; it names colour and position.
 */
export function idsByPalette(image: Raster<Uint8Array>, palette: Palette, options: PaletteOptions = {}): PaletteIds {
  const { tolerance = TOLERANCE, beyond = 'ignore', name } = options;
  const { width, height, channels } = image;
  if (channels !== 3 && channels !== 4) throw new RangeError(`${channels} channels, expected RGB or RGBA`);
  const table = new ColourTable(palette);
  const targets = exactTargets(image, table);
  const foreign = targets.unknown;
  const snapping = resolveEdges(image, targets.map, table, { tolerance, isExact: foreign <= pixelsOf(image) / 1000 });
  const ids = new Uint8Array(width * height).fill(IGNORE_LABEL);
  let shared = 0;
  for (let i = 0; i < ids.length; i++) {
    const target = targets.map[i]!;
    if (target >= BEYOND) continue;
    ids[i] = table.ids[target]!;
    shared += table.isShared[target]!;
  }
  const first = snapping.firstBeyond < 0 ? undefined : pixelAt(image, snapping.firstBeyond);
  if (first !== undefined && beyond === 'error')
    throw foreignColour(first, snapping.beyond, palette, table, tolerance, name);
  const { snapped, sum, largest } = snapping;
  return {
    labels: { width, height, channels: 1, data: ids },
    report: {
      pixels: ids.length,
      exact: ids.length - snapped - snapping.beyond - targets.transparent,
      snapped,
      beyond: snapping.beyond,
      transparent: targets.transparent,
      shared,
      meanDistance: snapped === 0 ? 0 : sum / snapped,
      maxDistance: largest,
      ...(first && { firstBeyond: first }),
    },
  };
}

/** The target of each pixel of a palette's colour; {@link NONE} for other colours, {@link BEYOND} where it is transparent. */
function exactTargets({ data, channels }: Raster<Uint8Array>, table: ColourTable) {
  const map = new Uint16Array(data.length / channels);
  let lastKey = -1;
  let last = NONE;
  let unknown = 0;
  let transparent = 0;
  for (let i = 0, from = 0; i < map.length; i++, from += channels) {
    const key = (data[from]! << 16) | (data[from + 1]! << 8) | data[from + 2]!;
    if (key !== lastKey) {
      lastKey = key;
      last = table.exact(key);
    }
    if (channels === 4 && data[from + 3]! < 128) {
      map[i] = BEYOND;
      transparent++;
    } else {
      map[i] = last;
      if (last === NONE) unknown++;
    }
  }
  return { map, unknown, transparent };
}

function pixelsOf({ width, height }: Raster): number {
  return width * height;
}

function pixelAt({ width, channels, data }: Raster<Uint8Array>, index: number): ColouredPixel {
  const [r, g, b] = data.subarray(index * channels, index * channels + 3);
  return { x: index % width, y: Math.floor(index / width), color: [r!, g!, b!] };
}

function foreignColour(
  { x, y, color }: ColouredPixel,
  count: number,
  { name: paletteName }: Palette,
  table: ColourTable,
  tolerance: number,
  name?: string,
): UserError {
  const [r, g, b] = color;
  const key = (r << 16) | (g << 8) | b;
  const nearest = table.nearest(key);
  const distance = Math.sqrt(table.squaredDistance(key, nearest));
  return new UserError({
    code: 'NOT_AN_ID_MAP',
    doing: 'turning the colours of a label image into ids',
    ...(name !== undefined && { where: name }),
    found: `the colour ${colourText(color)} (${color.join(', ')}) at x ${x}, y ${y}, and ${count - 1} more pixel(s) far from all colours; the nearest is ${colourText(table.colours[nearest]!)}, at a distance of ${distance.toFixed(1)}`,
    expected: `colours of the palette ${paletteName}, or at most ${tolerance} from one`,
    remedy: 'add the colour to the palette, choose another palette, or let such pixels be ignored',
  });
}
