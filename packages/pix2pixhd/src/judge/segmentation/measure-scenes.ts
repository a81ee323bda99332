/**
 * Segments every method's images and the real ones, and counts them against the label maps; what is known from earlier is taken from
 * the cache. Depends on the segmenters and judge.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { UserError } from '../../errors.js';
import { type ComparedImage, WHITE } from '../../evaluation/comparable.js';
import type { ImageRaster } from '../../raster.js';
import { countScene, readSceneLabels, type SceneLabels } from '../../segmentation/count-scene.js';
import type { SceneCounts } from '../../segmentation/scene-counts.js';
import type { Segmenter } from '../../segmentation/segmenter.js';
import { alike, type Reading, readCompared } from '../compared-image.js';
import { fileIdentity, keyOf } from '../figure-cache.js';
import { type Exclusion, noCounterpart, type Row } from '../match.js';
import { blame, type Measured, type Measuring } from '../measure.js';
import { COUNTING_VERSION } from './score-metrics.js';

/** By which segmenter and which label maps. */
export interface Segmenting {
  readonly segmenter: Segmenter;
  /** Of the contents of its files. */
  readonly digest: string;
  /** Stem → label map. */
  readonly labels: ReadonlyMap<string, string>;
  /** The folder of the label maps. */
  readonly folder: string;
  /** The classes' names by id, where they have some. */
  readonly classNames: ReadonlyMap<number, string>;
}

/**
 * The rows that have label maps.
 * @throws UserError where none has.
 */
export function withLabels(
  rows: readonly Row[],
  { labels, folder }: Segmenting,
): { readonly rows: readonly Row[]; readonly exclusions: readonly Exclusion[] } {
  const kept = rows.filter(({ stem }) => labels.has(stem));
  if (kept.length === 0)
    throw noCounterpart('matching real images with label maps by name', folder, [
      `real images: ${rows.length}, such as ${rows[0]!.stem}`,
      `label maps: ${labels.size}, such as ${[...labels.keys()].sort()[0]}`,
    ]);
  const exclusions = rows.flatMap(({ stem }): Exclusion[] =>
    labels.has(stem) ? [] : [{ stem, why: 'no-labels', methods: [] }],
  );
  return { rows: kept, exclusions };
}

/**
 * Counts. Rows with a damaged file are added to `measured.failed`.
 *
 * @returns method, the real images last → row → counts; what was counted when the signal came is in the cache.
 * @throws UserError where a label map has a value that is no class, or an image is not of its label map's size.
 */
export async function measureScenes(
  work: Measuring,
  { segmenter, digest, labels }: Segmenting,
  measured: Measured,
): Promise<readonly (readonly (SceneCounts | undefined)[])[]> {
  const { rows, methods, reading, observed, signal, onProgress } = work;
  const table = Array.from({ length: methods.length + 1 }, () => new Array<SceneCounts | undefined>(rows.length));
  const keys = table.map((counts, method) =>
    rows.map(({ stem, real, results }, row) => {
      const files = [labels.get(stem)!, results[method] ?? real, ...(reading.resize === 'real' ? [real] : [])];
      const key = keyOf('segmentation', COUNTING_VERSION, digest, reading, files.map(fileIdentity));
      const kept = observed.get(key);
      if (kept instanceof Float32Array) counts[row] = kept;
      return key;
    }),
  );
  const isOpen = (row: number) => !measured.failed.has(row) && table.some(counts => counts[row] === undefined);
  const open = [...rows.keys()].filter(isOpen);
  let done = rows.length - open.length;
  for (const row of open) {
    if (signal?.aborted) break;
    const { stem, real, results } = rows[row]!;
    try {
      const map = labels.get(stem)!;
      const truth = await readCompared(real, reading);
      const scene = await readSceneLabels(map, segmenter);
      for (const [method, file] of [...results, real].entries()) {
        if (table[method]![row] !== undefined) continue;
        const image = file === real ? truth : await readCompared(file, reading);
        const [sized] = alike(image, truth, reading, [file, real]);
        expectSize(sized, file, scene, map, reading);
        const counts = await countScene(segmenter, scene, asRaster(sized), file);
        table[method]![row] = counts;
        observed.put(keys[method]![row]!, counts);
      }
    } catch (error) {
      measured.failed.set(row, blame(rows[row]!, methods, error));
    }
    onProgress?.(++done, rows.length, 'images segmented');
    // A segmenter on the CPU does not wait for anything, and Ctrl-C is seen between turns alone.
    await nextTurn();
  }
  return table;
}

/** Back to the scale of images as files have them. */
function asRaster(image: ComparedImage): ImageRaster {
  const { data } = image;
  return data instanceof Uint8Array
    ? { ...image, data }
    : { ...image, data: Float32Array.from(data, value => value / WHITE) };
}

/** Only a size that was asked for may be another than the label map's. */
function expectSize(
  { width, height }: ComparedImage,
  file: string,
  labels: SceneLabels,
  map: string,
  { resize }: Reading,
): void {
  if (typeof resize === 'object' || (width === labels.width && height === labels.height)) return;
  throw new UserError({
    code: 'SIZE_MISMATCH',
    doing: 'comparing an image with its label map',
    where: file,
    found: `${width}×${height}`,
    expected: `${labels.width}×${labels.height}, as ${map}`,
    remedy: `give --resize ${labels.width}x${labels.height} to bring images to that size, or use label maps of the images' size`,
  });
}
