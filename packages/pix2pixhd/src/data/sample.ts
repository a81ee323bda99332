/**
 * One sample from its files to the arrays a network takes. Two steps, since the first can be cached: decode and resize
 * (the same every epoch), then crop, mirror and normalise (drawn anew every epoch). Depends on the files above it in
 * this room.
 */
import { UserError } from '../errors.js';
import { type Allocate, freshBuffer } from './buffer-pool.js';
import { type AlphaMode, matchChannels, packImage } from './channels.js';
import { decodeImage, decodeInstanceMap, decodeLabelMap } from './decode.js';
import { packFeatures, readFeatureMap } from './feature-map.js';
import type { Sample } from './pairs.js';
import type { Random } from './random.js';
import { cropIdMap, cropRaster, flipIdMap, type IdMap, IGNORE_LABEL, type Raster } from './raster.js';
import { resizeBicubic, resizeNearest } from './resize.js';
import { planTransform, type TransformOptions, type TransformPlan, wholePicture } from './transform.js';

/** What a sample is made into. */
export interface SampleSpec {
  readonly transform: TransformOptions;
  /** Number of classes; ids outside 0…labelNc−1 other than {@link IGNORE_LABEL} are refused. 0: no label maps. */
  readonly labelNc: number;
  /** Channels of the source image (`--input-nc`). */
  readonly sourceChannels: number;
  /** Channels of the image to be made (`--output-nc`). */
  readonly imageChannels: number;
  /** What becomes of transparency. */
  readonly alpha: AlphaMode;
  /** Channels of precomputed features (`--feat-num`), where samples have such; default 0. */
  readonly featureChannels?: number;
}

/** A sample decoded and resized, before cropping; 8-bit files stay 8-bit. */
export interface Pictures {
  /** Size of the files, before resizing. */
  readonly original: { readonly width: number; readonly height: number };
  readonly label?: IdMap;
  readonly instance?: IdMap;
  readonly features?: Raster;
  readonly source?: Raster;
  readonly image?: Raster;
  readonly notices: readonly string[];
}

/** A sample as the network takes it; the arrays are nobody else's and may be transferred. */
export interface SampleArrays {
  readonly width: number;
  readonly height: number;
  /** Class ids, (H, W). */
  readonly label?: Int32Array;
  /** Instance ids, (H, W). */
  readonly instance?: Int32Array;
  /** Precomputed style features, (C, H, W). */
  readonly features?: Float32Array;
  /** (C, H, W), values in [-1, 1]. */
  readonly source?: Float32Array;
  /** (C, H, W), values in [-1, 1]. */
  readonly image?: Float32Array;
  /** Sentences for the user: sizes rounded, transparency ignored. */
  readonly notices: readonly string[];
}

/**
 * Load one sample. `random` decides crop and flip; use {@link sampleRandom} so that they depend on nothing but seed,
 * epoch and sample. Throws a {@link UserError} naming the file at fault.
 */
export async function loadSample(sample: Sample, spec: SampleSpec, random: Random): Promise<SampleArrays> {
  return arrangePictures(sample, await loadPictures(sample, spec), spec, random);
}

/** First step: decode all files of a sample, check that they fit each other, and resize them. */
export async function loadPictures(sample: Sample, spec: SampleSpec): Promise<Pictures> {
  const [label, instance, source, image] = await Promise.all([
    sample.label === undefined ? undefined : decodeLabelMap(sample.label),
    sample.instance === undefined ? undefined : decodeInstanceMap(sample.instance),
    sample.source === undefined ? undefined : decodeImage(sample.source),
    sample.image === undefined ? undefined : decodeImage(sample.image),
  ]);
  const original = commonSize(sample, { label, instance, source, image });
  if (label !== undefined) checkIds(label, spec.labelNc, sample.label!);
  const matchedSource = source && matchChannels(source, spec.sourceChannels, spec.alpha, sample.source!, '--input-nc');
  const matchedImage = image && matchChannels(image, spec.imageChannels, spec.alpha, sample.image!, '--output-nc');
  // The size does not depend on what is drawn.
  const { width, height } = planTransform(original, spec.transform, { uniform: () => 0 }, inputFile(sample)).resize;
  return {
    original,
    ...(label && { label: resizeNearest(label, width, height) }),
    ...(instance && { instance: resizeNearest(instance, width, height) }),
    ...(sample.features !== undefined && { features: loadFeatures(sample.features, original, spec, width, height) }),
    ...(matchedSource && { source: resizeBicubic(matchedSource.raster, width, height) }),
    ...(matchedImage && { image: resizeBicubic(matchedImage.raster, width, height) }),
    notices: [matchedSource?.notice, matchedImage?.notice].filter(n => n !== undefined),
  };
}

/**
 * Second step: crop, mirror and normalise. Leaves `pictures` untouched.
 *
 * @param allocate gives the memory of the larger arrays; all of it is written.
 */
export function arrangePictures(
  sample: Sample,
  pictures: Pictures,
  spec: SampleSpec,
  random: Random,
  allocate = freshBuffer,
): SampleArrays {
  const plan = planTransform(pictures.original, spec.transform, random, inputFile(sample));
  const { label, instance, features, source, image } = pictures;
  const pack = (picture: Raster, channels: number) =>
    packImage(cropRaster(picture, plan.crop), channels, plan.flip, allocate);
  return {
    width: plan.crop.width,
    height: plan.crop.height,
    ...(label && { label: arrangeIds(label, plan, allocate) }),
    ...(instance && { instance: arrangeIds(instance, plan, allocate) }),
    ...(features && { features: packFeatures(cropRaster(features, plan.crop), plan.flip) }),
    ...(source && { source: pack(source, spec.sourceChannels) }),
    ...(image && { image: pack(image, spec.imageChannels) }),
    notices: plan.notice === undefined ? pictures.notices : [...pictures.notices, plan.notice],
  };
}

/** Bytes the pixels of a sample's pictures take in memory. */
export function pictureBytes({ label, instance, features, source, image }: Pictures): number {
  return [label, instance, features, source, image].reduce((sum, picture) => sum + (picture?.data.byteLength ?? 0), 0);
}

/**
 * Features of the picture's own size, or of that to which training brings it whole: the size at which an encoder saw it.
 */
function loadFeatures(
  file: string,
  original: { readonly width: number; readonly height: number },
  { featureChannels = 0, transform }: SampleSpec,
  width: number,
  height: number,
): Raster {
  const features = readFeatureMap(file, featureChannels);
  const whole = planTransform(original, wholePicture(transform), { uniform: () => 0 }, file).crop;
  const sizes = [{ width, height }, original, whole].map(size => `${size.width}×${size.height}`);
  const found = `${features.width}×${features.height}`;
  if (sizes.includes(found)) return resizeNearest(features, width, height);
  throw new UserError({
    doing: 'reading a feature map',
    where: file,
    found: `features of ${found} pixels`,
    expected: [...new Set(sizes)].join(' or '),
    remedy: 'write them with the options of this run: pix2pixhd encode --write-features',
  });
}

function arrangeIds(map: IdMap, plan: TransformPlan, allocate: Allocate): Int32Array {
  const cut = cropIdMap(map, plan.crop);
  const { data } = plan.flip ? flipIdMap(cut) : cut;
  const ids = new Int32Array(allocate(4 * data.length));
  ids.set(data);
  return ids;
}

/** The file that stands for a sample in a message. */
function inputFile({ stem, label, source }: Sample): string {
  return label ?? source ?? stem;
}

type Decoded = { readonly [role in 'label' | 'instance' | 'source' | 'image']: IdMap | Raster | undefined };

function commonSize(sample: Sample, pictures: Decoded): { width: number; height: number } {
  const present = (['label', 'source', 'instance', 'image'] as const).flatMap(role => {
    const picture = pictures[role];
    return picture === undefined ? [] : [{ file: sample[role]!, width: picture.width, height: picture.height }];
  });
  const first = present[0];
  if (first === undefined) throw new Error(`the sample ${sample.stem} has no files`);
  const odd = present.find(p => p.width !== first.width || p.height !== first.height);
  if (odd !== undefined) {
    throw new UserError({
      doing: `loading the sample ${sample.stem}`,
      where: odd.file,
      found: `${odd.width}×${odd.height} pixels`,
      expected: `${first.width}×${first.height}, the size of ${first.file}`,
      remedy: 'bring the pictures of a sample to one size, or remove the sample; `pix2pixhd check` lists all such',
    });
  }
  return { width: first.width, height: first.height };
}

function checkIds(map: IdMap, labelNc: number, file: string): void {
  if (labelNc <= 0) return;
  let highest = -1;
  let negative = false;
  const { data } = map;
  for (let i = 0; i < data.length; i++) {
    const id = data[i]!;
    if ((id >= 0 && id < labelNc) || id === IGNORE_LABEL) continue;
    if (id > highest) highest = id;
    if (id < 0) negative = true;
  }
  if (highest < 0 && !negative) return;
  throw new UserError({
    doing: 'reading a label map',
    where: file,
    found: negative ? 'a negative class id' : `class id ${highest}`,
    expected: `0 to ${labelNc - 1}, or ${IGNORE_LABEL} for pixels to ignore`,
    ...(!negative && { advice: { kind: 'more-classes', needed: highest + 1, classes: labelNc } as const }),
    remedy: negative ? 'save the ids as they are meant' : `give --label-nc ${highest + 1}, or correct the map`,
  });
}
