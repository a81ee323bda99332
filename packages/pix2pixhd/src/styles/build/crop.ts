/**
 * Small images of single instances, to see what a style looks like. Depends on sharp.
 */
import type { Instance, StyleCrop } from '@pix2pixhd/web/scene';
import sharp from 'sharp';

/** Longer side of a crop at most, in pixels. */
const longest = 64;
/** Margin around an instance, as a part of its longer side. */
const margin = 0.1;
/** How far pixels outside the instance are faded to white. */
const fading = 0.7;

/** An image of the size of its maps. */
export interface CropSource {
  readonly width: number;
  readonly height: number;
  /** (C, H, W), values in [-1, 1]. */
  readonly image: Float32Array;
  readonly channels: number;
  /** Instance ids, (H, W). */
  readonly ids: Int32Array;
}

/** Crops an instance out of its image and fades the pixels that are not part of it. Unless there are three channels, the first is shown. */
export async function cropInstance(source: CropSource, { id, box }: Pick<Instance, 'id' | 'box'>): Promise<StyleCrop> {
  const around = Math.max(1, Math.round(margin * Math.max(box.width, box.height)));
  const left = Math.max(0, box.x - around);
  const top = Math.max(0, box.y - around);
  const width = Math.min(source.width, box.x + box.width + around) - left;
  const height = Math.min(source.height, box.y + box.height + around) - top;
  const cut = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const at = (top + Math.floor(i / width)) * source.width + left + (i % width);
    const faded = source.ids[at] === id ? 0 : fading;
    for (let c = 0; c < 3; c++) {
      const plane = source.channels === 3 ? c : 0;
      const value = (source.image[plane * source.width * source.height + at]! + 1) * 127.5;
      cut[i * 3 + c] = Math.round(value + (255 - value) * faded);
    }
  }
  const { data, info } = await sharp(cut, { raw: { width, height, channels: 3 } })
    .resize({ width: longest, height: longest, fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}
