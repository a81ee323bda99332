/**
 * Images and the file or folder of annotations that people drew on them. Depends on polygons/ and data.
 */
import { basename } from 'node:path';
import { readHeader } from '../data/files/header.js';
import { stemOf } from '../data/find/stems.js';
import type { LabelClass } from '../data/labels/classes.js';
import { UserError } from '../errors.js';
import { labelColours } from '../report/colour-labels.js';
import type { Step } from './make.js';
import type { AnnotationEntry, AnnotationFormat } from './polygons/annotations.js';
import { type Background, labelIds } from './polygons/label-ids.js';
import { rasterise } from './polygons/rasterise.js';
import { readAnnotations } from './polygons/read-annotations.js';
import type { Material, RawPair } from './raw-pair.js';
import type { NamedFile } from './sources/match.js';

/** How annotations become maps. */
export interface AnnotatedOptions {
  readonly format: AnnotationFormat | 'auto';
  readonly background: Background;
  readonly order: 'given' | 'smaller-above';
}

/** Images with annotations, and the step that draws their maps. */
export interface AnnotatedMaterial {
  readonly material: Material;
  readonly step: Step;
  readonly classes: readonly LabelClass[];
}

/**
 * Pairs images with their annotations, by the names that these have: with folders where that is told apart, else without.
 *
 * @param images of the folder.
 * @param path the file or folder of annotations.
 * @throws UserError naming file and field where an annotation is wrong, or where no image has any.
 */
export async function annotatedMaterial(
  images: readonly NamedFile[],
  path: string,
  { format, background, order }: AnnotatedOptions,
): Promise<AnnotatedMaterial> {
  const whole = new Map(images.map(image => [stemOf(image.name), image]));
  const bare = new Map<string, NamedFile | null>();
  // A name that two images of different folders have tells neither.
  for (const image of images) bare.set(bareStem(image.name), bare.has(bareStem(image.name)) ? null : image);
  const imageOf = (name: string) => whole.get(stemOf(name)) ?? bare.get(bareStem(name)) ?? undefined;
  const sizeOf = async (name: string) => {
    const image = imageOf(name);
    if (image !== undefined) return readHeader(image.file);
    throw new UserError({
      code: 'PARTNER_MISSING',
      doing: 'looking for the image of an annotation',
      where: path,
      found: `an annotation of ${name}`,
      expected: 'an image of that name in the folder',
      remedy: 'give the folder of the images, or remove the annotation',
    });
  };
  const set = await readAnnotations(path, { sizeOf, ...(format !== 'auto' && { format }) });
  const entries = new Map<string, AnnotationEntry>();
  const leftOut = [];
  const pairs: RawPair[] = [];
  for (const entry of set.images) {
    const image = imageOf(entry.image);
    if (image === undefined)
      leftOut.push({ file: entry.image, why: 'is annotated, but no image of that name is there' });
    else if (entries.has(image.file))
      leftOut.push({ file: entry.image, why: `is another annotation of ${image.file}` });
    else {
      entries.set(image.file, entry);
      pairs.push({ stem: stemOf(image.name), parts: { image: { file: image.file } } });
    }
  }
  for (const { file } of images) if (!entries.has(file)) leftOut.push({ file, why: 'has no annotation' });
  const what = `images with ${titles[set.format]}`;
  return {
    material: { what, pairs: pairs.sort((a, b) => (a.stem < b.stem ? -1 : 1)), leftOut },
    classes: classList(set.classes, background),
    step: async (made, pair) => {
      const { file } = pair.parts.image!;
      const annotated = await entries.get(file)!.read();
      await checkSize(file, annotated);
      const { label, instance } = rasterise(annotated, set.classes, { background, order });
      return {
        ...made,
        label: { kind: 'pixels', pixels: label, file: path },
        instance: { kind: 'pixels', pixels: instance, file: path },
      };
    },
  };
}

const titles: Readonly<Record<AnnotationFormat, string>> = {
  labelme: 'annotations of LabelMe',
  coco: 'annotations in the format of COCO',
  yolo: 'labels in the format of YOLO',
  cvat: 'annotations of CVAT',
  'label-studio': 'annotations of Label Studio',
};

async function checkSize(file: string, { width, height }: { width: number; height: number }): Promise<void> {
  const header = await readHeader(file);
  if (header.width === width && header.height === height) return;
  throw new UserError({
    code: 'SIZE_MISMATCH',
    doing: 'drawing the label map of an image',
    where: file,
    found: `an image of ${header.width}×${header.height} pixels, annotated as one of ${width}×${height}`,
    expected: 'one size',
    remedy: 'export the annotations again, or give the images that they were drawn on',
  });
}

/** The classes as `classes.json` has them: every index up to the last, 255 without a class among them. */
function classList(names: readonly string[], background: Background): LabelClass[] {
  const ids = labelIds(names, background);
  const count = ids.at(-1)!.id + 1;
  const colours = labelColours(count);
  const known = new Map(ids.map(({ id, name }) => [id, name]));
  return Array.from({ length: count }, (_, id) => ({
    id,
    name: known.get(id) ?? 'no class',
    colour: `#${colours[id]!.map(value => value.toString(16).padStart(2, '0')).join('')}`,
    countable: background === 'ignore' || id > 0,
  }));
}

function bareStem(name: string): string {
  return stemOf(basename(name.replaceAll('\\', '/')));
}
