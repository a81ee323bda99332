/**
 * Label Studio's brush strokes as masks. Depends on `@thi.ng/rle-pack`, by which Label Studio itself packs them: red, green,
 * blue and alpha of every pixel, row by row, in bytes.
 */
import { decodeBinary } from '@thi.ng/rle-pack';
import { reasonOf } from '../../errors.js';
import type { Mask, Size } from './annotations.js';
import { described, type Field } from './field.js';
import { runsOfPixels } from './runs.js';

/** Alpha from which on a pixel counts as painted: the edge of a stroke is smooth. */
const PAINTED = 128;

/** The header: 32 bits for the number of values, 5 for their bits less 1, 16 for sizes of runs. */
const HEADER_BYTES = 7;

/**
 * The mask of a brush's result.
 *
 * @param value with `format` "rle" and `rle`, an array of bytes.
 * @throws UserError where they are anything else, or do not describe an image of that size.
 */
export function brushMask(value: Field, { width, height }: Size): Mask {
  const format = value.get('format');
  if (format.value !== 'rle') throw format.fault(described(format.value), '"rle"');
  const rle = value.get('rle');
  const bytes = Uint8Array.from(rle.array(), (byte, i) => {
    if (Number.isInteger(byte) && (byte as number) >= 0 && (byte as number) <= 255) return byte as number;
    throw rle.at(i).fault(described(byte), 'a byte, 0 to 255');
  });
  if (bytes.length < HEADER_BYTES) throw rle.fault(`${bytes.length} bytes`, 'packed pixels');
  const values = new DataView(bytes.buffer).getUint32(0);
  const bits = (bytes[4]! >> 3) + 1;
  // Seen before unpacking, which allocates what the header claims.
  if (values !== 4 * width * height || bits !== 8)
    throw rle.fault(`${values} values of ${bits} bits`, `4 values of 8 bits for each of ${width}×${height} pixels`);
  const pixels = unpacked(bytes, rle);
  const runs = runsOfPixels(width * height, i => pixels[4 * i + 3]! >= PAINTED);
  return { x: 0, y: 0, width, height, order: 'rows', runs };
}

function unpacked(bytes: Uint8Array, rle: Field): ArrayLike<number> {
  try {
    return decodeBinary(bytes);
  } catch (cause) {
    throw rle.fault(reasonOf(cause), 'packed pixels, to the last', { cause });
  }
}
