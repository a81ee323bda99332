/**
 * Scores the images of several methods by one segmenter, over the same scenes: each image is segmented and compared with its
 * label map. The real images, scored as a method, are the oracle. Depends on data, the segmenter and the matrix.
 */
import { decodeImage } from '../data/decode/decode.js';
import { decodeLabelMap } from '../data/decode/ids.js';
import { type LabelMapping, mapLabels, parseLabelMap } from '../data/labels/mapping.js';
import { isIgnored } from '../data/labels/values.js';
import { matchChannels } from '../data/load/channels.js';
import { FaultyFile } from '../data/validate/fault.js';
import { labelMapFault } from '../data/validate/labels.js';
import { UserError } from '../errors.js';
import type { IdMap, ImageRaster } from '../raster.js';
import { ConfusionMatrix } from './confusion-matrix.js';
import type { Segmenter } from './segmenter.js';

/** A label map, and what each method made of it. */
export interface Scene {
  readonly stem: string;
  readonly labelMap: string;
  /** Method → its image. All scenes have the same methods. */
  readonly images: ReadonlyMap<string, string>;
}

/** A scene that is not scored, for any of the methods, since an image of it cannot be used. */
export interface ExcludedScene {
  readonly stem: string;
  readonly method: string;
  /** What is wrong with the method's image, naming its file. */
  readonly error: UserError;
}

/** How the pixels of the label maps of all scored scenes were counted. */
export interface PixelCounts {
  readonly scored: number;
  /** Those without a class. */
  readonly ignored: number;
  /** Those of a class that the segmenter does not know. */
  readonly unknown: number;
}

/** What {@link scoreScenes} found. */
export interface ScoredScenes {
  /** Method → its confusion matrix over all scored scenes. */
  readonly matrices: ReadonlyMap<string, ConfusionMatrix>;
  readonly scored: number;
  readonly excluded: readonly ExcludedScene[];
  readonly pixels: PixelCounts;
}

/** What is reported while scenes are scored, and how that is stopped. */
export interface ScoringHooks {
  /** Called after each scene, in order; `matrices` are those of this scene alone, and undefined where it is excluded. */
  readonly onScene?: (scene: Scene, matrices: ReadonlyMap<string, ConfusionMatrix> | undefined) => void | Promise<void>;
  /** Stops after the scene at hand. */
  readonly signal?: AbortSignal;
}

/**
 * Scores images, one scene after the other. A scene counts for all methods or for none: where one method's image is damaged, or not
 * of its label map's size, the scene is excluded.
 *
 * @throws UserError naming the label map where one is damaged or has a value that is no class, or the segmenter where it does not
 *   give what it should.
 */
export async function scoreScenes(
  segmenter: Segmenter,
  scenes: readonly Scene[],
  { onScene, signal }: ScoringHooks = {},
): Promise<ScoredScenes> {
  const mapping = parseLabelMap(segmenter.labelMap);
  const matrices = new Map<string, ConfusionMatrix>();
  const excluded: ExcludedScene[] = [];
  const pixels = { scored: 0, ignored: 0, unknown: 0 };
  let scored = 0;
  for (const scene of scenes) {
    if (signal?.aborted) break;
    const labels = await readLabels(scene.labelMap, segmenter.labelNc, mapping);
    const images = await readImages(scene, labels, segmenter.channels);
    if ('error' in images) {
      excluded.push(images);
      await onScene?.(scene, undefined);
      continue;
    }
    const truth = scoredLabels(labels, segmenter, pixels);
    const own = new Map<string, ConfusionMatrix>();
    for (const [method, image] of images) {
      const matrix = new ConfusionMatrix(segmenter.labelNc);
      matrix.add(truth, await segmenter.segment(image, labels.width, labels.height));
      own.set(method, matrix);
    }
    for (const [method, matrix] of own) {
      const sum = matrices.get(method);
      if (sum === undefined) matrices.set(method, matrixOf(matrix));
      else sum.addAll(matrix);
    }
    scored++;
    await onScene?.(scene, own);
  }
  return { matrices, scored, excluded, pixels };
}

/** A copy: what {@link ScoringHooks.onScene} was given stays as it is. */
function matrixOf(other: ConfusionMatrix): ConfusionMatrix {
  const matrix = new ConfusionMatrix(other.classes);
  matrix.addAll(other);
  return matrix;
}

async function readLabels(file: string, labelNc: number, mapping: LabelMapping): Promise<IdMap> {
  const labels = mapLabels(await decodeLabelMap(file), mapping);
  const fault = labelMapFault(labels, labelNc);
  if (fault !== undefined) throw new FaultyFile('reading a label map', file, fault);
  return labels;
}

/** Every method's image, without alpha; or the first that cannot be used. */
async function readImages(
  { stem, images, labelMap }: Scene,
  { width, height }: IdMap,
  channels: number,
): Promise<Map<string, ImageRaster> | ExcludedScene> {
  const read = new Map<string, ImageRaster>();
  for (const [method, file] of images)
    try {
      const image = await decodeImage(file);
      if (image.width !== width || image.height !== height) throw otherSize(file, image, labelMap, { width, height });
      read.set(method, matchChannels(image, channels, 'drop', file, '--output-nc').raster);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { stem, method, error };
    }
  return read;
}

/** The label map with -1 where a pixel is not scored; `pixels` counts them. */
function scoredLabels(
  { data }: IdMap,
  { known, labelNc }: Segmenter,
  pixels: { -readonly [K in keyof PixelCounts]: number },
): Int32Array {
  const truth = Int32Array.from(data);
  for (let i = 0; i < truth.length; i++) {
    const id = truth[i]!;
    if (known.has(id)) pixels.scored++;
    else {
      pixels[isIgnored(id, labelNc) ? 'ignored' : 'unknown']++;
      truth[i] = -1;
    }
  }
  return truth;
}

type Size = Pick<ImageRaster, 'width' | 'height'>;

function otherSize(file: string, found: Size, labelMap: string, expected: Size): UserError {
  return new UserError({
    code: 'SIZE_MISMATCH',
    doing: 'comparing an image with its label map',
    where: file,
    found: `${found.width}×${found.height} pixels`,
    expected: `${expected.width}×${expected.height}, as ${labelMap}`,
    remedy: 'generate the images at the size of their label maps, or resize them',
  });
}
