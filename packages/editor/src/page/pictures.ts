/** Pictures in files as pixels. Depends on the browser's decoders. */

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Red, green and blue of each pixel, row by row. */
export interface Picture extends Size {
  readonly pixels: Uint8Array;
}

/** A picture at its own size, or so much smaller that no side is longer than told. */
export function readWithin(file: Blob, longest: number): Promise<Picture> {
  return read(file, ({ width, height }) => {
    const scale = Math.min(1, longest / Math.max(width, height));
    return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  });
}

/** A picture that covers a size, cut about its middle. */
export function readCovering(file: Blob, size: Size): Promise<Picture> {
  return read(file, () => size);
}

/** @throws DOMException where the browser cannot read the file as a picture. */
async function read(file: Blob, sizeOf: (picture: Size) => Size): Promise<Picture> {
  const bitmap = await createImageBitmap(file);
  const { width, height } = sizeOf(bitmap);
  const context = new OffscreenCanvas(width, height).getContext('2d')!;
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  const scale = Math.max(width / bitmap.width, height / bitmap.height);
  const [w, h] = [bitmap.width * scale, bitmap.height * scale];
  context.drawImage(bitmap, (width - w) / 2, (height - h) / 2, w, h);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const pixels = new Uint8Array(3 * width * height);
  for (let from = 0, to = 0; from < data.length; from += 4) for (let c = 0; c < 3; c++) pixels[to++] = data[from + c]!;
  return { width, height, pixels };
}
