/**
 * Two cameras' images over each other, on their way into a data set: one transform for a fixed rig, or one a pair. Depends on
 * alignment/ and make.ts.
 */
import { mapConcurrently } from '../concurrently.js';
import { spread } from '../data/survey/survey.js';
import { UserError } from '../errors.js';
import { type Box, crop, type ImageRaster, writable } from '../raster.js';
import {
  type AlignmentSummary,
  type Calibration,
  commonBox,
  estimateRig,
  invert,
  measureAlignment,
  narrower,
  type Rig,
  reasons,
  type Size,
  summarizeAlignment,
  type Transform,
  type TransformModel,
  undistort,
  warp,
} from './alignment/index.js';
import { DoesNotTell } from './does-not-tell.js';
import { begin, type Made, pixelsOf, type Step } from './make.js';
import type { RawPair } from './raw-pair.js';

/** Pairs that a transform is estimated from, and that are measured. */
const SAMPLED = 40;
/** The smallest side of what both cameras see, in pixels. */
const LEAST_SIDE = 32;

/** What was decided about a rig. */
export interface RigDecision {
  readonly model: TransformModel;
  /** From the input's pixels to the target's. */
  readonly transform: Transform;
  /** Whose frame the images are in: the other's are resampled. */
  readonly frame: 'input' | 'target';
  /** What both see, in that frame. */
  readonly box: Box;
  readonly rig: Rig;
  readonly pairs: number;
}

/** The images of a pair before they are aligned: panels cut out, lenses corrected. */
export type Load = (pair: RawPair) => Promise<{ readonly a: ImageRaster; readonly b: ImageRaster }>;

/** Loads a pair through the steps that come before. */
export function loadThrough(steps: readonly Step[]): Load {
  return async pair => {
    let made: Made = await begin(pair);
    for (const step of steps) made = await step(made, pair);
    const { source, image } = made;
    if (source === undefined || image === undefined) throw withoutImages(pair);
    return { a: writable(await pixelsOf(source)), b: writable(await pixelsOf(image)) };
  };
}

/**
 * The transform of a rig, from evenly spread pairs.
 *
 * @throws UserError where the images do not tell, sizes differ, or the cameras see hardly anything in common.
 */
export async function decideRig(pairs: readonly RawPair[], load: Load, model: TransformModel): Promise<RigDecision> {
  const chosen = spread(pairs, SAMPLED);
  const images = await mapConcurrently(chosen, load);
  const { a, b } = images[0]!;
  const odd = images.findIndex(
    one => one.a.width !== a.width || one.a.height !== a.height || one.b.width !== b.width || one.b.height !== b.height,
  );
  if (odd >= 0)
    throw cannotAlign(
      `images of several sizes: ${sizes(a, b)} and ${sizes(images[odd]!.a, images[odd]!.b)} (${chosen[odd]!.stem})`,
      'images of one size for each camera, as a fixed rig makes them',
      'give --align pair, or prepare each size apart',
    );
  const found = estimateRig(images, model);
  if (!found.known)
    throw cannotAlign(
      `${chosen.length} pairs that do not tell: ${reasons[found.reason]}`,
      'frames with edges that both cameras see',
      'give other frames, a simpler --align-model, or --align none',
    );
  const frame = narrower(found.transform, a, b) === 'a' ? 'input' : 'target';
  const box = frame === 'input' ? commonBox(found.transform, a, b) : commonBox(invert(found.transform), b, a);
  if (box === undefined || Math.min(box.width, box.height) < LEAST_SIDE)
    throw cannotAlign(
      `cameras that see ${box === undefined ? 'nothing' : `${box.width}×${box.height} pixels`} in common`,
      `at least ${LEAST_SIDE} pixels a side`,
      'check that inputs and targets belong together, or give --align none',
    );
  return { model, transform: found.transform, frame, box, rig: found, pairs: chosen.length };
}

/** Brings every pair over each other by the transform of its rig, cut to what both see. */
export function rigStep({ transform, frame, box }: RigDecision): Step {
  return async made => {
    const { source, image } = made;
    const [a, b] = [writable(await pixelsOf(source!)), writable(await pixelsOf(image!))];
    const [inputs, targets] =
      frame === 'input' ? [a, warp(b, transform, a).raster] : [warp(a, invert(transform), b).raster, b];
    return {
      ...made,
      source: { kind: 'pixels', pixels: crop(inputs, box), file: source!.file },
      image: { kind: 'pixels', pixels: crop(targets, box), file: image!.file },
    };
  };
}

/** Brings every pair over each other by a transform of its own, in the input's frame. */
export function pairStep(model: TransformModel): Step {
  return async (made, pair) => {
    const { source, image } = made;
    const [a, b] = [writable(await pixelsOf(source!)), writable(await pixelsOf(image!))];
    const found = measureAlignment(a, b, { model });
    if (!found.known) throw DoesNotTell.of(pair.stem, reasons[found.reason]);
    const box = commonBox(found.transform, a, b);
    if (box === undefined || Math.min(box.width, box.height) < LEAST_SIDE)
      throw DoesNotTell.of(pair.stem, 'they have hardly anything in common');
    return {
      ...made,
      source: { kind: 'pixels', pixels: crop(a, box), file: source!.file },
      image: { kind: 'pixels', pixels: crop(warp(b, found.transform, a).raster, box), file: image!.file },
    };
  };
}

/** Takes the distortion of a lens out of one of the images. */
export function undistortStep(role: 'source' | 'image', calibration: Calibration): Step {
  return async made => {
    const part = made[role];
    if (part === undefined) return made;
    const { raster } = undistort(writable(await pixelsOf(part)), calibration, {}, part.file);
    return { ...made, [role]: { kind: 'pixels', pixels: raster, file: part.file } };
  };
}

/** How far evenly spread pairs are apart, as they are. */
export async function measureSet(pairs: readonly RawPair[], load: Load): Promise<AlignmentSummary> {
  // One after the other: each keeps a core busy by itself.
  const found = await mapConcurrently(
    spread(pairs, SAMPLED),
    async pair => {
      const { a, b } = await load(pair);
      return measureAlignment(a, b);
    },
    2,
  );
  return summarizeAlignment(found);
}

function sizes(a: Size, b: Size): string {
  return `${a.width}×${a.height} with ${b.width}×${b.height}`;
}

function withoutImages({ stem }: RawPair): UserError {
  return new UserError({
    code: 'IMAGE_UNSUITABLE',
    doing: 'aligning pairs',
    where: stem,
    found: 'a pair without an input image',
    expected: 'two images, of two cameras',
    remedy: 'give --align none: label maps are drawn on the image itself',
  });
}

function cannotAlign(found: string, expected: string, remedy: string): UserError {
  return new UserError({ code: 'IMAGE_UNSUITABLE', doing: 'aligning two cameras', found, expected, remedy });
}
