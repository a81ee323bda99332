/**
 * Still WebP images as one animated file. Only the container is made; the images stay as they are encoded. Depends on nothing.
 * Format: RFC 9649, WebP Image Format, section 2.7.
 */

/** A picture of an animation. */
export interface WebpFrame {
  /** A still WebP file of the animation's size. */
  readonly bytes: Uint8Array;
  /** Milliseconds that it is shown for. */
  readonly duration: number;
}

/**
 * An animation that begins anew at its end, for ever.
 * @throws RangeError where there is no frame, or a frame is no WebP.
 */
export function animatedWebp(width: number, height: number, frames: readonly WebpFrame[]): Uint8Array<ArrayBuffer> {
  if (frames.length === 0) throw new RangeError('an animation of no frames');
  const images = frames.map(({ bytes }) => imageChunks(bytes));
  const alpha = images.some(chunks => chunks.some(hasAlpha));
  const size = [...uint24(width - 1), ...uint24(height - 1)];
  return chunk('RIFF', [
    ascii('WEBP'),
    chunk('VP8X', [Uint8Array.of(animation | (alpha ? alphaFlag : 0), 0, 0, 0, ...size)]),
    // A background of nothing, and no number of rounds.
    chunk('ANIM', [Uint8Array.of(0, 0, 0, 0, 0, 0)]),
    ...images.map((chunks, i) =>
      chunk('ANMF', [
        Uint8Array.of(...uint24(0), ...uint24(0), ...size, ...uint24(Math.round(frames[i]!.duration)), replaces),
        ...chunks,
      ]),
    ),
  ]);
}

const animation = 0x02;
const alphaFlag = 0x10;
/** A frame takes the place of the one before, and is not laid over it. */
const replaces = 0x02;

/** The chunks of a still image that hold its pixels, with their headers. */
function imageChunks(file: Uint8Array): Uint8Array[] {
  const name = (at: number) => String.fromCharCode(...file.subarray(at, at + 4));
  if (file.length < 12 || name(0) !== 'RIFF' || name(8) !== 'WEBP') throw new RangeError('a frame that is no WebP');
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const found: Uint8Array[] = [];
  for (let at = 12; at + 8 <= file.length; ) {
    const end = at + 8 + padded(view.getUint32(at + 4, true));
    if (['ALPH', 'VP8 ', 'VP8L'].includes(name(at))) found.push(file.subarray(at, end));
    at = end;
  }
  if (found.length === 0) throw new RangeError('a frame without an image');
  return found;
}

function hasAlpha(image: Uint8Array): boolean {
  const name = String.fromCharCode(...image.subarray(0, 4));
  // Of a lossless image the bit after its signature and its two sides of 14 bits says so.
  return name === 'ALPH' || (name === 'VP8L' && (image[12]! & 0x10) !== 0);
}

function chunk(name: string, parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const out = new Uint8Array(8 + padded(length));
  out.set(ascii(name));
  new DataView(out.buffer).setUint32(4, length, true);
  let at = 8;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Chunks begin at even places. */
function padded(length: number): number {
  return length + (length & 1);
}

function uint24(value: number): [number, number, number] {
  return [value & 255, (value >> 8) & 255, (value >> 16) & 255];
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, character => character.charCodeAt(0));
}
