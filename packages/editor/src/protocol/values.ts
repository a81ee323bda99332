/**
 * Pixels of one channel in the unit of the files, as bytes: little-endian 32-bit floating point, row by row. Depends on nothing.
 */

const bytesPerValue = 4;

/** Values as bytes. */
export function encodeValues(values: Float32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * bytesPerValue);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setFloat32(bytesPerValue * i, values[i]!, true);
  return bytes;
}

/**
 * Bytes as values.
 * @param count how many there must be.
 * @returns what is wrong with them as text: too few, too many, or one that is not finite.
 */
export function decodeValues(bytes: Uint8Array, count: number): Float32Array<ArrayBuffer> | string {
  if (bytes.length !== bytesPerValue * count) return `${bytes.length} bytes for ${bytesPerValue * count}`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const value = view.getFloat32(bytesPerValue * i, true);
    if (!Number.isFinite(value)) return `the value ${value}, number ${i}, where values are finite`;
    values[i] = value;
  }
  return values;
}
