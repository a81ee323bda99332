/**
 * TIFF files of any number of channels, whole numbers or floating point, which the image library cannot write without
 * converting them. Depends on Node's deflate. Source: TIFF Revision 6.0 (Adobe, 1992), sections 2 and 8, and Adobe's deflate.
 */
import { deflateSync } from 'node:zlib';
import type { ImageRaster } from '../raster.js';

const SHORT = 3;
const LONG = 4;
const ASCII = 2;
const BYTES: Readonly<Record<number, number>> = { [ASCII]: 1, [SHORT]: 2, [LONG]: 4 };

const DEFLATE = 8;
const GREY = 1;
const RGB = 2;
const WHOLE = 1;
const FLOAT = 3;
/** Rows of about so many bytes are compressed together. */
const STRIP_BYTES = 1 << 18;

/**
 * A file of one image, little-endian, channels interleaved, compressed by deflate.
 *
 * @param software goes into the tag of that name, at the file's beginning.
 */
export function tiffOf({ width, height, channels, data }: ImageRaster, software: string): Buffer {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const row = data.byteLength / height;
  const rows = Math.min(height, Math.max(1, Math.floor(STRIP_BYTES / row)));
  const strips: Buffer[] = [];
  for (let y = 0; y < height; y += rows)
    strips.push(deflateSync(bytes.subarray(y * row, Math.min(height, y + rows) * row)));
  const colour = channels === 3 || channels === 4;
  const extra = channels - (colour ? 3 : 1);
  const values = (value: number, count = channels) => Array<number>(count).fill(value);
  const text = [...Buffer.from(`${software}\0`, 'latin1')];
  const tags: [tag: number, type: number, values: number[]][] = [
    [256, LONG, [width]],
    [257, LONG, [height]],
    [258, SHORT, values(8 * data.BYTES_PER_ELEMENT)],
    [259, SHORT, [DEFLATE]],
    [262, SHORT, [colour ? RGB : GREY]],
    [273, LONG, values(0, strips.length)],
    [277, SHORT, [channels]],
    [278, LONG, [rows]],
    [279, LONG, strips.map(({ length }) => length)],
    [284, SHORT, [1]],
    [305, ASCII, text],
    ...(extra > 0 ? ([[338, SHORT, values(0, extra)]] as [number, number, number[]][]) : []),
    [339, SHORT, values(data instanceof Float32Array ? FLOAT : WHOLE)],
  ];
  const headBytes = 8 + 2 + 12 * tags.length + 4;
  const outside = tags.reduce((sum, [, type, list]) => sum + roomFor(type, list), 0);
  let at = headBytes + outside;
  tags.find(([tag]) => tag === 273)![2] = strips.map(({ length }) => {
    const begin = at;
    at += length + (length % 2);
    return begin;
  });
  const head = Buffer.alloc(headBytes + outside);
  head.write('II*\0', 'latin1');
  head.writeUInt32LE(8, 4);
  head.writeUInt16LE(tags.length, 8);
  let free = headBytes;
  for (const [i, [tag, type, list]] of tags.entries()) {
    const entry = 10 + 12 * i;
    head.writeUInt16LE(tag, entry);
    head.writeUInt16LE(type, entry + 2);
    head.writeUInt32LE(list.length, entry + 4);
    const room = roomFor(type, list);
    const place = room === 0 ? entry + 8 : free;
    if (room > 0) head.writeUInt32LE(place, entry + 8);
    for (const [k, value] of list.entries()) head.writeUIntLE(value, place + k * BYTES[type]!, BYTES[type]!);
    free += room;
  }
  return Buffer.concat([
    head,
    ...strips.flatMap(strip => (strip.length % 2 === 0 ? [strip] : [strip, Buffer.alloc(1)])),
  ]);
}

/** Bytes of a tag's values beyond its entry, which holds four; of even length. */
function roomFor(type: number, values: readonly number[]): number {
  const bytes = values.length * BYTES[type]!;
  return bytes <= 4 ? 0 : bytes + (bytes % 2);
}
