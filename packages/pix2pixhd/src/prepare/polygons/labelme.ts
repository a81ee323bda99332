/**
 * LabelMe: one JSON file an image. Depends on the common form, `rings.ts`, `runs.ts` and the reader of image files. Source:
 * the files and the public tool (github.com/wkentaro/labelme).
 *
 * Files are read twice, once to find classes and mistakes, and again when an image's shapes are asked for: they often hold
 * the image itself (`imageData`), which is not kept.
 */
import { dirname, posix, relative, sep } from 'node:path';
import { openImage } from '../../data/files/open-image.js';
import { reasonOf } from '../../errors.js';
import type { AnnotatedImage, AnnotationSet, Mask, ReadOptions, Ring, Shape, Size } from './annotations.js';
import { described, type Field, type SourceFile } from './field.js';
import { ellipse, pointsRing, rectangle } from './rings.js';
import { runsOfPixels } from './runs.js';
import { checkedSize, measuredSize } from './size.js';
import { ImageNames, sortedNames, Tally } from './tally.js';
import { readJson } from './text-files.js';

/** Kinds that have no area. */
const WITHOUT_AREA = new Set(['line', 'linestrip', 'point', 'points']);

/** Labels to which LabelMe's own converters give a meaning: what is no class, and what is to be ignored. */
const BACKGROUND = '_background_';
const IGNORE = '__ignore__';

/** Whether a parsed JSON file is one of LabelMe. */
export function isLabelMe(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'shapes' in value && 'imagePath' in value;
}

/**
 * The LabelMe files of a set. Classes are sorted by name.
 *
 * @param root the folder to which the names of images are relative where files lie in folders below it.
 * @throws UserError naming the file and the field where something is missing or wrong.
 */
export async function labelMeSet(paths: readonly string[], root: string, options: ReadOptions): Promise<AnnotationSet> {
  const tally = new Tally();
  const names = new ImageNames();
  const classes = new Set<string>();
  const images = [];
  for (const path of paths) {
    const source: SourceFile = { path, what: 'LabelMe annotations' };
    const file = await readJson(source);
    const image = imageName(file, root);
    names.add(image, source, '');
    sizeIn(file);
    for (const shape of await shapesOf(file, tally)) if (!shape.crowd) classes.add(shape.className);
    const read = async (): Promise<AnnotatedImage> => {
      const again = await readJson(source);
      const size = sizeIn(again) ?? (await measuredSize(source, 'imageWidth and imageHeight', image, options));
      return { image, ...size, shapes: await shapesOf(again) };
    };
    images.push({ image, read });
  }
  return { format: 'labelme', classes: sortedNames(classes), images, notices: tally.notices() };
}

/** `imagePath`, with the way from the root to the file before it; Windows' separators become the common ones. */
function imageName(file: Field, root: string): string {
  const imagePath = file.get('imagePath').text().replaceAll('\\', '/');
  const folder = relative(root, dirname(file.source.path)).split(sep).join('/');
  return folder === '' ? imagePath : posix.join(folder, imagePath);
}

function sizeIn(file: Field): Size | undefined {
  const [width, height] = [file.optional('imageWidth'), file.optional('imageHeight')];
  if (width === undefined && height === undefined) return undefined;
  return checkedSize(file.source, 'imageWidth and imageHeight', width?.value, height?.value);
}

async function shapesOf(file: Field, tally?: Tally): Promise<Shape[]> {
  const shapes: Shape[] = [];
  for (const shape of file.get('shapes').items()) {
    const kind = shape.optional('shape_type')?.text() ?? 'polygon';
    if (WITHOUT_AREA.has(kind)) tally?.add(kind);
    else shapes.push(await shapeOf(shape, kind));
  }
  return shapes;
}

async function shapeOf(shape: Field, kind: string): Promise<Shape> {
  const label = shape.get('label').text();
  const group = shape.optional('group_id')?.integer();
  const facts = {
    className: label === BACKGROUND ? 'background' : label,
    crowd: label === IGNORE,
    ...(group === undefined ? {} : { instance: group }),
  };
  if (kind === 'mask') return { ...facts, mask: await maskOf(shape) };
  return { ...facts, rings: [ringOfKind(shape, kind)], fill: 'even-odd' };
}

function ringOfKind(shape: Field, kind: string): Ring {
  const points = shape.get('points');
  if (kind === 'polygon' || (kind === 'rectangle' && points.array().length === 4)) return pointsRing(points);
  if (kind !== 'rectangle' && kind !== 'circle')
    throw shape
      .get('shape_type')
      .fault(
        described(kind),
        'polygon, rectangle, circle, mask, or a kind without area: line, linestrip, point, points',
        {
          remedy: 'draw the shape as a polygon',
        },
      );
  const [x0, y0, x1, y1] = twoPoints(points);
  return kind === 'rectangle' ? rectangle(x0, y0, x1, y1) : circle(x0, y0, Math.hypot(x1 - x0, y1 - y0));
}

function circle(x: number, y: number, radius: number): Ring {
  return ellipse(x, y, radius, radius);
}

/** Two points: opposite corners, or a centre and a point of the circle. */
function twoPoints(points: Field): [x0: number, y0: number, x1: number, y1: number] {
  if (points.array().length !== 2) throw points.fault(`${points.array().length} point(s)`, '2 points');
  // A ring has three points at least: the first again.
  const [x0, y0, x1, y1] = pointsRing(repeated(points));
  return [x0!, y0!, x1!, y1!];
}

function repeated(points: Field): Field {
  const [first, second] = points.array();
  return points.with([first, second, first]);
}

/** A mask is a PNG in base64, which fills the box between two pixels, both included. */
async function maskOf(shape: Field): Promise<Mask> {
  const [x0, y0, x1, y1] = twoPoints(shape.get('points')).map(Math.trunc) as [number, number, number, number];
  const [width, height] = [x1 - x0 + 1, y1 - y0 + 1];
  const field = shape.get('mask');
  const decoded = await decodeMask(field);
  if (decoded.width !== width || decoded.height !== height)
    throw field.fault(`an image of ${decoded.width}×${decoded.height}`, `${width}×${height}, the box of its points`, {
      code: 'SIZE_MISMATCH',
    });
  const runs = runsOfPixels(width * height, i => decoded.data[i] !== 0);
  return { x: x0, y: y0, width, height, order: 'rows', runs };
}

async function decodeMask(field: Field): Promise<Size & { readonly data: Uint8Array }> {
  try {
    const image = openImage(Buffer.from(field.text(), 'base64')).extractChannel(0);
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data };
  } catch (cause) {
    throw field.fault(reasonOf(cause), 'a PNG in base64', { cause });
  }
}
