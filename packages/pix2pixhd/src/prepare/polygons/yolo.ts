/**
 * YOLO's segmentation labels: a text file an image, in each line a class and the corners of a polygon in fractions of the
 * image's sides. Depends on the common form and `rings.ts`. Source: docs.ultralytics.com/datasets/segment.
 *
 * Names of classes are in `data.yaml` (`names`) or `classes.txt` (one a line), in the folder of the labels or above it.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import { UserError } from '../../errors.js';
import type { AnnotationEntry, AnnotationSet, ReadOptions, Shape } from './annotations.js';
import { described, type Field, faultIn, type SourceFile } from './field.js';
import { ringOf } from './rings.js';
import { measuredSize } from './size.js';
import { ImageNames } from './tally.js';
import { readText, readYaml } from './text-files.js';

const NAMES_FILES = ['data.yaml', 'data.yml', 'dataset.yaml', 'classes.txt'];
/** How many folders above the labels the names may be: `data/labels/train`, or `data/train/labels`. */
const LEVELS_ABOVE = 3;
/** How far a coordinate may overshoot 0 or 1, which rounding does. */
const TOLERANCE = 0.01;

/** Whether a text file holds labels, by its first line: whole number, then numbers. */
export function looksLikeYolo(text: string): boolean {
  const [line] = text.split('\n', 1);
  return /^\d+(\s+[-+.\deE]+){4,}$/.test(line!.trim());
}

/** The files of a folder that hold labels: those in folders named `labels`, where there are any; else all but lists of names. */
export function yoloLabels(paths: readonly string[], root: string): string[] {
  const texts = paths.filter(path => extname(path).toLowerCase() === '.txt');
  const inLabels = texts.filter(path => relative(root, dirname(path)).split(sep).includes('labels'));
  const own = inLabels.length > 0 ? inLabels : texts;
  return own.filter(path => !NAMES_FILES.includes(basename(path)) && !/^readme/i.test(basename(path)));
}

/**
 * A set of label files. Classes are in the order of their indices. An image is named by the path of its labels below `root`
 * without the ending, `images` in place of the last `labels`; a file without lines is an image without objects.
 *
 * @throws UserError naming the file and the line where something is wrong.
 */
export async function yoloSet(paths: readonly string[], root: string, options: ReadOptions): Promise<AnnotationSet> {
  const classes = await readNames(options.classesFile ?? findNames(root));
  const names = new ImageNames();
  const images: AnnotationEntry[] = [];
  for (const path of paths) {
    const source: SourceFile = { path, what: 'YOLO labels' };
    const image = imageName(relative(root, path));
    names.add(image, source, '');
    await shapesOf(source, classes, [1, 1]);
    const read = async () => {
      const size = await measuredSize(source, '', image, options);
      return { image, ...size, shapes: await shapesOf(source, classes, [size.width, size.height]) };
    };
    images.push({ image, read });
  }
  return { format: 'yolo', classes, images, notices: [] };
}

function imageName(path: string): string {
  const parts = path.slice(0, -extname(path).length).split(sep);
  const labels = parts.lastIndexOf('labels', parts.length - 2);
  if (labels >= 0) parts[labels] = 'images';
  return parts.join('/');
}

function findNames(root: string): string {
  let folder = root;
  for (let level = 0; level <= LEVELS_ABOVE; level++) {
    const found = NAMES_FILES.map(name => join(folder, name)).find(path => existsSync(path));
    if (found !== undefined) return found;
    folder = dirname(folder);
  }
  throw new UserError({
    code: 'FILE_NOT_FOUND',
    doing: 'reading YOLO labels',
    where: root,
    found: 'no names of the classes, here or in the folders above',
    expected: 'data.yaml with names, or classes.txt with one name a line',
    remedy: 'put one of the two beside the labels',
  });
}

async function readNames(path: string): Promise<string[]> {
  const source: SourceFile = { path, what: 'the names of YOLO classes' };
  const names = extname(path).toLowerCase() === '.txt' ? await listedNames(source) : namesIn(await readYaml(source));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw faultIn(source, 'names', `${twice} twice`, 'names that differ');
  if (names.length === 0) throw faultIn(source, 'names', 'no name', 'at least one');
  return names;
}

async function listedNames(source: SourceFile): Promise<string[]> {
  const lines = (await readText(source)).trimEnd().split(/\r?\n/);
  return lines.map((line, i) => {
    if (line.trim() === '') throw faultIn(source, `line ${i + 1}`, 'an empty line', 'the name of a class');
    return line.trim();
  });
}

/** `names`: a list, or a map from the indices 0, 1, 2 …; numbers and words such as `yes` are names too. */
function namesIn(file: Field): string[] {
  const names = file.get('names');
  const { value } = names;
  const entries = Array.isArray(value) ? names.items() : mapped(names);
  return entries.map(entry =>
    typeof entry.value === 'object' ? entry.text() : entry.with(String(entry.value)).text(),
  );
}

function mapped(names: Field): Field[] {
  const { value } = names;
  if (typeof value !== 'object' || value === null) throw names.fault(described(value), 'a list of names');
  const indices = Object.keys(value);
  return indices.map((_, i) => {
    const entry = names.optional(String(i));
    if (entry === undefined)
      throw names.fault(`no name for ${i}`, `the indices 0 to ${indices.length - 1}, each with its name`);
    return entry;
  });
}

async function shapesOf(
  source: SourceFile,
  classes: readonly string[],
  sides: readonly [width: number, height: number],
): Promise<Shape[]> {
  const shapes: Shape[] = [];
  for (const [i, line] of (await readText(source)).split(/\r?\n/).entries())
    if (line.trim() !== '') shapes.push(shapeOf(line.trim().split(/\s+/), source, `line ${i + 1}`, classes, sides));
  return shapes;
}

function shapeOf(
  words: readonly string[],
  source: SourceFile,
  place: string,
  classes: readonly string[],
  sides: readonly [width: number, height: number],
): Shape {
  const fault = (found: string, expected: string) => faultIn(source, place, found, expected);
  const [index, ...coordinates] = words.map(word => (/^[-+.\deE]+$/.test(word) ? Number(word) : Number.NaN));
  if (!Number.isInteger(index) || index! < 0) throw fault(`${words[0]} first`, 'the index of a class, then x and y …');
  const className = classes[index!];
  if (className === undefined)
    throw faultIn(
      source,
      place,
      `the class ${index}`,
      `0 to ${classes.length - 1}, as there are ${classes.length} names`,
      {
        code: 'LABEL_OUT_OF_RANGE',
        remedy: 'correct the line, or add the name of the class',
      },
    );
  if (coordinates.length === 4)
    throw faultIn(source, place, 'a box (4 numbers)', 'a polygon: x and y of at least 3 points', {
      remedy: 'export the labels of a segmentation set: boxes do not say which pixels are an object',
    });
  const ring = ringOf(coordinates, fault, (value, axis) => {
    if (value < -TOLERANCE || value > 1 + TOLERANCE)
      throw fault(`a coordinate of ${value}`, "fractions of the image's sides, 0 to 1");
    return value * sides[axis]!;
  });
  return { className, crowd: false, rings: [ring], fill: 'even-odd' };
}
