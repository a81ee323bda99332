/**
 * COCO instances: one JSON file for a set, with `images`, `annotations` and `categories`. Depends on the common form, on
 * `rings.ts` and `runs.ts`. Source: the format's description on cocodataset.org and its public tools.
 *
 * Polygons are in pixels; run-lengths follow columns. The parsed file stays in memory, shapes are made image by image.
 */
import type { AnnotationEntry, AnnotationSet, Mask, ReadOptions, Shape, Size } from './annotations.js';
import { described, type Field } from './field.js';
import { flatRing } from './rings.js';
import { checkedRuns, decompressedRuns } from './runs.js';
import { checkedSize, measuredSize } from './size.js';
import { ImageNames } from './tally.js';

/** Whether a parsed JSON file is a set of COCO. */
export function isCoco(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return 'annotations' in value && ('images' in value || 'categories' in value);
}

/**
 * A set of COCO. Classes are in the order of their category ids, which may have gaps; categories of one name are one class.
 *
 * @throws UserError naming the file and the field where something is missing or wrong in any annotation.
 */
export function cocoSet(root: Field, options: ReadOptions): AnnotationSet {
  const categories = categoryNames(root.get('categories'));
  const annotations = root.get('annotations');
  const byImage = new Map<number, { image: Field; annotations: number[] }>();
  const names = new ImageNames();
  for (const image of root.get('images').items()) {
    const id = image.get('id').integer();
    if (byImage.has(id)) throw image.get('id').fault(`the id ${id} a second time`, 'ids that differ');
    names.add(image.get('file_name').text(), image.source, image.path);
    sizeIn(image);
    byImage.set(id, { image, annotations: [] });
  }
  annotations.items().forEach((annotation, i) => {
    const id = annotation.get('image_id').integer();
    const entry = byImage.get(id);
    if (entry === undefined) throw annotation.get('image_id').fault(`${id}`, 'the id of one of the images');
    entry.annotations.push(i);
    shapeOf(annotation, categories, sizeIn(entry.image), options);
  });
  const entryOf = (image: Field, indices: readonly number[], name: string): AnnotationEntry => ({
    image: name,
    read: async () => {
      const size = sizeIn(image) ?? (await measuredSize(image.source, `${image.path}.width and height`, name, options));
      const shapes = indices.map(i => shapeOf(annotations.at(i), categories, size, options));
      return { image: name, ...size, shapes };
    },
  });
  return {
    format: 'coco',
    classes: [...new Set(categories.values())],
    images: [...byImage.values()].map(entry =>
      entryOf(entry.image, entry.annotations, entry.image.get('file_name').text()),
    ),
    notices: [],
  };
}

/** Names by category id, in the order of the ids. */
function categoryNames(categories: Field): Map<number, string> {
  const names = new Map<number, string>();
  for (const category of categories.items()) {
    const id = category.get('id').integer();
    if (names.has(id)) throw category.get('id').fault(`the id ${id} a second time`, 'ids that differ');
    names.set(id, category.get('name').text());
  }
  return new Map([...names].sort(([a], [b]) => a - b));
}

/** The size in an image's record; `undefined` where it has none. */
function sizeIn(image: Field): Size | undefined {
  const [width, height] = [image.optional('width'), image.optional('height')];
  if (width === undefined && height === undefined) return undefined;
  return checkedSize(image.source, `${image.path}.width and height`, width?.value, height?.value);
}

function shapeOf(
  annotation: Field,
  categories: ReadonlyMap<number, string>,
  size: Size | undefined,
  { cocoRings = 'union' }: ReadOptions,
): Shape {
  if (annotation.optional('segments_info') !== undefined)
    throw annotation.fault('segments_info, of a panoptic set', 'the annotation of one object', {
      remedy: 'give the instances file; the images of a panoptic set are maps already',
    });
  const category = annotation.get('category_id');
  const className = categories.get(category.integer());
  if (className === undefined) throw category.fault(described(category.value), 'the id of one of the categories');
  const crowd = isCrowd(annotation.optional('iscrowd'));
  const segmentation = annotation.get('segmentation');
  if (!Array.isArray(segmentation.value)) return { className, crowd, mask: maskOf(segmentation, size) };
  if (segmentation.value.length === 0)
    throw segmentation.fault('no polygon', 'at least one', {
      remedy: 'remove the annotation, or outline it: a bounding box alone does not say which pixels are its',
    });
  return { className, crowd, rings: segmentation.items().map(flatRing), fill: cocoRings };
}

function isCrowd(field: Field | undefined): boolean {
  if (field === undefined || field.value === 0 || field.value === false) return false;
  if (field.value === 1 || field.value === true) return true;
  throw field.fault(described(field.value), '0 or 1');
}

function maskOf(segmentation: Field, image: Size | undefined): Mask {
  const sides = segmentation.get('size');
  const [height, width] = sides.array();
  const size = checkedSize(sides.source, sides.path, width, height);
  if (image !== undefined && (size.width !== image.width || size.height !== image.height))
    throw sides.fault(`[${height}, ${width}]`, `[${image.height}, ${image.width}], the image's height and width`, {
      code: 'SIZE_MISMATCH',
    });
  const counts = segmentation.get('counts');
  const fault = (found: string, expected: string) => counts.fault(found, expected);
  const runs = typeof counts.value === 'string' ? decompressedRuns(counts.value, fault) : counts.array();
  return { x: 0, y: 0, ...size, order: 'columns', runs: checkedRuns(runs, size.width * size.height, fault) };
}
