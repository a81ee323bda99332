/**
 * Maps of ids as grey PNG. A canvas cannot make one: it has colours and 8 bits. Depends on the browser's deflate only; format:
 * W3C, Portable Network Graphics.
 */

/**
 * A grey PNG of one value per pixel.
 * @throws RangeError where a value does not fit its bits.
 */
export async function encodeGreyPng(
  width: number,
  height: number,
  values: ArrayLike<number>,
  bits: 8 | 16,
): Promise<Blob> {
  const bytes = bits / 8;
  const rows = new Uint8Array(height * (1 + width * bytes));
  for (let y = 0, at = 0; y < height; y++) {
    at++;
    for (let x = 0; x < width; x++) {
      const value = values[y * width + x]!;
      if (value < 0 || value >= 2 ** bits) throw new RangeError(`${value} does not fit ${bits} bits`);
      if (bits === 16) rows[at++] = value >> 8;
      rows[at++] = value & 255;
    }
  }
  const deflated = new Blob([rows]).stream().pipeThrough(new CompressionStream('deflate'));
  const data = new Uint8Array(await new Response(deflated).arrayBuffer());
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([bits, 0, 0, 0, 0], 8);
  const signature = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return new Blob([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', new Uint8Array())], {
    type: 'image/png',
  });
}

function chunk(type: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(12 + data.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, data.length);
  out.set(new TextEncoder().encode(type), 4);
  out.set(data, 8);
  view.setUint32(8 + data.length, crc32(out.subarray(4, 8 + data.length)));
  return out;
}

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let k = 0; k < 8; k++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = table[(value ^ byte) & 255]! ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}
