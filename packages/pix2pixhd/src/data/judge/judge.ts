/**
 * What is wrong with a file, or with files that belong together: one judgement for `check`, which reports it, and for
 * loading, which refuses it. Depends on header.ts and raster.ts for types.
 */
import { dirname, extname } from 'node:path';
import { type Advice, type ErrorCode, UserError } from '../../errors.js';
import { shellWord } from '../../shell-word.js';
import type { ImageHeader } from '../files/header.js';
import type { Raster } from '../raster.js';
import type { FindingCode } from './findings.js';

/** A fault: what was found, what was expected, what to do. */
export interface Fault {
  readonly code: FindingCode;
  readonly found: string;
  readonly expected: string;
  readonly remedy: string;
  /** What the remedy says, for commands that have other words for it. */
  readonly advice?: Advice;
}

const errorCodes: Partial<Record<FindingCode, ErrorCode>> = {
  'missing-folder': 'DATASET_NOT_FOUND',
  'no-samples': 'NO_IMAGES',
  orphan: 'PARTNER_MISSING',
  'duplicate-stem': 'DUPLICATE_NAME',
  'broken-link': 'FILE_NOT_FOUND',
  unreadable: 'FILE_UNREADABLE',
  'size-mismatch': 'SIZE_MISMATCH',
  'not-an-id-map': 'NOT_AN_ID_MAP',
  'label-out-of-range': 'LABEL_OUT_OF_RANGE',
  'image-channels': 'WRONG_CHANNELS',
};

/** The code of the error for a finding that is refused instead of reported. */
export function errorCodeOf(finding: FindingCode): ErrorCode {
  return errorCodes[finding] ?? 'IMAGE_UNSUITABLE';
}

/** A {@link Fault} of a file, thrown. */
export class FaultyFile extends UserError {
  readonly finding: FindingCode;

  constructor(doing: string, where: string, { code, ...parts }: Fault) {
    super({ code: errorCodeOf(code), doing, where, ...parts });
    this.finding = code;
  }
}

const MAP_EXPECTED =
  'a PNG or TIFF whose pixel values are the ids: one channel of up to 16 bits, a palette, or three equal channels';

/** Why a file cannot be a map of ids, from its header alone; `undefined` where its values have the last word. */
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
    return fault(`a ${format.toUpperCase()} file, a format that changes pixel values or stores colours`, again);
  if (stored.lossy !== undefined)
    return fault(`a TIFF compressed as ${stored.lossy}, which changes pixel values`, again);
  if (stored.samples > MOST_SAMPLES || otherColours.has(header.space))
    return colours(
      `${stored.samples} channels${otherColours.has(header.space) ? ` of ${header.space.toUpperCase()}` : ''}`,
    );
  if (!header.palette && !['uchar', 'char', 'ushort', 'short', 'int', 'uint'].includes(storage))
    return fault(`pixels stored as ${names.get(storage) ?? storage}`, 'save the ids as a 16-bit grey PNG');
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
    remedy: 'replace every colour by its id and save one grey channel (in Cityscapes: use *_labelIds, *_instanceIds)',
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

/** Why a file cannot be an image, from its header alone. */
export function imageFault({ space, storage }: ImageHeader): Fault | undefined {
  if (space === 'cmyk')
    return {
      code: 'image-cmyk',
      found: 'a CMYK image, made for print',
      expected: 'grey or RGB',
      remedy: 'convert it to RGB with an image editor',
    };
  if (['uchar', 'ushort', 'float'].includes(storage)) return undefined;
  return {
    code: 'image-values',
    found: `pixels stored as ${names.get(storage) ?? storage}`,
    expected: '8-bit, 16-bit or 32-bit floating-point pixels',
    remedy: `these have no white to be measured against: bring the values to 0…65535 and save them as 16-bit integers, ${SAME_SCALE}`,
  };
}

/** The option that says how many channels a network takes or makes. */
export type ChannelOption = '--input-nc' | '--output-nc';

/**
 * Why an image does not serve a network of `wanted` channels. Grey serves any, alpha may be left out; colour is never
 * turned to grey by itself.
 */
export function channelFault(
  { channels, alpha }: { readonly channels: number; readonly alpha: boolean },
  wanted: number,
  option: ChannelOption,
): Fault | undefined {
  const without = alpha ? channels - 1 : channels;
  if (channels === wanted || without === wanted || without === 1) return undefined;
  return {
    code: 'image-channels',
    found: `${channels} channels${alpha ? ', the last of them alpha' : ''}`,
    expected: `${wanted}${wanted === 1 ? '' : ', or one (grey)'}`,
    advice: { kind: 'channels', option, found: without, wanted },
    remedy: `give ${option} ${without}${alpha ? `, or ${channels} with alpha` : ''}, or convert the images`,
  };
}

const SAME_SCALE = 'with one scale for all files, as docs/thermal.md shows';

const names: ReadonlyMap<string, string> = new Map([
  ['char', 'signed 8-bit integers'],
  ['short', 'signed 16-bit integers'],
  ['int', 'signed 32-bit integers'],
  ['uint', '32-bit integers'],
  ['float', 'floating point'],
  ['double', '64-bit floating point'],
]);

/** Room for what float32 arithmetic adds to a white of 1 or takes from a black of 0. */
const ROUNDING = 1e-6;

/** Floating-point values that are no number or lie outside [0, 1]. Images of 8 and 16 bits are not looked at. */
export function valueFault({ data, width, channels }: Raster): Fault | undefined {
  if (!(data instanceof Float32Array)) return undefined;
  const place = (index: number) => {
    const pixel = Math.floor(index / channels);
    const band = channels > 1 ? `, channel ${(index % channels) + 1}` : '';
    return `at x ${pixel % width}, y ${Math.floor(pixel / width)}${band}`;
  };
  let outside = -1;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value >= -ROUNDING && value <= 1 + ROUNDING) continue;
    if (!Number.isFinite(value))
      return {
        code: 'image-values',
        found: `${Number.isNaN(value) ? 'a value that is no number (NaN)' : 'an infinite value'}, first ${place(i)}`,
        expected: 'finite values in [0, 1]',
        remedy: 'replace such values, by 0 for instance, before the file is saved',
      };
    if (outside < 0) outside = i;
  }
  if (outside < 0) return undefined;
  const digits = (value: number) => Number(value.toPrecision(6));
  const low = data.reduce((a, b) => Math.min(a, b));
  const high = data.reduce((a, b) => Math.max(a, b));
  return {
    code: 'image-values',
    found: `floating-point values from ${digits(low)} to ${digits(high)}, the first one outside ${place(outside)}`,
    expected: 'values in [0, 1], from black to white',
    remedy: `bring the values to [0, 1], ${SAME_SCALE}`,
  };
}

/** A file of a sample, by its header. */
export interface Member {
  readonly file: string;
  /** A label map or instance map, whose values must not change. */
  readonly isMap: boolean;
  readonly header: ImageHeader;
}

/** What is wrong between two files. */
export interface Disagreement {
  readonly file: string;
  /** The first file of the sample, which sets the measure. */
  readonly other: string;
  readonly fault: Fault;
}

/** Where the files of a sample do not lie over each other: another orientation, or else another size, than the first's. */
export function disagreements(members: readonly Member[]): readonly Disagreement[] {
  const first = members[0];
  if (first === undefined) return [];
  return members.slice(1).flatMap(member => {
    const { file, header } = member;
    const fault = orientationFault(member, first) ?? sizeFault(header, first);
    return fault === undefined ? [] : [{ file, other: first.file, fault }];
  });
}

function orientationFault(member: Member, first: Member): Fault | undefined {
  const { orientation } = member.header;
  const other = first.header.orientation;
  if (orientation === other || (upright(orientation) && upright(other))) return undefined;
  return {
    code: 'exif-orientation',
    found: `${noted(orientation)}, where ${first.file} has ${upright(other) ? 'none' : `"${turns[other]}"`}`,
    expected: 'the same in all files of a sample, since their pixels must lie over each other',
    remedy: turnRemedy(upright(orientation) ? first : member),
  };
}

/** The one command, by how the files fit. Image editors may renumber a map, so of a map only the note is removed. */
function turnRemedy({ file, isMap }: Member): string {
  // The folder as a word, the pattern for the shell: exiftool knows none.
  const alike = `${shellWord(dirname(file))}/*${extname(file)}`;
  const remove = `exiftool -Orientation= ${alike}`;
  return isMap
    ? `if they fit as stored: ${remove}; if only as viewers show them: export the maps again, without a note`
    : `if they fit as viewers show them: mogrify -auto-orient ${alike} (ImageMagick); if they fit as stored: ${remove}`;
}

function upright(orientation: number): boolean {
  return orientation < 2 || orientation > 8;
}

function noted(orientation: number): string {
  return upright(orientation)
    ? 'no noted rotation'
    : `a noted rotation, "${turns[orientation]}" (orientation ${orientation})`;
}

const turns: Readonly<Record<number, string>> = {
  2: 'mirrored',
  3: 'turned by 180°',
  4: 'upside down',
  5: 'mirrored and turned left',
  6: 'turned right',
  7: 'mirrored and turned right',
  8: 'turned left',
};

function sizeFault({ width, height }: ImageHeader, { file, header }: Member): Fault | undefined {
  if (width === header.width && height === header.height) return undefined;
  return {
    code: 'size-mismatch',
    found: `${width}×${height} pixels`,
    expected: `${header.width}×${header.height}, the size of ${file}`,
    remedy: 'bring the images of a sample to one size, or remove the sample',
  };
}
