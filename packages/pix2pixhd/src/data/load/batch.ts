/** Samples to a batch. Depends on sample.ts. */
import { UserError } from '../../errors.js';
import type { SampleArrays } from './sample.js';

/** A batch of N samples of one size, in typed arrays; `undefined` where the data set has no such images. */
export interface Batch {
  readonly stems: readonly string[];
  readonly width: number;
  readonly height: number;
  /** Class ids, (N, H, W). */
  readonly label?: Int32Array;
  /** Instance ids, (N, H, W). */
  readonly instance?: Int32Array;
  /** Precomputed style features, (N, C, H, W). */
  readonly features?: Float32Array;
  /** Source images, (N, sourceChannels, H, W), values in [-1, 1]. */
  readonly source?: Float32Array;
  /** Target images, (N, imageChannels, H, W), values in [-1, 1]. Only where every sample has one. */
  readonly image?: Float32Array;
  readonly sourceChannels: number;
  readonly imageChannels: number;
}

/**
 * Stack samples. Throws a {@link UserError} when their sizes differ, naming two of them. A batch of one shares its
 * sample's arrays.
 */
export function makeBatch(
  stems: readonly string[],
  samples: readonly SampleArrays[],
  channels: { readonly sourceChannels: number; readonly imageChannels: number },
): Batch {
  const first = samples[0];
  if (first === undefined || stems.length !== samples.length) throw new Error('a batch needs as many stems as samples');
  const { width, height } = first;
  const odd = samples.findIndex(s => s.width !== width || s.height !== height);
  if (odd > 0) {
    throw new UserError({
      code: 'SIZE_MISMATCH',
      doing: 'stacking a batch',
      where: `${stems[0]}, ${stems[odd]}`,
      found: `images of ${width}×${height} and ${samples[odd]!.width}×${samples[odd]!.height}`,
      expected: 'one size per batch',
      remedy: 'give --batch-size 1, or --resize-or-crop resize_and_crop or scale_width_and_crop',
    });
  }
  const label = stackInts(samples.map(s => s.label));
  const instance = stackInts(samples.map(s => s.instance));
  const features = stackFloats(samples.map(s => s.features));
  const source = stackFloats(samples.map(s => s.source));
  const image = stackFloats(samples.map(s => s.image));
  return {
    stems,
    width,
    height,
    ...(label && { label }),
    ...(instance && { instance }),
    ...(features && { features }),
    ...(source && { source }),
    ...(image && { image }),
    sourceChannels: channels.sourceChannels,
    imageChannels: channels.imageChannels,
  };
}

function stackInts(parts: readonly (Int32Array | undefined)[]): Int32Array | undefined {
  return stack(parts, length => new Int32Array(length));
}

function stackFloats(parts: readonly (Float32Array | undefined)[]): Float32Array | undefined {
  return stack(parts, length => new Float32Array(length));
}

function stack<A extends Int32Array | Float32Array>(
  parts: readonly (A | undefined)[],
  create: (length: number) => A,
): A | undefined {
  const present = parts.filter(part => part !== undefined);
  if (present.length < parts.length) return undefined;
  if (present.length === 1) return present[0];
  const out = create(present.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of present) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
