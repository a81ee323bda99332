/**
 * Reads annotations of any of the formats, which it recognises. Depends on the readers of this folder and on the walk
 * through folders.
 */
import { statSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';
import { walkFolder } from '../../data/find/walk.js';
import { reasonOf, UserError } from '../../errors.js';
import { type AnnotationFormat, type AnnotationSet, annotationFormats, type ReadOptions } from './annotations.js';
import { cocoSet, isCoco } from './coco.js';
import { cvatSet } from './cvat.js';
import { type Field, faultIn, type SourceFile } from './field.js';
import { labelStudioSet } from './label-studio.js';
import { isLabelMe, labelMeSet } from './labelme.js';
import { parseJson, readText } from './text-files.js';
import { looksLikeYolo, yoloLabels, yoloSet } from './yolo.js';

const titles: Readonly<Record<AnnotationFormat, string>> = {
  labelme: 'LabelMe annotations',
  coco: 'COCO annotations',
  yolo: 'YOLO labels',
  cvat: 'CVAT annotations',
  'label-studio': 'Label Studio annotations',
};

/**
 * Reads annotations, and checks every shape of them.
 *
 * @param path a file, or a folder with one: for LabelMe and YOLO the folder of the files, those in folders below included.
 * @throws UserError naming the file and the field where something is missing or wrong, or the format is none of those read.
 *
 * @example
 * ```ts
 * const set = await readAnnotations('instances_val2017.json');
 * for (const entry of set.images) {
 *   const { label, instance } = rasterise(await entry.read(), set.classes);
 * }
 * ```
 */
export async function readAnnotations(path: string, options: ReadOptions = {}): Promise<AnnotationSet> {
  const { files, root } = filesAt(path);
  const found =
    options.format === undefined ? await recognised(files, root, path) : chosen(files, root, options.format);
  if (found.files.length === 0) throw unknown(path, 'no file with annotations');
  const set = await readSet(found, root, options);
  if (set.images.length === 0) throw unknown(path, `${titles[set.format]} without an image`);
  return set;
}

/** Files of one format; the text and the parsed content of the first, where they have been read. */
interface Found {
  readonly format: AnnotationFormat;
  readonly files: readonly string[];
  readonly text?: string;
  readonly json?: Field;
}

async function readSet(
  { format, files, text, json }: Found,
  root: string,
  options: ReadOptions,
): Promise<AnnotationSet> {
  if (format === 'labelme') return labelMeSet(files, root, options);
  if (format === 'yolo') return yoloSet(files, root, options);
  if (files.length > 1)
    throw unknown(
      root,
      `${files.length} files: ${files
        .slice(0, 3)
        .map(file => basename(file))
        .join(', ')} …`,
      {
        expected: `one file of ${titles[format]}`,
        remedy: 'name the file',
      },
    );
  const source: SourceFile = { path: files[0]!, what: titles[format] };
  const content = text ?? (json === undefined ? await readText(source) : '');
  if (format === 'cvat') return cvatSet(source, content);
  const parsed = json ?? parseJson(source, content);
  return format === 'coco' ? cocoSet(parsed, options) : labelStudioSet(parsed, options);
}

/** The files at a path in a fixed order, and the folder to which names are relative. */
function filesAt(path: string): { readonly files: readonly string[]; readonly root: string } {
  try {
    if (!statSync(path).isDirectory()) {
      const isList = ['.yaml', '.yml'].includes(extname(path).toLowerCase());
      return isList ? filesAt(dirname(path)) : { files: [path], root: dirname(path) };
    }
  } catch (cause) {
    throw new UserError(
      {
        code: 'FILE_NOT_FOUND',
        doing: 'reading annotations',
        where: path,
        found: reasonOf(cause),
        remedy: 'give the path of a file or folder with annotations',
      },
      { cause },
    );
  }
  return { files: walkFolder(path).files, root: path };
}

function withEnding(files: readonly string[], ending: string): string[] {
  return files.filter(file => extname(file).toLowerCase() === ending);
}

/** The files that a format which is given has among others; a single file is taken whatever its name. */
function chosen(files: readonly string[], root: string, format: AnnotationFormat): Found {
  if (files.length === 1) return { format, files };
  if (format === 'yolo') return { format, files: yoloLabels(files, root) };
  return { format, files: withEnding(files, format === 'cvat' ? '.xml' : '.json') };
}

async function recognised(files: readonly string[], root: string, path: string): Promise<Found> {
  const kinds = [withEnding(files, '.json'), withEnding(files, '.xml'), yoloLabels(files, root)];
  const present = kinds.filter(kind => kind.length > 0);
  if (present.length > 1)
    throw unknown(
      path,
      `files that may be annotations of ${present.length} formats: ${present.map(([file]) => basename(file!)).join(', ')}`,
      {
        expected: 'annotations of one format',
        remedy: `name the file, or the format: ${annotationFormats.join(', ')}`,
      },
    );
  const candidates = present[0] ?? (files.length === 1 ? files : []);
  const [first] = candidates;
  if (first === undefined) throw unknown(path, 'no file with annotations');
  const source: SourceFile = { path: first, what: 'annotations' };
  const text = await readText(source);
  const start = text.trimStart();
  if (start.startsWith('<')) return { format: 'cvat', files: candidates, text };
  if (!start.startsWith('{') && !start.startsWith('[')) {
    if (kinds[2]!.length > 0 && (start === '' || looksLikeYolo(start))) return { format: 'yolo', files: candidates };
    throw unknown(first, start === '' ? 'an empty file' : `a text that begins ${JSON.stringify(start.slice(0, 30))}`);
  }
  const json = parseJson(source, text);
  return { ...formatOfJson(json), files: candidates };
}

function formatOfJson(json: Field): { readonly format: AnnotationFormat; readonly json: Field } {
  const format = Array.isArray(json.value)
    ? 'label-studio'
    : isLabelMe(json.value)
      ? 'labelme'
      : isCoco(json.value)
        ? 'coco'
        : undefined;
  if (format !== undefined) return { format, json: json.of({ ...json.source, what: titles[format] }) };
  const keys = Object.keys(json.value as object)
    .slice(0, 5)
    .join(', ');
  throw faultIn(
    json.source,
    '',
    `JSON with the fields ${keys === '' ? '(none)' : keys}`,
    'shapes and imagePath (LabelMe), images, annotations and categories (COCO), or a list of tasks (Label Studio)',
    { remedy: 'export the annotations in one of these formats' },
  );
}

function unknown(
  where: string,
  found: string,
  { expected, remedy }: { expected?: string; remedy?: string } = {},
): UserError {
  return new UserError({
    code: 'NO_IMAGES',
    doing: 'reading annotations',
    where,
    found,
    expected: expected ?? `annotations of LabelMe, COCO, YOLO (segmentation), CVAT for images 1.1 or Label Studio`,
    remedy: remedy ?? 'name the file or folder with the annotations',
  });
}
