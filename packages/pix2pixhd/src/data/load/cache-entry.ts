/**
 * One sample of the cache as bytes: a small header, then the pixels as they are in memory, so that reading decodes
 * nothing. Depends on raster.ts and sample.ts for types.
 *
 * Layout, in the byte order of the machine that wrote it: magic (8 bytes), checksum (int32) of all that follows it, length
 * of the header (uint32), header (JSON, padded with spaces), then each image's values, each beginning at a multiple of 8.
 */
import type { PixelArray, Raster } from '../../raster.js';
import { holdsIds } from '../find/layout.js';
import type { Images } from './sample.js';

// The last digits are the version of the format and of what decoding and resizing give.
const MAGIC = Buffer.from('p2pHDs02', 'latin1');
const ALIGNMENT = 8;
const CHECKED_FROM = 12;
const HEADER_FROM = 16;

const roles = ['label', 'instance', 'features', 'source', 'image'] as const;

type Element = 'uint8' | 'uint16' | 'int32' | 'float32';

/** What the header says of an image. */
interface Part {
  readonly role: (typeof roles)[number];
  readonly width: number;
  readonly height: number;
  readonly element: Element;
  readonly from: number;
  readonly length: number;
  /** Of images and feature maps alone. */
  readonly channels?: number;
  readonly alpha?: boolean;
}

interface Header {
  readonly stamp: string;
  readonly original: Images['original'];
  readonly notices: readonly string[];
  readonly parts: readonly Part[];
}

/** @param stamp says which state of the sample's files the images come from. */
export function encodeEntry(images: Images, stamp: string): Uint8Array {
  const { original, notices } = images;
  const parts: Part[] = [];
  let end = 0;
  for (const role of roles) {
    const stored = images[role];
    if (stored === undefined) continue;
    const { width, height, channels, alpha = false, data }: Raster = stored;
    const image = holdsIds(role) ? {} : { channels, alpha };
    parts.push({ role, width, height, element: elementOf(data), from: end, length: data.length, ...image });
    end = aligned(end + data.byteLength);
  }
  const text = Buffer.from(JSON.stringify({ stamp, original, notices, parts } satisfies Header));
  const begin = aligned(HEADER_FROM + text.length);
  const entry = Buffer.alloc(begin + end, ' ', 'latin1');
  MAGIC.copy(entry);
  new Uint32Array(entry.buffer, entry.byteOffset, HEADER_FROM / 4)[3] = begin - HEADER_FROM;
  text.copy(entry, HEADER_FROM);
  for (const { role, from } of parts) {
    const { data } = images[role]!;
    entry.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), begin + from);
  }
  wordsOf(entry, 0)[2] = checksum(wordsOf(entry, CHECKED_FROM));
  return entry;
}

/**
 * The images of an entry, views of its bytes, which must begin at a multiple of 8 in memory. `undefined` where the entry
 * is damaged, of another version, or of another state of the files than `stamp`.
 */
export function decodeEntry(entry: Uint8Array<ArrayBuffer>, stamp: string): Images | undefined {
  if (entry.length < HEADER_FROM || entry.length % ALIGNMENT !== 0 || MAGIC.compare(entry, 0, MAGIC.length) !== 0)
    return undefined;
  const words = wordsOf(entry, 0);
  if (words[2] !== checksum(wordsOf(entry, CHECKED_FROM))) return undefined;
  const begin = HEADER_FROM + words[3]!;
  const text = Buffer.from(entry.buffer, entry.byteOffset + HEADER_FROM, begin - HEADER_FROM).toString();
  const header = JSON.parse(text) as Header;
  if (header.stamp !== stamp) return undefined;
  const images = header.parts.map(part => [part.role, imageOf(part, entry, begin)] as const);
  return { original: header.original, notices: header.notices, ...Object.fromEntries(images) };
}

function imageOf(
  { width, height, element, from, length, channels = 1, alpha }: Part,
  entry: Uint8Array<ArrayBuffer>,
  begin: number,
): Raster {
  return {
    width,
    height,
    channels,
    ...(alpha !== undefined && { alpha }),
    data: view(element, entry, begin + from, length),
  };
}

function view(element: Element, { buffer, byteOffset }: Uint8Array<ArrayBuffer>, from: number, length: number) {
  const kinds = { uint8: Uint8Array, uint16: Uint16Array, int32: Int32Array, float32: Float32Array };
  return new kinds[element](buffer, byteOffset + from, length);
}

function elementOf(data: PixelArray): Element {
  if (data instanceof Uint8Array) return 'uint8';
  if (data instanceof Uint16Array) return 'uint16';
  return data instanceof Int32Array ? 'int32' : 'float32';
}

function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

function wordsOf(entry: Uint8Array, from: number): Int32Array {
  return new Int32Array(entry.buffer, entry.byteOffset + from, (entry.length - from) / 4);
}

/** Two running sums as in Fletcher's checksum: changed, lost and exchanged words are all seen. A millisecond for 4 MB. */
function checksum(words: Int32Array): number {
  let sum = 1;
  let sums = words.length;
  for (let i = 0; i < words.length; i++) {
    sum = (sum + words[i]!) | 0;
    sums = (sums + sum) | 0;
  }
  return sum ^ Math.imul(sums, 0x9e3779b1);
}
