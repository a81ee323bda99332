/**
 * Label Studio's JSON export: one file for a set, a list of tasks. Depends on the common form, `rings.ts` and
 * `brush-runs.ts`. Source: labelstud.io, "Label Studio JSON format of annotated tasks" and the tags' results.
 *
 * Coordinates are in percent of the image's sides; the corner of a rectangle is the one about which it is turned.
 */
import type { AnnotatedImage, AnnotationSet, ReadOptions, Ring, Shape, Size } from './annotations.js';
import { brushMask } from './brush-runs.js';
import { described, type Field } from './field.js';
import { ellipse, pointsRing, rectangle, type Scale, turned } from './rings.js';
import { checkedSize, measuredSize } from './size.js';
import { ImageNames, sortedNames, Tally } from './tally.js';

/** How far a percentage may overshoot 0 or 100, which dragging and rounding do. */
const TOLERANCE = 1;

const WITH_AREA = ['polygonlabels', 'rectanglelabels', 'ellipselabels', 'brushlabels'];

/** Results with an area that are not read: without a label of their own, or in another form. */
const UNREAD = new Set([
  'polygon',
  'rectangle',
  'ellipse',
  'brush',
  'bitmask',
  'bitmasklabels',
  'vectorlabels',
  'labels',
]);

/**
 * A set of Label Studio. Classes are sorted by name. Tasks without an annotation, or with one that was skipped, are left out
 * and counted; of several annotations the one that is marked as the ground truth counts.
 *
 * @throws UserError naming the file and the field where something is missing or wrong.
 */
export function labelStudioSet(root: Field, options: ReadOptions): AnnotationSet {
  const tally = new Tally();
  const names = new ImageNames();
  const classes = new Set<string>();
  const images = root.items().flatMap(task => {
    const annotation = annotationOf(task);
    if (annotation === undefined) {
      tally.add('task without annotation');
      return [];
    }
    const image = imageName(task.get('data'));
    names.add(image, task.source, task.path);
    for (const { className } of shapesOf(annotation, tally)) classes.add(className);
    const read = async (): Promise<AnnotatedImage> => {
      const place = `${annotation.path}.result: original_width and original_height`;
      const size = sizeIn(annotation) ?? (await measuredSize(task.source, place, image, options));
      return { image, ...size, shapes: shapesOf(annotation) };
    };
    return [{ image, read }];
  });
  return { format: 'label-studio', classes: sortedNames(classes), images, notices: tally.notices() };
}

/** The one annotation of a task that counts; `undefined` where there is none. */
function annotationOf(task: Field): Field | undefined {
  if (task.optional('annotations') === undefined && task.optional('completions') === undefined)
    throw task.fault('no annotations', 'a task with its annotations', {
      remedy: 'export the project as JSON, not as JSON-MIN or CSV',
    });
  const all = (task.optional('annotations') ?? task.get('completions')).items();
  const done = all.filter(one => one.optional('was_cancelled')?.value !== true);
  const truths = done.filter(one => one.optional('ground_truth')?.value === true);
  const counting = truths.length > 0 ? truths : done;
  if (counting.length > 1)
    throw task
      .get('annotations')
      .fault(`${counting.length} annotations of one image`, 'one, or one that is marked as the ground truth', {
        remedy: 'mark one of them as the ground truth, or delete the others, and export again',
      });
  return counting[0];
}

/** `data.image`, or the only text in `data`. */
function imageName(data: Field): string {
  const named = data.optional('image');
  if (named !== undefined) return named.text();
  const texts = Object.entries(data.value as object).filter(([, value]) => typeof value === 'string');
  if (texts.length !== 1)
    throw data.fault(`${texts.length} texts, none named image`, 'image, or one text: the name of the image');
  return data.get(texts[0]![0]).text();
}

/** The size that all results agree on; `undefined` where there is none. */
function sizeIn(annotation: Field): Size | undefined {
  const results = annotation.get('result').items();
  const sized = results.filter(result => result.optional('original_width') ?? result.optional('original_height'));
  const sizes = sized.map(sizeOfResult);
  const odd = sizes.findIndex(({ width, height }) => width !== sizes[0]!.width || height !== sizes[0]!.height);
  if (odd > 0)
    throw sized[odd]!.fault(
      `${sizes[odd]!.width}×${sizes[odd]!.height}`,
      `${sizes[0]!.width}×${sizes[0]!.height} as before`,
      {
        code: 'SIZE_MISMATCH',
      },
    );
  return sizes[0];
}

function sizeOfResult(result: Field): Size {
  const [width, height] = [result.optional('original_width')?.value, result.optional('original_height')?.value];
  return checkedSize(result.source, `${result.path}.original_width and original_height`, width, height);
}

function shapesOf(annotation: Field, tally?: Tally): Shape[] {
  sizeIn(annotation);
  return annotation
    .get('result')
    .items()
    .flatMap(result => {
      const type = result.get('type');
      const kind = type.text();
      if (WITH_AREA.includes(kind)) return shapeOf(result, kind);
      if (UNREAD.has(kind))
        throw type.fault(described(kind), `regions with their labels: ${WITH_AREA.join(', ')}`, {
          remedy: 'label with PolygonLabels, RectangleLabels, EllipseLabels or BrushLabels',
        });
      tally?.add(kind);
      return [];
    });
}

function shapeOf(result: Field, kind: string): Shape {
  const value = result.get('value');
  const labels = value.get(kind);
  if (labels.array().length !== 1) throw labels.fault(`${labels.array().length} labels`, 'one label');
  const facts = { className: labels.at(0).text(), crowd: false };
  for (const name of ['image_rotation', 'item_index']) {
    const field = result.optional(name);
    if (field !== undefined && field.value !== 0)
      throw field.fault(described(field.value), '0: one image, as its file has it', {
        remedy: 'turn the image file itself, or give each image a task of its own',
      });
  }
  const size = sizeOfResult(result);
  if (kind === 'brushlabels') return { ...facts, mask: brushMask(value, size) };
  return { ...facts, rings: [ringOfKind(value, kind, size)], fill: 'even-odd' };
}

function ringOfKind(value: Field, kind: string, size: Size): Ring {
  if (kind === 'polygonlabels') {
    const points = value.get('points');
    return pointsRing(points, percentOf(size, points));
  }
  const side = (name: string, axis: 0 | 1) => {
    const field = value.get(name);
    return percentOf(size, field)(field.number(), axis);
  };
  const rotation = value.optional('rotation')?.number() ?? 0;
  const [x, y] = [side('x', 0), side('y', 1)];
  if (kind === 'ellipselabels') return turned(ellipse(x, y, side('radiusX', 0), side('radiusY', 1)), rotation, x, y);
  return turned(rectangle(x, y, x + side('width', 0), y + side('height', 1)), rotation, x, y);
}

/** Percent to pixels. */
function percentOf({ width, height }: Size, field: Field): Scale {
  return (value, axis) => {
    if (value < -TOLERANCE || value > 100 + TOLERANCE)
      throw field.fault(`${value}`, "percent of the image's sides, 0 to 100");
    return (value / 100) * (axis === 0 ? width : height);
  };
}
