/**
 * Shapes to a label map and an instance map. Depends on `spans.ts`, `label-ids.ts`, the label value for "no class" and
 * raster.ts for types.
 */
import { IGNORE_LABEL, ignoredLabel } from '../../data/labels/values.js';
import { UserError } from '../../errors.js';
import type { IdMap } from '../../raster.js';
import type { AnnotatedImage, Shape } from './annotations.js';
import { BACKGROUND_NAME, type Background, labelIds } from './label-ids.js';
import { type Spans, spansOf } from './spans.js';

/** How shapes become maps. */
export interface RasteriseOptions {
  /** What pixels are that no shape covers; default `class`. */
  readonly background?: Background;
  /**
   * Which of two shapes lies above: the later one (`given`, the default), or the one with fewer pixels (`smaller-above`), and
   * the later of two with as many.
   */
  readonly order?: 'given' | 'smaller-above';
}

/** The maps of one image. */
export interface AnnotationMaps {
  /** (H, W): ids as `labelIds` has them, 255 for no class, of 8 bits; of 16 with 65535 where there are more than 255 classes. */
  readonly label: IdMap;
  /** (H, W), 16 bits: 1 … n for the n objects that are seen, in drawing order; 0 where there is none. */
  readonly instance: IdMap;
}

const MOST_OBJECTS = 65535;

const SHORT_SPAN = 32;

/**
 * Draws the shapes of an image: a pixel is that of the uppermost shape whose area has its centre. Crowds have no class and are no
 * object; so is the background, unless it is a class.
 *
 * @param classes names in the order of their ids: a set's own, or the caller's.
 * @throws UserError where a shape's class is not among them, or more than 65535 objects are seen.
 *
 * @example
 * ```ts
 * const { label, instance } = rasterise(await set.images[0]!.read(), set.classes, { order: 'smaller-above' });
 * ```
 */
export function rasterise(
  image: AnnotatedImage,
  classes: readonly string[],
  { background = 'class', order = 'given' }: RasteriseOptions = {},
): AnnotationMaps {
  const { width, height, shapes } = image;
  const ids = labelIds(classes, background);
  const noClass = ignoredLabel(ids.length);
  const labels = labelsOfShapes(image, new Map(ids.map(({ id, name }) => [name, id])), noClass);
  // Which shape each pixel is of, from 1; 0 for none.
  const owners = paintedOwners(image, order);
  const objects = objectsOfShapes(shapes, seenIn(owners, shapes.length), background);
  if (objects.count > MOST_OBJECTS) throw tooMany(image, objects.count);
  labels.unshift(background === 'class' ? 0 : noClass);
  const label = ids.length > IGNORE_LABEL ? new Uint16Array(owners.length) : new Uint8Array(owners.length);
  const instance = new Uint16Array(owners.length);
  lookUp(owners, Uint16Array.from(labels), label);
  lookUp(owners, objects.ids, instance);
  return {
    label: { width, height, channels: 1, data: label },
    instance: { width, height, channels: 1, data: instance },
  };
}

/** The label of each shape. */
function labelsOfShapes(
  { image, shapes }: AnnotatedImage,
  ids: ReadonlyMap<string, number>,
  noClass: number,
): number[] {
  return shapes.map(({ className, crowd }) => {
    const id = crowd ? noClass : ids.get(className);
    if (id !== undefined) return id;
    throw new UserError({
      code: 'LABEL_OUT_OF_RANGE',
      doing: 'drawing annotations',
      where: image,
      found: `a shape of the class ${className}`,
      expected: `one of the classes: ${[...ids.keys()].slice(0, 20).join(', ')}`,
      remedy: 'add the class to the list, or remove the shape',
    });
  });
}

function paintedOwners({ width, height, shapes }: AnnotatedImage, order: 'given' | 'smaller-above'): Int32Array {
  const owners = new Int32Array(width * height);
  const layers = shapes.map((shape, i) => ({ owner: i + 1, spans: spansOf(shape, { width, height }) }));
  if (order === 'smaller-above') layers.sort((a, b) => b.spans.area - a.spans.area);
  for (const { owner, spans } of layers) paint(owners, width, spans, owner);
  return owners;
}

function lookUp(owners: Int32Array, table: Uint16Array, values: Uint8Array | Uint16Array): void {
  for (let i = 0; i < owners.length; i++) values[i] = table[owners[i]!]!;
}

function paint(owners: Int32Array, width: number, { triples }: Spans, owner: number): void {
  for (let i = 0; i < triples.length; i += 3) {
    const row = triples[i]! * width;
    const [from, to] = [row + triples[i + 1]!, row + triples[i + 2]!];
    // A short span is done before `fill` would have begun.
    if (to - from > SHORT_SPAN) owners.fill(owner, from, to);
    else for (let at = from; at < to; at++) owners[at] = owner;
  }
}

/** Whether each shape, from 1, has a pixel that no other covers. */
function seenIn(owners: Int32Array, shapes: number): Uint8Array {
  const seen = new Uint8Array(shapes + 1);
  for (let i = 0; i < owners.length; i++) seen[owners[i]!] = 1;
  return seen;
}

/** The object of each shape, from 1 on; 0 for those that are none, and at the index 0, for no shape. */
function objectsOfShapes(
  shapes: readonly Shape[],
  seen: Uint8Array,
  background: Background,
): { readonly ids: Uint16Array; readonly count: number } {
  const ids = new Uint16Array(shapes.length + 1);
  const joined = new Map<string, number>();
  let last = 0;
  shapes.forEach(({ className, crowd, instance }, i) => {
    if (crowd || seen[i + 1] === 0 || (background === 'class' && className === BACKGROUND_NAME)) return;
    if (instance === undefined) ids[i + 1] = ++last;
    else {
      const key = JSON.stringify([className, instance]);
      const object = joined.get(key) ?? ++last;
      joined.set(key, object);
      ids[i + 1] = object;
    }
  });
  return { ids, count: last };
}

function tooMany({ image }: AnnotatedImage, found: number): UserError {
  return new UserError({
    code: 'IMAGE_UNSUITABLE',
    doing: 'drawing annotations',
    where: image,
    found: `${found} objects`,
    expected: `at most ${MOST_OBJECTS}, the ids of 16 bits`,
    remedy: 'cut the image into parts, or join shapes into one object',
  });
}
