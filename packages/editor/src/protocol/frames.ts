/**
 * Messages as they travel: a header in JSON and bytes behind it, in one binary frame: the header's length (uint32, little
 * endian), the header in UTF-8, the bytes.
 */

/** A frame's parts. */
export interface Frame {
  /** Parsed, not validated. */
  readonly header: unknown;
  readonly bytes: Uint8Array;
}

/** A header of more than this is no header of ours: the looks of 4096 objects fit. */
export const longestHeader = 1 << 20;

/** Puts a message together. */
export function encodeFrame(header: object, bytes: Uint8Array = new Uint8Array()): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(header));
  if (text.length > longestHeader) throw new RangeError(`a header of ${text.length} bytes, at most ${longestHeader}`);
  const frame = new Uint8Array(4 + text.length + bytes.length);
  new DataView(frame.buffer).setUint32(0, text.length, true);
  frame.set(text, 4);
  frame.set(bytes, 4 + text.length);
  return frame;
}

/** Takes a message apart. @returns null where it is not a frame. */
export function decodeFrame(frame: Uint8Array): Frame | null {
  if (frame.length < 4) return null;
  const length = new DataView(frame.buffer, frame.byteOffset).getUint32(0, true);
  if (length > longestHeader || 4 + length > frame.length) return null;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(frame.subarray(4, 4 + length));
    return { header: JSON.parse(text), bytes: frame.subarray(4 + length) };
  } catch {
    return null;
  }
}
