/**
 * One emoji in its two drawings: decides whether they make a pair, and renders them on white. Depends on sharp.
 */

import sharp, { type Sharp } from 'sharp';

/** Both drawings are compared at this size, so that the choice of pairs does not depend on the size asked for. */
const COMPARED = 256;

/** At least this much of the two outlines must agree (intersection over union), or input and output are misaligned. */
const MIN_OVERLAP = 0.85;

/** The flat drawings are this many units wide. */
const SVG_UNITS = 32;

/** Why an emoji is not a pair. */
export type Unfit = 'gradients' | 'misaligned';

/** The two drawings of one emoji: RGBA, 256×256, 8 bits. */
export interface EmojiPair {
  readonly flat: Buffer;
  readonly shaded: Buffer;
}

/**
 * Draws both at a common size.
 *
 * @param svg the flat drawing.
 * @param webp the shaded drawing, with alpha.
 * @returns the pair, or why there is none: a flat drawing with gradient fills is not flat, and outlines whose
 *   intersection over union is below 0.85 would make the network move things.
 */
export async function drawPair(svg: Buffer, webp: Buffer): Promise<EmojiPair | Unfit> {
  if (/<(linear|radial)Gradient\b/.test(svg.toString('utf8'))) return 'gradients';
  const [flat, shaded] = await Promise.all([
    rgba(sharp(svg, { density: svgDensity(COMPARED) }), COMPARED),
    rgba(sharp(webp, { failOn: 'error' }), COMPARED),
  ]);
  return overlap(flat, shaded) < MIN_OVERLAP ? 'misaligned' : { flat, shaded };
}

/** The resolution at which a flat drawing becomes `size` pixels wide: sharp renders SVG at 72 units an inch. */
export function svgDensity(size: number): number {
  return (72 * size) / SVG_UNITS;
}

/** (size, size, 4), 8 bits. The few drawings that are not square keep their shape. */
export function rgba(image: Sharp, size: number, kernel: 'lanczos3' | 'nearest' = 'lanczos3'): Promise<Buffer> {
  return image
    .resize(size, size, { fit: 'contain', background: { r: 0, g: 0, b: 0, alpha: 0 }, kernel })
    .ensureAlpha()
    .raw()
    .toBuffer();
}

/** A drawing of a pair as a PNG file: RGB on white, `size` pixels wide and high. */
export async function onWhite(pixels: Buffer, size: number): Promise<Buffer> {
  const flattened = await sharp(pixels, { raw: { width: COMPARED, height: COMPARED, channels: 4 } })
    .flatten({ background: '#fff' })
    .raw()
    .toBuffer();
  // Mitchell's filter does not ring beside the hard edges of flat fills, as the default Lanczos does.
  return sharp(flattened, { raw: { width: COMPARED, height: COMPARED, channels: 3 } })
    .resize(size, size, { kernel: 'mitchell' })
    .png({ compressionLevel: 4 })
    .toBuffer();
}

/** Intersection over union of what is opaque in two RGBA images of one size. */
function overlap(a: Buffer, b: Buffer): number {
  let both = 0;
  let either = 0;
  for (let i = 3; i < a.length; i += 4) {
    const inA = a[i]! > 127;
    const inB = b[i]! > 127;
    if (inA && inB) both++;
    if (inA || inB) either++;
  }
  return either === 0 ? 0 : both / either;
}
