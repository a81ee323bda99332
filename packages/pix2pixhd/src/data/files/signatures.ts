/**
 * What a file is by its first bytes, where its name does not say. Depends on the file system alone.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** Enough bytes to recognise every format below. */
const HEAD = 32;

/** Signatures as the formats' specifications give them: at the offset, these Latin-1 characters. */
const SIGNATURES: readonly (readonly [format: string, offset: number, signature: string])[] = [
  ['PNG', 0, '\x89PNG\r\n\x1a\n'],
  ['JPEG', 0, '\xff\xd8\xff'],
  ['WebP', 8, 'WEBP'],
  ['TIFF', 0, 'II*\0'],
  ['TIFF', 0, 'MM\0*'],
  ['TIFF', 0, 'II+\0'],
  ['TIFF', 0, 'MM\0+'],
  ['GIF', 0, 'GIF87a'],
  ['GIF', 0, 'GIF89a'],
  ['HEIC', 4, 'ftyphei'],
  ['HEIC', 4, 'ftyphev'],
  ['HEIC', 4, 'ftypmif1'],
  ['AVIF', 4, 'ftypavi'],
  ['JPEG XL', 0, '\xff\x0a'],
  ['JPEG XL', 0, '\0\0\0\x0cJXL '],
  ['JPEG 2000', 0, '\0\0\0\x0cjP  '],
  ['JPEG 2000', 0, '\xff\x4f\xff\x51'],
  ['OpenEXR', 0, 'v/1\x01'],
  ['Radiance HDR', 0, '#?RADIANCE'],
  ['Photoshop', 0, '8BPS'],
  ['NumPy', 0, '\x93NUMPY'],
];

/** Sizes of the header that follows the 14 bytes with which a BMP begins; texts may begin with "BM" too. */
const BMP_HEADERS = new Set([12, 40, 52, 56, 64, 108, 124]);

/** The format of an image (or of an array in its place) by its first bytes; `undefined` for anything else, or nothing readable. */
export function formatByContent(file: string): string | undefined {
  const head = readHead(file).toString('latin1');
  const found = SIGNATURES.find(([, offset, signature]) => head.startsWith(signature, offset));
  if (found !== undefined) return found[0];
  const bmp =
    head.startsWith('BM') && head.length > 18 && BMP_HEADERS.has(Buffer.from(head, 'latin1').readUInt32LE(14));
  return bmp ? 'BMP' : undefined;
}

function readHead(file: string): Buffer {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const head = Buffer.alloc(HEAD);
      return head.subarray(0, readSync(descriptor, head, 0, HEAD, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Reading the file gives the error.
    return Buffer.alloc(0);
  }
}

function readAll(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}

/**
 * Whether a GIF holds more than one image, by its blocks (GIF89a specification, sections 18 to 27). `false` for a damaged
 * file: reading it gives the error.
 */
export function isAnimatedGif(file: string): boolean {
  const bytes = readAll(file);
  const tableBytes = (flags: number) => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));
  let at = 13 + tableBytes(bytes[10] ?? 0);
  let images = 0;
  while (at < bytes.length) {
    const kind = bytes[at];
    if (kind === 0x2c) {
      if (++images > 1) return true;
      at += 11 + tableBytes(bytes[at + 9] ?? 0);
    } else if (kind === 0x21) at += 2;
    else return false;
    // Sub-blocks: a length each, the last of length 0.
    while ((bytes[at] ?? 0) !== 0) at += bytes[at]! + 1;
    at++;
  }
  return false;
}
