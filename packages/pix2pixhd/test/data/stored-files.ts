/** PNG and TIFF files with exactly the samples and tags that a test asks for, which no library writes all of. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { deflateSync } from 'node:zlib';
import crc32 from 'crc-32';

/** What {@link writeStoredPng} writes. */
export interface StoredPng {
  readonly width: number;
  readonly bits: 1 | 2 | 4 | 8 | 16;
  /** IHDR's: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  readonly colourType: 0 | 2 | 3 | 4 | 6;
  readonly interlaced?: boolean;
  /** Chunks between IHDR and IDAT: a palette is written by itself, unless it is the first of them. */
  readonly chunks?: readonly (readonly [type: string, data: Buffer])[];
}

const channelsOf = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const;

/** The seven passes of Adam7: first column and row, then the steps. A single pass is [0, 0, 1, 1]. */
const ADAM7 = [
  [0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2],
] as const; // biome-ignore format: a table

/** Write interleaved samples as they are. */
export function writeStoredPng(path: string, png: StoredPng, samples: ArrayLike<number>): void {
  const { width, bits, colourType, interlaced = false, chunks = [] } = png;
  const channels = channelsOf[colourType];
  const height = samples.length / (width * channels);
  const rows: Buffer[] = [];
  for (const [x0, y0, dx, dy] of interlaced ? ADAM7 : ([[0, 0, 1, 1]] as const)) {
    if (x0 >= width) continue;
    for (let y = y0; y < height; y += dy) {
      const row: number[] = [];
      for (let x = x0; x < width; x += dx)
        for (let c = 0; c < channels; c++) row.push(samples[(y * width + x) * channels + c]!);
      rows.push(Buffer.of(0), packed(row, bits, false));
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bits, colourType, 0, 0, interlaced ? 1 : 0], 8);
  // All colours alike: who looks at them instead of the indices sees one id.
  const palette =
    colourType === 3 && chunks[0]?.[0] !== 'PLTE' ? [chunk('PLTE', Buffer.alloc(3 * 2 ** Math.min(bits, 8), 9))] : [];
  write(path, [
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    ...palette,
    ...chunks.map(([type, data]) => chunk(type, data)),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** What {@link writeTiff} writes. */
export interface StoredTiff {
  readonly width: number;
  readonly bits: 1 | 2 | 4 | 8 | 16 | 32 | 64;
  readonly channels?: number;
  /** 0 grey with a white of 0, 1 grey, 2 RGB, 3 palette. */
  readonly photometric?: 0 | 1 | 2 | 3;
  /** 0 unspecified, 1 premultiplied alpha, 2 alpha: one for each channel beyond grey or RGB. */
  readonly extraSamples?: readonly number[];
  readonly format?: 'unsigned' | 'signed' | 'float';
  readonly orientation?: number;
  readonly bigEndian?: boolean;
  readonly deflated?: boolean;
  /** The number of another compression, which the pixels do not have. */
  readonly claims?: number;
  /** One plane after the other. */
  readonly planar?: boolean;
}

const SHORT = 3;
const LONG = 4;

/** Write interleaved samples as they are. */
export function writeTiff(path: string, tiff: StoredTiff, samples: ArrayLike<number>): void {
  const { width, bits, channels = 1, photometric = 1, extraSamples = [], format = 'unsigned' } = tiff;
  const { orientation = 1, bigEndian = false, deflated = false, planar = false } = tiff;
  const height = samples.length / (width * channels);
  const planes = Array.from({ length: planar ? channels : 1 }, (_, plane) => {
    const rows = Array.from({ length: height }, (_, y) => {
      const row = Array.from({ length: width * channels }, (_, i) => samples[y * width * channels + i]!);
      return packed(planar ? row.filter((_, i) => i % channels === plane) : row, bits, !bigEndian, format);
    });
    return deflated ? deflateSync(Buffer.concat(rows)) : Buffer.concat(rows);
  });
  const colours = photometric === 3 ? 3 * 2 ** bits : 0;
  const tags: [tag: number, type: number, values: readonly number[]][] = [
    [256, LONG, [width]],
    [257, LONG, [height]],
    [258, SHORT, Array(channels).fill(bits)],
    [259, SHORT, [tiff.claims ?? (deflated ? 8 : 1)]],
    [262, SHORT, [photometric]],
    [273, LONG, planes.map(() => 0)],
    [274, SHORT, [orientation]],
    [277, SHORT, [channels]],
    [278, LONG, [height]],
    [279, LONG, planes.map(plane => plane.length)],
    [284, SHORT, [planar ? 2 : 1]],
    ...(colours > 0 ? [[320, SHORT, Array(colours).fill(2313)] as [number, number, number[]]] : []),
    ...(extraSamples.length > 0 ? [[338, SHORT, extraSamples] as [number, number, readonly number[]]] : []),
    [339, SHORT, Array(channels).fill({ unsigned: 1, signed: 2, float: 3 }[format])],
  ];
  const bytesOf = (type: number, values: readonly number[]) => packed(values, type === SHORT ? 16 : 32, !bigEndian);
  // Pixels come first, then the directory, then what does not fit into it.
  let at = 8;
  const offsets = planes.map(plane => (at += plane.length) - plane.length);
  tags.find(([tag]) => tag === 273)![2] = offsets;
  const padding = at % 2;
  const directory = at + padding;
  let spill = directory + 2 + 12 * tags.length + 4;
  const spilled: Buffer[] = [];
  const entries = tags.map(([tag, type, values]) => {
    const bytes = bytesOf(type, values);
    let field: Buffer = Buffer.concat([bytes, Buffer.alloc(4)]).subarray(0, 4);
    if (bytes.length > 4) {
      field = bytesOf(LONG, [spill]);
      spilled.push(bytes);
      spill += bytes.length;
    }
    return Buffer.concat([bytesOf(SHORT, [tag, type]), bytesOf(LONG, [values.length]), field]);
  });
  write(path, [
    Buffer.from(bigEndian ? 'MM' : 'II', 'latin1'),
    bytesOf(SHORT, [42]),
    bytesOf(LONG, [directory]),
    ...planes,
    Buffer.alloc(padding),
    bytesOf(SHORT, [tags.length]),
    ...entries,
    bytesOf(LONG, [0]),
    ...spilled,
  ]);
}

/** A row: below 8 bits the first sample in the highest ones, each beginning at a new byte. */
function packed(row: readonly number[], bits: number, little: boolean, format = 'unsigned'): Buffer {
  if (bits < 8) {
    const bytes = Buffer.alloc(Math.ceil((row.length * bits) / 8));
    for (const [i, value] of row.entries()) bytes[(i * bits) >> 3]! |= value << (8 - bits - ((i * bits) & 7));
    return bytes;
  }
  const bytes = Buffer.alloc((row.length * bits) / 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const [i, value] of row.entries()) {
    if (bits === 8) view.setUint8(i, value);
    else if (bits === 16) view.setUint16(2 * i, value, little);
    else if (format === 'float' && bits === 64) view.setFloat64(8 * i, value, little);
    else if (format === 'float') view.setFloat32(4 * i, value, little);
    else view.setInt32(4 * i, value, little);
  }
  return bytes;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeInt32BE(crc32.buf(body));
  return Buffer.concat([length, body, checksum]);
}

function write(path: string, parts: readonly Buffer[]): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.concat(parts));
}
