/**
 * One sample from its files to the arrays a network takes. Two steps, since the first can be cached: decode and resize
 * (the same every epoch), then crop, zoom, shift, mirror and normalise (drawn again every epoch). Depends on decode, resize, validate,
 * labels and the other files of load.
 */
import { UserError } from '../../errors.js';
import { crop, type IdMap, type ImageRaster, mirror, type Raster } from '../../raster.js';
import { decodeInstanceMap, decodeLabelMap, decodeScaled } from '../decode/decode.js';
import { readFeatureMap } from '../decode/feature-map.js';
import { type ImageHeader, readHeader } from '../files/header.js';
import { holdsIds, IMAGE_ROLES, type ImageRole } from '../find/layout.js';
import { type Sample, sourcesOf } from '../find/pairs.js';
import { type LabelMapping, mapLabels } from '../labels/mapping.js';
import type { Random } from '../random.js';
import { resizeBicubic, resizeNearest } from '../resize/resize.js';
import { disagreements, type Member } from '../validate/alignment.js';
import { FaultyFile } from '../validate/fault.js';
import { labelMapFault } from '../validate/labels.js';
import type { ValueRange, ValueScale } from '../values/range.js';
import { type Allocate, freshBuffer } from './buffer-pool.js';
import { type AlphaMode, matchChannels, together } from './channels.js';
import { packFeatures, packImage } from './pack.js';
import { planTransform, type TransformOptions, type TransformPlan, wholeImage } from './transform.js';

/** What a sample is made into. */
export interface SampleSpec {
  readonly transform: TransformOptions;
  /** Number of classes; ids outside 0…labelNc−1 other than 255, "ignore", are refused. 0: no label maps. */
  readonly labelNc: number;
  /** Values of label maps that stand for other classes (`--label-map`), replaced before they are checked; default none. */
  readonly labelMap?: LabelMapping;
  /** Channels of the source image (`--input-nc`). */
  readonly sourceChannels: number;
  /** Channels of the target image (`--output-nc`). */
  readonly imageChannels: number;
  /** What becomes of transparency. */
  readonly alpha: AlphaMode;
  /** Which values of source images become black and white (`--input-range`), of several inputs of each; default what their type can hold. */
  readonly sourceRange?: ValueRange | readonly ValueRange[];
  /** The same of target images (`--output-range`). */
  readonly imageRange?: ValueRange;
  /** Channels of precomputed features (`--feat-num`), where samples have such; default 0. */
  readonly featureChannels?: number;
}

/** A sample decoded and resized, before cropping; 8-bit files stay 8-bit. */
export interface Images {
  /** Size of the files, before resizing. */
  readonly original: { readonly width: number; readonly height: number };
  readonly label?: IdMap;
  readonly instance?: IdMap;
  readonly features?: Raster<Float32Array>;
  readonly source?: ImageRaster;
  readonly image?: ImageRaster;
  readonly notices: readonly string[];
}

/** A sample as the network takes it; its arrays are not shared and may be transferred. */
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
 * Load one sample. `random` decides what differs from epoch to epoch: crop, zoom, shift and flip; use {@link sampleRandom} so that they depend on nothing but seed,
 * epoch and sample. Throws a {@link UserError} naming the file at fault.
 */
export async function loadSample(sample: Sample, spec: SampleSpec, random: Random): Promise<SampleArrays> {
  return augment(sample, await loadImages(sample, spec), spec, random);
}

/** How the values of source and target images are read. */
export function scalesOf({
  sourceRange = 'full',
  imageRange = 'full',
}: Pick<SampleSpec, 'sourceRange' | 'imageRange'>): {
  /** One for all inputs, or one for each. */
  readonly sources: readonly ValueScale[];
  readonly image: ValueScale;
} {
  const ranges = Array.isArray(sourceRange) ? (sourceRange as readonly ValueRange[]) : [sourceRange as ValueRange];
  return {
    sources: ranges.map(range => ({ range, option: '--input-range' })),
    image: { range: imageRange, option: '--output-range' },
  };
}

/** The images of a sample as they are decoded. */
export interface DecodedImages {
  readonly label?: IdMap | undefined;
  readonly instance?: IdMap | undefined;
  readonly source?: ImageRaster | undefined;
  readonly image?: ImageRaster | undefined;
}

/** First step: decode all files of a sample, check that they fit each other, and resize them. */
export async function loadImages(sample: Sample, spec: SampleSpec): Promise<Images> {
  const headers = await readHeaders(sample);
  const { sources: sourceScales, image: imageScale } = scalesOf(spec);
  const scaleOf = (i: number) => sourceScales[Math.min(i, sourceScales.length - 1)]!;
  const [label, instance, sources, target] = await Promise.all([
    sample.label === undefined ? undefined : decodeLabelMap(sample.label, headers.label),
    sample.instance === undefined ? undefined : decodeInstanceMap(sample.instance, headers.instance),
    Promise.all(sourcesOf(sample).map((file, i) => decodeScaled(file, headers.sources[i], scaleOf(i)))),
    sample.image === undefined ? undefined : decodeScaled(sample.image, headers.image, imageScale),
  ]);
  const outside = [
    ...sources.map(({ outside }, i) => outsideNotice(outside, scaleOf(i))),
    ...(target === undefined ? [] : [outsideNotice(target.outside, imageScale)]),
  ].filter(notice => notice !== undefined);
  const inputs = sources.map(({ image }) => image);
  const source = inputs.length > 1 ? together(inputs, sample) : inputs[0];
  const images = prepareImages(sample, { label, instance, source, image: target?.image }, spec);
  return { ...images, notices: [...images.notices, ...outside] };
}

/** What to say of an image nearly all of whose values are cut off: it is of another camera, or of another depth. */
function outsideNotice(outside: number, { range }: ValueScale): string | undefined {
  if (typeof range === 'string' || outside < MOSTLY) return undefined;
  return `some images lie almost wholly outside ${range.low} to ${range.high}, the values that this network takes as black to white`;
}

/** Share of values that are cut off from which an image is said to lie outside. */
const MOSTLY = 0.95;

/**
 * The part of {@link loadImages} after decoding: classes are mapped and checked, channels matched, sizes changed.
 *
 * @param sample the names of the images in errors, and the file of its style features.
 */
export function prepareImages(
  sample: Sample,
  { label: stored, instance, source, image }: DecodedImages,
  spec: SampleSpec,
): Images {
  const label = stored && mapLabels(stored, spec.labelMap ?? []);
  const { width: fileWidth, height: fileHeight } = (label ?? source ?? instance ?? image)!;
  const original = { width: fileWidth, height: fileHeight };
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
 * Second step: crop, zoom, shift, mirror and normalise. Leaves `images` untouched.
 *
 * @param allocate gives the memory of the larger arrays; all of it is written.
 */
export function augment(
  sample: Sample,
  images: Images,
  spec: SampleSpec,
  random: Random,
  allocate = freshBuffer,
): SampleArrays {
  const plan = planTransform(images.original, spec.transform, random, inputFile(sample));
  const { label, instance, features, source, image } = images;
  const pack = (raster: ImageRaster, channels: number) =>
    packImage(imageIn(raster, plan), channels, plan.flip, allocate);
  return {
    width: plan.crop.width,
    height: plan.crop.height,
    ...(label && { label: augmentIds(label, plan, allocate) }),
    ...(instance && { instance: augmentIds(instance, plan, allocate) }),
    ...(features && { features: packFeatures(mapIn(features, plan), plan.flip) }),
    ...(source && { source: pack(source, spec.sourceChannels) }),
    ...(image && { image: pack(image, spec.imageChannels) }),
    notices: plan.notice === undefined ? images.notices : [...images.notices, plan.notice],
  };
}

/** Bytes the pixels of a sample's images take in memory. */
export function imageBytes({ label, instance, features, source, image }: Images): number {
  return [label, instance, features, source, image].reduce((sum, raster) => sum + (raster?.data.byteLength ?? 0), 0);
}

/**
 * Features of the image's own size, or of the size to which training scales the whole image, at which an encoder saw it.
 */
function loadFeatures(
  file: string,
  original: { readonly width: number; readonly height: number },
  { featureChannels = 0, transform }: SampleSpec,
  width: number,
  height: number,
): Raster<Float32Array> {
  const features = readFeatureMap(file, featureChannels);
  const whole = planTransform(original, wholeImage(transform), { uniform: () => 0 }, file).crop;
  const sizes = [{ width, height }, original, whole].map(size => `${size.width}×${size.height}`);
  const found = `${features.width}×${features.height}`;
  if (sizes.includes(found)) return resizeNearest(features, width, height);
  throw new UserError({
    code: 'FEATURES_UNSUITABLE',
    doing: 'reading a feature map',
    where: file,
    found: `features of ${found} pixels`,
    expected: [...new Set(sizes)].join(' or '),
    remedy: 'write them with the options of this run: pix2pixhd encode --write-features',
  });
}

/** What of a resized image the frame shows. */
function imageIn(image: ImageRaster, { crop: box, view }: TransformPlan): ImageRaster {
  return view === undefined ? crop(image, box) : resizeBicubic(image, box.width, box.height, view);
}

/** The same of maps, whose values are never mixed. */
function mapIn<R extends Raster>(map: R, { crop: box, view }: TransformPlan): R {
  return view === undefined ? crop(map, box) : resizeNearest(map, box.width, box.height, view);
}

function augmentIds(map: IdMap, plan: TransformPlan, allocate: Allocate): Int32Array {
  const cut = mapIn(map, plan);
  const { data } = plan.flip ? mirror(cut) : cut;
  const ids = new Int32Array(allocate(4 * data.length));
  ids.set(data);
  return ids;
}

/** The file that stands for a sample in a message. */
function inputFile({ stem, label, source, image }: Sample): string {
  return label ?? source ?? image ?? stem;
}

type Headers = { [role in Exclude<ImageRole, 'source'>]?: ImageHeader } & { readonly sources: readonly ImageHeader[] };

/** The headers of a sample's images, which must lie over each other. */
async function readHeaders(sample: Sample): Promise<Headers> {
  const sources: ImageHeader[] = [];
  const headers: Headers = { sources };
  const members: Member[] = [];
  for (const role of IMAGE_ROLES) {
    for (const file of role === 'source' ? sourcesOf(sample) : [sample[role]]) {
      if (file === undefined) continue;
      const header = await readHeader(file);
      if (role === 'source') sources.push(header);
      else headers[role] = header;
      members.push({ file, isMap: holdsIds(role), header });
    }
  }
  if (members.length === 0) throw new Error(`the sample ${sample.stem} has no files`);
  const [odd] = disagreements(members);
  if (odd !== undefined) throw new FaultyFile(`loading the sample ${sample.stem}`, odd.file, odd.fault);
  return headers;
}

/**
 * The one check of a label map's ids between file and network, here where the file can be named: cached samples have been
 * through it, and conditioning relies on it.
 */
function checkIds(map: IdMap, labelNc: number, file: string): void {
  const fault = labelNc > 0 ? labelMapFault(map, labelNc) : undefined;
  if (fault !== undefined) throw new FaultyFile('reading a label map', file, fault);
}
