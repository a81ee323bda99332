/**
 * Counts one scene: its label map, and images segmented and compared with it. Depends on data, the segmenter and the matrix.
 */
import { decodeLabelMap } from '../data/decode/ids.js';
import { mapLabels, parseLabelMap } from '../data/labels/mapping.js';
import { isIgnored } from '../data/labels/values.js';
import { FaultyFile } from '../data/validate/fault.js';
import { labelMapFault } from '../data/validate/labels.js';
import { UserError } from '../errors.js';
import type { ImageRaster } from '../raster.js';
import { ConfusionMatrix } from './confusion-matrix.js';
import { type SceneCounts, sceneCounts } from './scene-counts.js';
import type { Segmenter } from './segmenter.js';

/** A label map as a segmenter is judged by it. */
export interface SceneLabels {
  readonly width: number;
  readonly height: number;
  /** (height, width): the class of each pixel; -1 where it is not scored. */
  readonly truth: Int32Array;
  /** Pixels without a class. */
  readonly ignored: number;
  /** Pixels of classes that the segmenter does not know. */
  readonly unknown: number;
}

/**
 * Reads a label map.
 * @throws UserError naming the file where it is damaged, or has a value that is no class of the segmenter's label maps.
 */
export async function readSceneLabels(
  file: string,
  { labelNc, labelMap, known }: Pick<Segmenter, 'labelNc' | 'labelMap' | 'known'>,
): Promise<SceneLabels> {
  const map = mapLabels(await decodeLabelMap(file), parseLabelMap(labelMap));
  const fault = labelMapFault(map, labelNc);
  if (fault !== undefined) throw otherClasses(file, fault, labelNc);
  const truth = Int32Array.from(map.data);
  let [ignored, unknown] = [0, 0];
  for (let i = 0; i < truth.length; i++) {
    if (known.has(truth[i]!)) continue;
    if (isIgnored(truth[i]!, labelNc)) ignored++;
    else unknown++;
    truth[i] = -1;
  }
  return { width: map.width, height: map.height, truth, ignored, unknown };
}

/** Not in the words of networks that take label maps. */
function otherClasses(file: string, { advice: _, ...fault }: FaultyFile['fault'], labelNc: number): UserError {
  const remedy = `correct the map, or use a segmenter of more classes: this one has ${labelNc} (pix2pixhd train-segmenter --label-nc)`;
  return new FaultyFile('reading a label map', file, { ...fault, remedy });
}

/**
 * Segments an image and counts its pixels against a label map.
 *
 * @param image of any size, without alpha, and of the segmenter's channels or of one.
 * @param file it is of, for errors.
 * @throws UserError where it has other channels, or the segmenter does not give what it should.
 */
export async function countScene(
  segmenter: Segmenter,
  labels: SceneLabels,
  image: ImageRaster,
  file: string,
): Promise<SceneCounts> {
  if (image.channels !== 1 && image.channels !== segmenter.channels)
    throw new UserError({
      code: 'WRONG_CHANNELS',
      doing: 'segmenting an image',
      where: file,
      found: `${image.channels} channels`,
      expected: `${segmenter.channels}, as ${segmenter.path} takes, or one`,
      remedy: 'convert the images, or use a segmenter that was trained on such images',
    });
  const matrix = new ConfusionMatrix(segmenter.labelNc);
  matrix.add(labels.truth, await segmenter.segment(image, labels.width, labels.height));
  return sceneCounts(matrix, labels);
}
