/**
 * From the maps of an image to the planes of style features that its objects get. Depends on instances and choices of styles.
 */
import { findInstances, type Instance } from './instances.js';
import type { StyleBook } from './style-book.js';
import { chooseStyle, type StyleChoices } from './style-choices.js';

/** The maps of one image. */
export interface SceneMaps {
  readonly width: number;
  readonly height: number;
  /** Class ids, (H, W). */
  readonly label?: Int32Array;
  /** Instance ids, (H, W). */
  readonly instance?: Int32Array;
}

/**
 * The ids that have a style each: of the instances, or with styles per class of the labels.
 *
 * @param labelFeat whether each class has a style, rather than each instance.
 * @throws TypeError where there is no such map.
 */
export function styledIds({ label, instance }: Pick<SceneMaps, 'label' | 'instance'>, labelFeat: boolean): Int32Array {
  const ids = labelFeat ? label : instance;
  if (ids === undefined)
    throw new TypeError(labelFeat ? 'styles per class need label maps' : 'styles per instance need instance maps');
  return ids;
}

/** The objects of an image that have a style each; see {@link styledIds}. */
export function styledInstances(maps: SceneMaps, labelFeat: boolean): Instance[] {
  return findInstances(styledIds(maps, labelFeat), maps.label, maps.width, maps.height);
}

/**
 * The style features of an image: for every object those that are chosen for it.
 *
 * @param seed of random styles, see {@link chooseStyle}.
 * @returns (featNum, H, W).
 */
export function choosePlanes(
  book: StyleBook,
  choices: StyleChoices,
  seed: number,
  maps: SceneMaps,
  labelFeat: boolean,
): Float32Array {
  const instances = styledInstances(maps, labelFeat);
  const styleOf = (instance: Instance) => chooseStyle(book, choices, seed, instance);
  return stylePlanes(styledIds(maps, labelFeat), instances, styleOf, book.featNum);
}

/**
 * The style features of an instance, read from planes that are constant over it: the reverse of {@link stylePlanes}.
 * @param planes (featNum, H, W).
 */
export function featuresAt(planes: Float32Array, { first }: Instance, featNum: number): Float32Array {
  const plane = planes.length / featNum;
  return Float32Array.from({ length: featNum }, (_, c) => planes[c * plane + first]!);
}

/**
 * Fills planes with style features: every pixel gets those of its instance.
 *
 * @param ids instance ids, (H, W).
 * @param instances those of the map, as {@link findInstances} lists them.
 * @returns (featNum, H, W).
 * @throws RangeError where the map holds an id that is not listed.
 */
export function stylePlanes(
  ids: Int32Array,
  instances: readonly Instance[],
  styleOf: (instance: Instance) => ArrayLike<number>,
  featNum: number,
): Float32Array {
  const features = new Map(instances.map(instance => [instance.id, styleOf(instance)]));
  const planes = new Float32Array(featNum * ids.length);
  for (let start = 0; start < ids.length; ) {
    const id = ids[start]!;
    let end = start + 1;
    while (end < ids.length && ids[end] === id) end++;
    const values = features.get(id);
    if (values === undefined) throw new RangeError(`stylePlanes: instance ${id} is not among those listed`);
    for (let c = 0; c < featNum; c++) planes.fill(values[c]!, c * ids.length + start, c * ids.length + end);
    start = end;
  }
  return planes;
}
