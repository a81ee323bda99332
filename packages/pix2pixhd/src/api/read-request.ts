/**
 * From a request to the arrays that a network reads, by the same steps as files are read for training. Depends on the data
 * module and inference.
 */
import { decodeImage, decodeInstanceMap, decodeLabelMap, idsOfPixels } from '../data/decode/decode.js';
import { readFeatureMap } from '../data/decode/feature-map.js';
import { readHeader } from '../data/files/header.js';
import { type Batch, makeBatch } from '../data/load/batch.js';
import { packFeatures } from '../data/load/pack.js';
import { augment, prepareImages, scalesOf } from '../data/load/sample.js';
import { Random } from '../data/random.js';
import { disagreements, type Member } from '../data/validate/alignment.js';
import { FaultyFile } from '../data/validate/fault.js';
import type { ValueScale } from '../data/values/range.js';
import { scaleValues } from '../data/values/scale.js';
import { UserError } from '../errors.js';
import { type InputConfig, inputSpec } from '../inference/input-reader.js';
import type { IdArray, IdMap, ImageRaster, Raster } from '../raster.js';
import { holdsPixels, inputName, type Pixels, type PlainInput, rasterOf } from './image-input.js';
import type { PlainRequest } from './request.js';

/** A request read into arrays. */
export interface ReadRequest {
  /** Of one: label map, instance map, source image, and as `image` the one that styles are taken from. */
  readonly batch: Batch;
  /** Sentences about what was done to the inputs that their owner may not expect. */
  readonly notices: readonly string[];
}

/**
 * Reads the images of a request, which must lie over each other pixel by pixel.
 *
 * @throws UserError naming the image that cannot be used.
 */
export async function readRequest(
  { input, instances, style }: PlainRequest,
  config: InputConfig,
): Promise<ReadRequest> {
  const isMap = config.labelNc > 0;
  const spec = inputSpec(config);
  const scales = scalesOf(spec);
  const styleImage = style !== undefined && style !== 'mean' && 'image' in style ? style.image : undefined;
  await checkAligned([
    { input, isMap },
    ...(instances === undefined ? [] : [{ input: instances, isMap: true }]),
    ...(styleImage === undefined ? [] : [{ input: styleImage, isMap: false }]),
  ]);
  const [label, source, instance, image] = await Promise.all([
    isMap ? idsOf(input, decodeLabelMap) : undefined,
    isMap ? undefined : imageOf(input, scales.sources[0]!),
    instances === undefined ? undefined : idsOf(instances, decodeInstanceMap),
    styleImage === undefined ? undefined : imageOf(styleImage, scales.image),
  ]);
  const name = inputName(input);
  const sample = {
    stem: name,
    ...(isMap ? { label: name } : { source: name }),
    ...(styleImage !== undefined && { image: inputName(styleImage) }),
  };
  const images = prepareImages(sample, { label, source, instance, image }, spec);
  // Nothing is drawn: neither crops nor flips.
  const arrays = augment(sample, images, spec, new Random(0));
  return { batch: makeBatch([name], [arrays], spec), notices: arrays.notices };
}

/**
 * Style features that a program gives, (featNum, H, W).
 *
 * @throws UserError where they are not of the input's size, or do not have so many channels.
 */
export function readFeatures(features: string | Pixels, featNum: number, { width, height }: Batch): Float32Array {
  const name = typeof features === 'string' ? features : 'the style features';
  const raster = typeof features === 'string' ? readFeatureMap(features, featNum) : rasterOf(features, name);
  const { data, channels } = raster;
  if (data instanceof Float32Array && channels === featNum && raster.width === width && raster.height === height)
    return packFeatures({ ...raster, data }, false);
  throw new UserError({
    code: 'FEATURES_UNSUITABLE',
    doing: 'reading style features',
    where: name,
    found: `${data.constructor.name} of ${raster.width}×${raster.height} pixels with ${channels} channels`,
    expected: `Float32Array of ${width}×${height} pixels, the size of the input, with ${featNum} channels`,
    remedy: 'take them from this generator, or from the run that it belongs to: pix2pixhd encode --write-features',
  });
}

async function checkAligned(inputs: readonly { readonly input: PlainInput; readonly isMap: boolean }[]): Promise<void> {
  // One image has nothing to lie over.
  if (inputs.length < 2) return;
  const members = inputs.map(async ({ input, isMap }): Promise<Member> => {
    const header = holdsPixels(input) ? { ...input.raster, orientation: 1 } : await readHeader(input);
    return { file: inputName(input), isMap, header };
  });
  const [odd] = disagreements(await Promise.all(members));
  if (odd !== undefined) throw new FaultyFile('reading the input of a generator', odd.file, odd.fault);
}

async function idsOf(input: PlainInput, decode: (file: Exclude<PlainInput, { raster: Raster }>) => Promise<IdMap>) {
  if (!holdsPixels(input)) return decode(input);
  const { name, raster } = input;
  if (raster.data instanceof Float32Array)
    throw new TypeError(`${name}: ids are integers, in a Uint8Array, Uint16Array or Int32Array, not a Float32Array`);
  return idsOfPixels(raster as Raster<IdArray>, name);
}

async function imageOf(input: PlainInput, scale: ValueScale): Promise<ImageRaster> {
  if (!holdsPixels(input)) return decodeImage(input, undefined, scale);
  const { name, raster } = input;
  if (raster.data instanceof Int32Array && scale.range === 'full')
    throw new TypeError(`${name}: an image is 8-bit, 16-bit or floating-point, not an Int32Array`);
  return scaleValues(raster, scale, name, 'reading an image');
}
