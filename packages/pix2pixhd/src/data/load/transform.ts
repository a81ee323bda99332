/**
 * What happens to a sample between the file and the network: resize, crop, zoom, shift, flip. The plan is made once per sample, and
 * sample.ts applies it to the label map, the instance map and the images alike. Depends on random.ts and
 * raster.ts.
 */
import { UserError } from '../../errors.js';
import type { Box } from '../../raster.js';
import type { Random } from '../random.js';

/** NVIDIA's `--resize-or-crop` modes. */
export type ResizeMode = 'scale_width' | 'scale_width_and_crop' | 'resize_and_crop' | 'crop' | 'none';

/** How samples are brought to the network's size. */
export interface TransformOptions {
  readonly mode: ResizeMode;
  /** Width (and in `resize_and_crop` height) to resize to, in pixels. */
  readonly loadSize: number;
  /** Side of the square crop, in pixels. */
  readonly fineSize: number;
  /** Both sides of the result are a multiple of this, as the network's downsampling demands; 1 for any size. */
  readonly multiple: number;
  /** Neither side of the result is smaller than this, a multiple of `multiple`; default one multiple. */
  readonly least?: number;
  /** Mirror half of the samples left to right. */
  readonly flip: boolean;
  /** In modes that do not crop: resize to 1 + this times the size, then cut the size out at random; default 0. */
  readonly jitter?: number;
  /** Make samples larger or smaller by a factor between 1 / this and this, its logarithm uniform; default 1, as they are. */
  readonly zoom?: number;
  /** Move samples by up to this share of the frame's width and height, uniformly, both ways; default 0. */
  readonly shift?: number;
}

/** What to do with each image of one sample. */
export interface TransformPlan {
  /** First resize to this… */
  readonly resize: { readonly width: number; readonly height: number };
  /** …then cut out this box, which is the whole image in modes that do not crop… */
  readonly crop: Box;
  /**
   * …or, with zoom or shift, resample this box of the resized image to the crop's size. It is real-valued, and may reach
   * beyond the image, whose edge pixels are repeated there…
   */
  readonly view?: Box;
  /** …then mirror. */
  readonly flip: boolean;
  /** Set when a size was changed to satisfy `multiple`: a sentence for the user. */
  readonly notice?: string;
}

/**
 * The same scale without anything that is drawn: neither crop nor flip, zoom nor shift. What training sees in pieces is seen whole.
 */
export function wholeImage(options: TransformOptions): TransformOptions {
  const { mode, loadSize, multiple } = options;
  const whole = { ...options, flip: false, jitter: 0, zoom: 1, shift: 0 };
  switch (mode) {
    case 'scale_width_and_crop':
      return { ...whole, mode: 'scale_width' };
    case 'crop':
      return { ...whole, mode: 'none' };
    case 'resize_and_crop':
      // All of the square but the rest that is no multiple.
      return { ...whole, fineSize: Math.max(1, Math.floor(loadSize / multiple)) * multiple };
    default:
      return whole;
  }
}

/**
 * Plan the transform of a sample of the given size. The sizes are NVIDIA's; where one is not a multiple of
 * `options.multiple` it is rounded to the nearest (halves to even, at least `options.least`) and the plan says so.
 * Exactly three numbers are drawn whatever the mode, so equal seeds give equal flips in all of them; three more after them
 * with zoom or shift, so that these change neither crops nor flips.
 *
 * Throws a {@link UserError} naming `where` when the crop is larger than the image.
 */
export function planTransform(
  size: { readonly width: number; readonly height: number },
  options: TransformOptions,
  random: Pick<Random, 'uniform'>,
  where?: string,
): TransformPlan {
  const { zoom = 1, shift = 0 } = options;
  const plan = planCrop(size, options, [random.uniform(), random.uniform(), random.uniform()], where);
  return zoom === 1 && shift === 0 ? plan : { ...plan, view: drawView(plan.crop, zoom, shift, random) };
}

/** What of an image the frame shows once it was made larger or smaller around the crop's centre, and moved. */
function drawView(crop: Box, zoom: number, shift: number, random: Pick<Random, 'uniform'>): Box {
  const bothWays = () => 2 * random.uniform() - 1;
  const factor = zoom ** bothWays();
  const [width, height] = [crop.width / factor, crop.height / factor];
  return {
    x: crop.x + (crop.width - width) / 2 + shift * bothWays() * width,
    y: crop.y + (crop.height - height) / 2 + shift * bothWays() * height,
    width,
    height,
  };
}

function planCrop(
  size: { readonly width: number; readonly height: number },
  options: TransformOptions,
  draws: readonly [number, number, number],
  where?: string,
): TransformPlan {
  const { mode, loadSize, fineSize, multiple, least = multiple, jitter = 0 } = options;
  const flip = options.flip && draws[2] > 0.5;
  const scaled = scaledSize(size, mode, loadSize);

  if (mode === 'scale_width' || mode === 'none') {
    const width = Math.max(least, nearestMultiple(scaled.width, multiple));
    const height = Math.max(least, nearestMultiple(scaled.height, multiple));
    const resize = { width: Math.round(width * (1 + jitter)), height: Math.round(height * (1 + jitter)) };
    const [x, y] = [
      Math.floor(draws[0] * (resize.width - width + 1)),
      Math.floor(draws[1] * (resize.height - height + 1)),
    ];
    const plan = { resize, crop: { x, y, width, height }, flip };
    if (width === scaled.width && height === scaled.height) return plan;
    return { ...plan, notice: sizeNotice(`${scaled.width}×${scaled.height}`, `${width}×${height}`, multiple, least) };
  }

  const side = Math.max(least, nearestMultiple(fineSize, multiple));
  if (side > scaled.width || side > scaled.height) {
    throw new UserError({
      code: 'IMAGE_UNSUITABLE',
      doing: `cropping (--resize-or-crop ${mode})`,
      ...(where === undefined ? {} : { where }),
      found: `an image of ${scaled.width}×${scaled.height} pixels before cropping`,
      expected: `at least ${side}×${side}, the crop`,
      remedy: `lower --fine-size${mode === 'crop' ? '' : ', raise --load-size,'} or use --resize-or-crop scale_width`,
    });
  }
  const crop = {
    x: Math.floor(draws[0] * (scaled.width - side + 1)),
    y: Math.floor(draws[1] * (scaled.height - side + 1)),
    width: side,
    height: side,
  };
  const plan = { resize: scaled, crop, flip };
  return side === fineSize ? plan : { ...plan, notice: sizeNotice(`crop ${fineSize}`, `${side}`, multiple, least) };
}

/** The multiple of `base` nearest to `length`, halves to even as Python's `round`, at least `base`. */
export function nearestMultiple(length: number, base: number): number {
  const quotient = length / base;
  const below = Math.floor(quotient);
  const rest = quotient - below;
  const rounded = rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
  return Math.max(1, rounded) * base;
}

function scaledSize(
  { width, height }: { readonly width: number; readonly height: number },
  mode: ResizeMode,
  loadSize: number,
): { width: number; height: number } {
  if (mode === 'resize_and_crop') return { width: loadSize, height: loadSize };
  if (mode === 'crop' || mode === 'none') return { width, height };
  return { width: loadSize, height: Math.max(1, Math.floor((loadSize * height) / width)) };
}

function sizeNotice(from: string, to: string, multiple: number, least: number): string {
  const atLeast = least > multiple ? ` and at least ${least}` : '';
  return `size ${from} is used as ${to}: this network needs sides that are a multiple of ${multiple}${atLeast}`;
}
