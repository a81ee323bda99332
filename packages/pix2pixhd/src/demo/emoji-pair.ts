/**
 * One emoji in its two drawings: decides whether they make a pair, and renders both on white. Depends on sharp.
 */

import sharp, { type Sharp } from 'sharp';

/** Both drawings are compared at this size, whatever size is asked for: the choice of pairs must not depend on it. */
const COMPARED = 256;

/** At least this much of the two outlines must agree (intersection over union), or input and output are misaligned. */
const MIN_OVERLAP = 0.85;

/** The flat drawings are 32 units wide; sharp renders SVG at 72 units an inch. */
const SVG_DENSITY = (72 * COMPARED) / 32;

/** Why an emoji makes no pair. */
export type Unfit = 'gradients' | 'misaligned';

/** Two PNG files of one size, RGB, on white. */
export interface EmojiPair {
  readonly flat: Buffer;
  readonly shaded: Buffer;
}

/**
 * Renders the pair of one emoji.
 *
 * @param svg the flat drawing.
 * @param webp the shaded drawing, with alpha.
 * @param size width and height of the result in pixels.
 * @returns the pair, or why there is none: a flat drawing with gradient fills is not flat, and outlines whose
 *   intersection over union is below 0.85 would ask the network to move things.
 */
export async function renderPair(svg: Buffer, webp: Buffer, size: number): Promise<EmojiPair | Unfit> {
  if (/<(linear|radial)Gradient\b/.test(svg.toString('utf8'))) return 'gradients';
  const [flat, shaded] = await Promise.all([
    rgba(sharp(svg, { density: SVG_DENSITY })),
    rgba(sharp(webp, { failOn: 'error' })),
  ]);
  if (overlap(flat, shaded) < MIN_OVERLAP) return 'misaligned';
  const [flatPng, shadedPng] = await Promise.all([onWhite(flat, size), onWhite(shaded, size)]);
  return { flat: flatPng, shaded: shadedPng };
}

/** (256, 256, 4), 8 bits. The few drawings that are not square keep their shape. */
function rgba(image: Sharp): Promise<Buffer> {
  return image
    .resize(COMPARED, COMPARED, { fit: 'contain', background: { r: 0, g: 0, b: 0, alpha: 0 } })
    .ensureAlpha()
    .raw()
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

async function onWhite(pixels: Buffer, size: number): Promise<Buffer> {
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
