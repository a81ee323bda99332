/**
 * From a request to arrays that a network reads: decoded, checked, of one size. Depends on input/, the choice of styles and errors.ts.
 */
import type { EngineInfo, ReadStyle, Scene } from '../engine/engine.js';
import { UserError } from '../errors.js';
import { bytesOf } from '../input/files.js';
import { checkLabels, readIds } from '../input/ids.js';
import { type Pixels, rasterOf } from '../input/image-input.js';
import { readImage } from '../input/images.js';
import type { ImageSpec } from '../model/metadata.js';
import { InvalidStyle, parseStyleChoices, type StyleChoices, sameForAll } from '../scene/index.js';
import type { GeneratorInfo } from './info.js';
import type { GenerateRequest, StyleInput } from './request.js';

/**
 * @throws UserError naming what cannot be used; TypeError and RangeError where an argument is none of its kinds.
 */
export async function readRequest(request: GenerateRequest, engine: EngineInfo, info: GeneratorInfo): Promise<Scene> {
  const { instances, style, features, noiseSeed, signal } = request;
  const isMap = info.labelNc > 0;
  const input = 'label' in request ? request.label : request.input;
  const name = isMap ? 'the label map' : 'the input';
  if (instances === undefined && info.needsInstances) throw withoutInstances(info);
  checkStyle(request, engine, info);
  const [label, image, instance, read] = await Promise.all([
    isMap ? readIds(input, name, signal) : undefined,
    isMap ? undefined : readImage(input, imageSpec(engine), name, signal),
    instances === undefined ? undefined : readIds(instances, 'the instance map', signal),
    info.styles === null || features !== undefined ? undefined : readStyle(style ?? { seed: 0 }, engine, info, signal),
  ]);
  const { width, height } = (label ?? image)!;
  sameSize('the instance map', instance, width, height, name);
  if (read !== undefined && 'image' in read) sameSize('the image of the style', read.image, width, height, name);
  if (label !== undefined)
    checkLabels(label, info.labelNc, typeof input === 'string' || input instanceof URL ? String(input) : name);
  const planes = features && planesOf(features, info.styles!.channels, width, height);
  const chosen: ReadStyle | undefined = planes === undefined ? read : { planes };
  return {
    width,
    height,
    ...(label && { label: label.data }),
    ...(instance && { instance: instance.data }),
    ...(image && { image }),
    ...(chosen && { style: chosen }),
    ...(noiseSeed !== undefined && { noiseSeed: seedOf(noiseSeed) }),
  };
}

/** What can be said of a style before anything is read. */
function checkStyle({ style, features }: GenerateRequest, { facts }: EngineInfo, info: GeneratorInfo): void {
  const unusable = (code: 'NO_ENCODER' | 'OPTION_CONFLICT' | 'STYLES_MISSING', found: string, remedy: string) =>
    new UserError({ code, doing: 'choosing the style', where: info.file, found, remedy });
  if (style === undefined && features === undefined && info.styles === null) return;
  if (info.styles === null)
    throw unusable(
      'NO_ENCODER',
      `${style === undefined ? 'features' : 'a style'} for a network without styles`,
      'leave it out: info.styles is null for this generator',
    );
  if (features !== undefined && style !== undefined)
    throw unusable('OPTION_CONFLICT', 'a style and features', 'leave one out');
  if (features !== undefined) return;
  const isOfImage = typeof style === 'object' && style !== null && 'image' in style;
  if (isOfImage && !info.styles.fromImages)
    throw unusable(
      'NO_ENCODER',
      'the style of an image, and no encoder',
      "load with the encoder that was exported with the generator: { encoder: 'encoder.onnx' }",
    );
  if (!isOfImage && facts.style!.book === null)
    throw unusable(
      'STYLES_MISSING',
      'a network that takes styles, and none in its file',
      'run pix2pixhd encode and export again, or give features, or { image } with an encoder',
    );
}

async function readStyle(
  style: StyleInput,
  engine: EngineInfo,
  info: GeneratorInfo,
  signal: AbortSignal | undefined,
): Promise<ReadStyle> {
  if (style === 'mean') return { choices: sameForAll('mean'), seed: 0 };
  if (typeof style === 'object' && style !== null) {
    if ('image' in style)
      return { image: await readImage(style.image, targetSpec(engine), 'the image of the style', signal) };
    if ('cluster' in style) return { choices: sameForAll({ cluster: counted('cluster', style.cluster) }), seed: 0 };
    if ('choices' in style)
      return {
        choices: await readChoices(style.choices, info.styles!.channels, signal),
        seed: counted('seed', style.seed ?? 0),
      };
    if ('seed' in style) return { choices: sameForAll('random'), seed: counted('seed', style.seed) };
  }
  throw new TypeError(
    `style: expected 'mean', { seed }, { cluster }, { image } or { choices }, found ${JSON.stringify(style)}`,
  );
}

async function readChoices(given: unknown, channels: number, signal?: AbortSignal): Promise<StyleChoices> {
  const isFile = typeof given === 'string' || given instanceof URL;
  try {
    const bytes = isFile ? await bytesOf(given, 'the choice of styles', signal) : undefined;
    const value = isFile ? JSON.parse(new TextDecoder().decode(bytes)) : JSON.parse(JSON.stringify(given));
    return parseStyleChoices(value, channels);
  } catch (cause) {
    if (!(cause instanceof InvalidStyle) && !(cause instanceof SyntaxError)) throw cause;
    throw new UserError(
      {
        code: 'STYLE_INVALID',
        doing: 'reading the choice of styles',
        where: isFile ? String(given) : 'style.choices',
        found: cause.message,
        expected: `{"default": STYLE, "classes": {"CLASS": STYLE}, "instances": {"ID": STYLE}}, a STYLE being "random", "mean", {"cluster": N} or a list of ${channels} numbers`,
        remedy: 'correct it',
      },
      { cause },
    );
  }
}

/** (H, W, C) to (C, H, W). */
function planesOf(features: Pixels, wanted: number, width: number, height: number): Float32Array {
  const raster = rasterOf(features, 'the style features');
  const { data, channels } = raster;
  if (!(data instanceof Float32Array && channels === wanted && raster.width === width && raster.height === height))
    throw new UserError({
      code: 'FEATURES_UNSUITABLE',
      doing: 'reading style features',
      found: `${data.constructor.name} of ${raster.width}×${raster.height} pixels with ${channels} channels`,
      expected: `Float32Array of ${width}×${height} pixels, the size of the input, with ${wanted} channels`,
      remedy: 'take them from the network that this model was exported from',
    });
  const planes = new Float32Array(data.length);
  const size = width * height;
  for (let i = 0; i < size; i++) for (let c = 0; c < channels; c++) planes[c * size + i] = data[i * channels + c]!;
  return planes;
}

function imageSpec({ facts }: EngineInfo): ImageSpec {
  return facts.image ?? targetSpec({ facts });
}

/** An encoder reads what its generator makes. */
function targetSpec({ facts: { output } }: Pick<EngineInfo, 'facts'>): ImageSpec {
  const { channels, black, white, full } = output;
  return {
    channels,
    dtype: output.dtype === 'uint8' ? 'uint8' : 'float32',
    ranges: [{ channels, black, white }],
    full,
  };
}

function sameSize(
  name: string,
  found: { readonly width: number; readonly height: number } | undefined,
  width: number,
  height: number,
  first: string,
): void {
  if (found === undefined || (found.width === width && found.height === height)) return;
  throw new UserError({
    code: 'SIZE_MISMATCH',
    doing: `reading ${name}`,
    found: `${found.width}×${found.height} pixels`,
    expected: `${width}×${height}, the size of ${first}`,
    remedy: 'resize them to one size, maps of ids without interpolation',
  });
}

function withoutInstances({ file }: GeneratorInfo): UserError {
  return new UserError({
    code: 'PARTNER_MISSING',
    doing: 'reading the input of a generator',
    where: file,
    found: 'no instance map',
    expected: 'one for every label map: the network was trained with them',
    remedy: 'give it: generate({ label, instances })',
  });
}

function seedOf(value: number): number {
  if (Number.isSafeInteger(value) && value >= 0 && value < 2 ** 31) return value;
  throw new RangeError(`noiseSeed: expected a whole number from 0 to 2147483647, found ${value}`);
}

function counted(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(`style.${name}: expected a whole number from 0 on, found ${value}`);
}
