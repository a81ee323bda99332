/**
 * What a network computes, in the depth and unit of the images that it was trained on. Depends on torch, the configuration and
 * raster.ts.
 */
import { ops, type Tensor } from '@pix2pixhd/torch';
import type { TrainConfig } from '../config/schema.js';
import { parseRange } from '../data/values/range.js';
import type { ImageArray, SynthesizedImage } from '../raster.js';

/** Black and white in the unit of the results, and how they are stored. */
export interface OutputScale {
  readonly depth: '8' | '16' | 'float';
  readonly black: number;
  readonly white: number;
}

const full = { '8': 255, '16': 65535, float: 1 } as const;

/** The scale of a network's results. */
export function outputScale({
  outputRange,
  outputDepth,
}: Pick<TrainConfig, 'outputRange' | 'outputDepth'>): OutputScale {
  // Networks that were never trained here have 8 bits.
  const depth = outputDepth === 'auto' ? '8' : outputDepth;
  const range = parseRange(outputRange);
  if (typeof range === 'string') return { depth, black: 0, white: full[depth] };
  return { depth, black: range.low, white: range.high };
}

/**
 * Images of a batch, (N, C, H, W) in [-1, 1]; whole numbers are rounded: what went in with 8 bits comes out the same, and with
 * 16 bits as far as float32 carries it.
 */
export function toImages(batch: Tensor, { depth, black, white }: OutputScale): SynthesizedImage[] {
  const [count, channels, height, width] = batch.shape as [number, number, number, number];
  const size = channels * height * width;
  const unit = ops.add(ops.clamp(ops.toDtype(batch, 'float32'), -1, 1), 1);
  const scaled = ops.mul(unit, (white - black) / 2);
  const values = valuesOf(black === 0 ? scaled : ops.add(scaled, black), depth, black >= 0 && white <= full[depth]);
  return Array.from({ length: count }, (_, i) => ({
    width,
    height,
    channels,
    black,
    white,
    data: values.subarray(i * size, (i + 1) * size),
  }));
}

/** (N, C, H, W) to interleaved values; `fits` where none lies beyond what the depth holds. */
function valuesOf(values: Tensor, depth: OutputScale['depth'], fits: boolean): ImageArray {
  const interleaved = (tensor: Tensor) => ops.permute(tensor, [0, 2, 3, 1]);
  if (depth === 'float') return ops.contiguous(interleaved(values)).data() as Float32Array;
  const rounded = ops.round(values);
  const whole = fits ? rounded : ops.clamp(rounded, 0, full[depth]);
  if (depth === '8') return ops.toDtype(interleaved(whole), 'uint8').data() as Uint8Array;
  return Uint16Array.from(ops.toDtype(interleaved(whole), 'int32').data() as Int32Array);
}
