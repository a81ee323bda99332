/** Types of the second file of `crc-32`, whose package types only its first: the same functions with Castagnoli's polynomial. */
declare module 'crc-32/crc32c.js' {
  const crc32c: {
    /** CRC-32C of the bytes, as a signed 32-bit integer. */
    buf(data: Uint8Array): number;
  };
  export default crc32c;
}
