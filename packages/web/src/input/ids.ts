/**
 * Label maps and instance maps of any kind to one id a pixel. Depends on reading files, png.ts, errors.ts, what label values
 * stand for, and the platform, which reads canvases.
 */
import { platform } from '#platform';
import { UserError } from '../errors.js';
import { ignoredLabel, isIgnored } from '../scene/index.js';
import { bytesOf } from './files.js';
import { type ImageInput, isCanvas, isPicture, type Pixels, type Raster, rasterOf } from './image-input.js';
import { isPng, storedValues } from './png.js';

/** A map of ids, (H, W). */
export interface IdMap {
  readonly width: number;
  readonly height: number;
  readonly data: Int32Array;
}

/**
 * Reads a map of ids.
 *
 * @param name what errors call it: `the label map`.
 * @throws UserError where it holds no ids; TypeError where it is none of the kinds.
 */
export async function readIds(input: ImageInput, name: string, signal?: AbortSignal): Promise<IdMap> {
  const raster = await rasterOfMap(input, name, signal);
  if (raster.data instanceof Float32Array)
    throw new TypeError(`${name}: ids are integers, in a Uint8Array, Uint16Array or Int32Array, not a Float32Array`);
  return { width: raster.width, height: raster.height, data: oneChannel(raster, name) };
}

/**
 * Checks that every value of a label map is a class, or stands for none.
 * @throws UserError
 */
export function checkLabels({ data }: IdMap, labelNc: number, where: string): void {
  const outside = new Set<number>();
  let pixels = 0;
  for (let i = 0; i < data.length; i++) {
    const id = data[i]!;
    if ((id >= 0 && id < labelNc) || isIgnored(id, labelNc)) continue;
    pixels++;
    outside.add(id);
  }
  if (pixels === 0) return;
  const ids = [...outside].sort((a, b) => a - b);
  const listed = ids.length > 8 ? `${ids.slice(0, 8).join(', ')}, …` : ids.join(', ');
  throw new UserError({
    code: 'LABEL_OUT_OF_RANGE',
    doing: 'reading the label map',
    where,
    found: `${pixels} pixel(s) have the class id ${listed}, outside 0 to ${labelNc - 1}`,
    expected: `0 to ${labelNc - 1}, or ${ignoredLabel(labelNc)} for pixels to ignore`,
    remedy: `correct the map, or load a model of more classes: this one was trained with ${labelNc} (info.labelNc)`,
  });
}

async function rasterOfMap(input: ImageInput, name: string, signal?: AbortSignal): Promise<Raster> {
  const bytes = await bytesOf(input, name, signal);
  if (bytes !== undefined) {
    if (isPng(bytes)) return storedValues(bytes, name);
    throw notIds(
      name,
      'a file that is no PNG',
      typeof input === 'string' || input instanceof URL ? String(input) : undefined,
      'save the ids as PNG, from their source: JPEG and WebP have changed them already',
    );
  }
  if (isPicture(input as object))
    throw notIds(
      name,
      'a picture that the browser has decoded, whose values its colour management may have changed',
      undefined,
      'give the PNG file itself: its address, or the Blob or File',
    );
  if (isCanvas(input as object)) return platform.pixelsOf(input as never, name);
  return rasterOf(input as Pixels, name);
}

/** The ids of grey or of three equal channels, alpha or not. */
function oneChannel({ width, channels, data }: Raster, name: string): Int32Array {
  if (channels === 1) return Int32Array.from(data);
  const hasAlpha = channels % 2 === 0;
  const place = (i: number) => `at x ${i % width}, y ${Math.floor(i / width)}`;
  const ids = new Int32Array(data.length / channels);
  for (let i = 0, from = 0; i < ids.length; i++, from += channels) {
    const id = data[from]!;
    if (channels > 2 && (data[from + 1] !== id || data[from + 2] !== id))
      throw notIds(
        name,
        `${channels} channels that differ (${data.slice(from, from + 3).join(', ')} ${place(i)}): colours, not ids`,
        undefined,
        'replace every colour with its id',
      );
    if (hasAlpha && data[from + channels - 1] !== data[channels - 1])
      throw notIds(
        name,
        `an alpha channel that differs from pixel to pixel (${data[from + channels - 1]} ${place(i)})`,
        undefined,
        'give the map without alpha, with 255 where pixels have no class',
      );
    ids[i] = id;
  }
  return ids;
}

function notIds(name: string, found: string, where: string | undefined, remedy: string): UserError {
  return new UserError({
    code: 'NOT_AN_ID_MAP',
    doing: `reading ${name}`,
    ...(where !== undefined && { where }),
    found,
    expected: 'an id a pixel: a PNG, { width, height, data }, or ImageData or a canvas with three equal channels',
    remedy,
  });
}
