/**
 * COCO's panoptic format: a PNG whose colours are numbers of segments, red + 256 green + 65536 blue, and a JSON file that says
 * what each segment is. Depends on zod, palette.ts, data/labels and errors.ts.
 */
import { z } from 'zod';
import { IGNORE_LABEL } from '../../data/labels/values.js';
import { vocColour } from '../../data/labels/voc-colour.js';
import { reasonOf, UserError } from '../../errors.js';
import type { IdMap, Raster } from '../../raster.js';
import { LARGEST_ID, type Palette } from './palette.js';

const byte = z.int().min(0).max(255);
const category = z.object({
  id: z.int().min(0),
  name: z.string().min(1),
  isthing: z.union([z.literal(0), z.literal(1)]).default(0),
  color: z.tuple([byte, byte, byte]).optional(),
});
const segment = z.object({
  id: z.int().min(1).max(0xffffff),
  category_id: z.int().min(0),
  iscrowd: z.union([z.literal(0), z.literal(1)]).default(0),
});
const schema = z.object({
  annotations: z.array(z.object({ file_name: z.string().min(1), segments_info: z.array(segment) })),
  categories: z
    .array(category)
    .min(1)
    .max(LARGEST_ID + 1),
});

/** A segment of an image, as the JSON file has it. */
export type PanopticSegment = z.infer<typeof segment>;

/** What a JSON file says. */
export interface Panoptic {
  /** Names it in errors. */
  readonly path: string;
  /** Classes in the order of their categories, ids counting from 0. */
  readonly palette: Palette;
  /** The id of each category. */
  readonly idOf: ReadonlyMap<number, number>;
  /** The segments of each image, by the name of its PNG file. */
  readonly segments: ReadonlyMap<string, readonly PanopticSegment[]>;
}

/** The segments of one image. */
export interface PanopticSource {
  readonly panoptic: Panoptic;
  /** The name of its PNG file, as in the JSON file. */
  readonly file: string;
}

/** Labels and instances. */
export interface PanopticLabels {
  /** 8 bits, 255 where there is no segment, or a crowd. */
  readonly labels: IdMap;
  /** 16 bits: segments of objects and of stuff alike, numbered from 1 in the order of the JSON file; 0 where the label is 255. */
  readonly instances: IdMap;
  /** Pixels of crowds. */
  readonly crowd: number;
  /** Segments of the JSON file that have no pixel. */
  readonly missing: readonly number[];
}

/**
 * Reads what a JSON file of COCO's panoptic format says.
 * @param path names it in errors.
 * @throws UserError naming the file and the field.
 */
export function parsePanoptic(text: string, path: string): Panoptic {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw problem(path, reasonOf(cause), cause);
  }
  const { success, data, error } = schema.safeParse(value);
  if (!success) {
    const { path: at, message } = error.issues[0]!;
    throw problem(path, `${fieldText(at)}: ${message}`, error);
  }
  const sorted = [...data.categories].sort((a, b) => a.id - b.id);
  const idOf = new Map(sorted.map(({ id }, label) => [id, label]));
  if (idOf.size < sorted.length) throw problem(path, 'categories: two have the same id');
  for (const [i, { segments_info: segments }] of data.annotations.entries())
    for (const [j, { category_id: id }] of segments.entries())
      if (!idOf.has(id)) throw problem(path, `annotations[${i}].segments_info[${j}].category_id: ${id} is no category`);
  const entries = sorted.map(({ name, isthing, color }, id) => ({
    id,
    name,
    color: color ?? vocColour(id + 1),
    countable: isthing === 1,
  }));
  const segments = new Map(data.annotations.map(({ file_name, segments_info }) => [file_name, segments_info]));
  return { path, palette: { name: 'panoptic', entries }, idOf, segments };
}

/**
 * Labels and instances of an image.
 * @param image RGB or RGBA of 8 bits.
 * @throws UserError where the JSON file lacks the image, or a segment that it shows: it names both files and a position.
 */
export function panopticLabels(image: Raster<Uint8Array>, { panoptic, file }: PanopticSource): PanopticLabels {
  const { width, height, channels, data } = image;
  const segments = panoptic.segments.get(file);
  if (segments === undefined)
    throw problem(panoptic.path, `annotations: none has the file_name ${JSON.stringify(file)}`);
  if (channels !== 3 && channels !== 4) throw problem(file, `${channels} channel(s), not RGB`);
  const labels = new Uint8Array(width * height).fill(IGNORE_LABEL);
  const instances = new Uint16Array(width * height);
  const known = new Map(segments.map((segment, i) => [segment.id, { ...segment, number: i + 1 }]));
  const seen = new Set<number>();
  let crowd = 0;
  let lastKey = 0;
  let last: (PanopticSegment & { number: number }) | undefined;
  for (let i = 0, from = 0; i < labels.length; i++, from += channels) {
    const key = data[from]! + 256 * data[from + 1]! + 65536 * data[from + 2]!;
    if (key === 0) continue;
    if (key !== lastKey) {
      lastKey = key;
      last = known.get(key);
      if (last === undefined)
        throw problem(
          file,
          `the segment ${key} (${data.slice(from, from + 3).join(', ')}) at x ${i % width}, y ${Math.floor(i / width)}, which segments_info in ${panoptic.path} lacks`,
        );
      seen.add(key);
    }
    if (last!.iscrowd === 1) {
      crowd++;
      continue;
    }
    labels[i] = panoptic.idOf.get(last!.category_id)!;
    instances[i] = last!.number;
  }
  return {
    labels: { width, height, channels: 1, data: labels },
    instances: { width, height, channels: 1, data: instances },
    crowd,
    missing: segments.map(({ id }) => id).filter(id => !seen.has(id)),
  };
}

function fieldText(path: readonly PropertyKey[]): string {
  const text = path.map(key => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return text === '' ? 'the whole file' : text.replace(/^\./, '');
}

function problem(where: string, found: string, cause?: unknown): UserError {
  return new UserError(
    {
      code: 'FILE_UNREADABLE',
      doing: "reading labels in COCO's panoptic format",
      where,
      found,
      expected: 'a PNG of segment numbers, and a JSON file with "categories" and, for each image, "segments_info"',
      remedy: 'use the PNG files and the JSON file of the same download',
    },
    { cause },
  );
}
