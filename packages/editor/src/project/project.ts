/**
 * A drawing as a file: everything but the steps that led to it. JSON, shapes as runs. Depends on the document and
 * protocol/values.ts; knows no DOM.
 */
import { z } from 'zod/mini';
import { Mask } from '../document/mask.js';
import { luminance } from '../document/pixels.js';
import type { Scene, SceneObject } from '../document/scene.js';
import { type ValueRange, valueOfGrey } from '../document/values.js';
import { decodeValues, encodeValues } from '../protocol/values.js';

/** A drawing and what belongs to it. */
export interface Project {
  readonly scene: Scene;
  /** Colours of the labels (`#rrggbb`), for networks whose inputs are images. */
  readonly colours?: readonly string[];
  /** The same for those whose pixels are values. */
  readonly levels?: readonly number[];
}

const side = z.int().check(z.gte(1), z.lte(16384));

const schema = z.object({
  format: z.literal('pix2pixhd-drawing'),
  version: z.literal(1),
  width: side,
  height: side,
  seed: z.int().check(z.gte(0)),
  colours: z.optional(z.array(z.string().check(z.regex(/^#[0-9a-f]{6}$/))).check(z.maxLength(65535))),
  levels: z.optional(z.array(z.number()).check(z.maxLength(65535))),
  /** Base64 of red, green and blue of each pixel. */
  picture: z.optional(z.string()),
  /** Base64 of each pixel's value (protocol/values.ts). */
  values: z.optional(z.string()),
  objects: z.array(
    z.object({
      id: z.int().check(z.gte(0), z.lte(0x7fffffff)),
      label: z.int().check(z.gte(0), z.lte(65535)),
      style: z.optional(
        z.union([
          z.object({ kind: z.literal('cluster'), cluster: z.int().check(z.gte(0), z.lte(255)) }),
          z.object({
            kind: z.literal('features'),
            features: z.array(z.number().check(z.gte(-1), z.lte(1))).check(z.minLength(1), z.maxLength(64)),
          }),
        ]),
      ),
      /** Row, first column, column after the last, for every run. */
      runs: z.array(z.int()),
    }),
  ),
});

/** The drawing as text. */
export function formatProject({ scene, colours, levels }: Project): string {
  const objects = scene.objects.map(({ id, label, style, mask }) => ({
    id,
    label,
    ...(style && { style }),
    runs: [...mask.runs()].flat(),
  }));
  const { width, height, seed = 0 } = scene;
  const picture = scene.picture && toBase64(scene.picture);
  const values = scene.values && toBase64(encodeValues(scene.values));
  const paints = { colours, levels, picture, values };
  return JSON.stringify({ format: 'pix2pixhd-drawing', version: 1, width, height, seed, ...paints, objects });
}

/**
 * Reads a drawing.
 * @param classes labels are below it; 0 where they are the drawing's own paints.
 * @param range of those whose pixels are values; null where they are colours. A drawing of colours becomes one of values: black the
 *   lowest, white the highest.
 * @throws Error that says what is wrong with the text.
 */
export function parseProject(text: string, classes: number, range: ValueRange | null = null): Project {
  const parsed = schema.safeParse(JSON.parse(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${issue!.path.join('.') || 'the file'}: ${issue!.message}`);
  }
  const { width, height, seed, objects, colours, levels } = parsed.data;
  const kind = levels !== undefined ? 'values' : colours !== undefined ? 'colours' : 'classes';
  const taken = classes > 0 ? 'classes' : range === null ? 'colours' : 'values';
  if (kind !== taken && !(kind === 'colours' && taken === 'values'))
    throw new Error(`a drawing of ${kind}, but this model takes ${taken}`);
  const picture = kind === 'values' ? undefined : pictureIn(parsed.data);
  const values = kind === 'values' ? valuesIn(parsed.data) : undefined;
  const labels = (levels ?? colours)?.length ?? classes;
  if (new Set(objects.map(({ id }) => id)).size < objects.length) throw new Error('two objects have the same id');
  const odd = objects.find(({ label }) => label >= labels);
  if (odd !== undefined) throw new Error(`class ${odd.label}, but there are ${labels}`);
  const scene = {
    width,
    height,
    seed,
    ...(picture && { picture }),
    ...(values && { values }),
    objects: objects.map(({ id, label, style, runs }): SceneObject => {
      const mask = Mask.build(width, height, add => {
        for (let i = 0; i + 2 < runs.length; i += 3) add(runs[i]!, runs[i + 1]!, runs[i + 2]!);
      });
      return { id, label, mask, ...(style && { style }) };
    }),
  };
  if (levels !== undefined) return { scene, levels };
  if (colours === undefined) return { scene };
  return range === null ? { scene, colours } : inValues({ scene, colours }, range);
}

type Parsed = z.infer<typeof schema>;

function pictureIn({ width, height, picture }: Parsed): Uint8Array | undefined {
  if (picture === undefined) return undefined;
  const bytes = fromBase64(picture);
  if (bytes.length !== 3 * width * height) throw new Error(`a picture of ${bytes.length} bytes for ${width}×${height}`);
  return bytes;
}

function valuesIn({ width, height, values }: Parsed): Float32Array | undefined {
  if (values === undefined) return undefined;
  const decoded = decodeValues(fromBase64(values), width * height);
  if (typeof decoded === 'string') throw new Error(`values: ${decoded}`);
  return decoded;
}

/** A drawing of colours as one of values. */
function inValues({ scene, colours }: { scene: Scene; colours: readonly string[] }, range: ValueRange): Project {
  const { picture, ...rest } = scene;
  const value = (red: number, green: number, blue: number) => valueOfGrey(luminance(red, green, blue), range);
  const levels = colours.map(colour => {
    const number = Number.parseInt(colour.slice(1), 16);
    return value(number >> 16, (number >> 8) & 255, number & 255);
  });
  if (picture === undefined) return { scene, levels };
  const values = Float32Array.from({ length: scene.width * scene.height }, (_, at) =>
    value(picture[3 * at]!, picture[3 * at + 1]!, picture[3 * at + 2]!),
  );
  return { scene: { ...rest, values }, levels };
}

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), character => character.charCodeAt(0));
}
