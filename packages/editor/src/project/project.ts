/**
 * A drawing as a file: everything but the steps that led to it. JSON, shapes as runs. Depends on the document; knows no DOM.
 */
import { z } from 'zod/mini';
import { Mask } from '../document/mask.js';
import type { Scene, SceneObject } from '../document/scene.js';

/** A drawing and what belongs to it. */
export interface Project {
  readonly scene: Scene;
  /** Colours of the labels (`#rrggbb`), for networks whose inputs are images. */
  readonly colours?: readonly string[];
}

const side = z.int().check(z.gte(1), z.lte(16384));

const schema = z.object({
  format: z.literal('pix2pixhd-drawing'),
  version: z.literal(1),
  width: side,
  height: side,
  seed: z.int().check(z.gte(0)),
  colours: z.optional(z.array(z.string().check(z.regex(/^#[0-9a-f]{6}$/))).check(z.maxLength(65535))),
  /** Base64 of red, green and blue of each pixel. */
  picture: z.optional(z.string()),
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
export function formatProject({ scene, colours }: Project): string {
  const objects = scene.objects.map(({ id, label, style, mask }) => ({
    id,
    label,
    ...(style && { style }),
    runs: [...mask.runs()].flat(),
  }));
  const { width, height, seed = 0 } = scene;
  const picture = scene.picture && toBase64(scene.picture);
  return JSON.stringify({ format: 'pix2pixhd-drawing', version: 1, width, height, seed, colours, picture, objects });
}

/**
 * Reads a drawing.
 * @param classes labels are below it; 0 where they are the drawing's own colours.
 * @throws Error that says what is wrong with the text.
 */
export function parseProject(text: string, classes: number): Project {
  const parsed = schema.safeParse(JSON.parse(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${issue!.path.join('.') || 'the file'}: ${issue!.message}`);
  }
  const { width, height, seed, objects, colours, picture: packed } = parsed.data;
  if ((colours === undefined) !== classes > 0)
    throw new Error(
      classes > 0
        ? 'a drawing of colours, but this model takes classes'
        : 'a drawing of classes, but this model takes colours',
    );
  const picture = packed === undefined ? undefined : fromBase64(packed);
  if (picture !== undefined && picture.length !== 3 * width * height)
    throw new Error(`a picture of ${picture.length} bytes for ${width}×${height}`);
  const labels = colours?.length ?? classes;
  if (new Set(objects.map(({ id }) => id)).size < objects.length) throw new Error('two objects have the same id');
  const odd = objects.find(({ label }) => label >= labels);
  if (odd !== undefined) throw new Error(`class ${odd.label}, but there are ${labels}`);
  const scene = {
    width,
    height,
    seed,
    ...(picture && { picture }),
    objects: objects.map(({ id, label, style, runs }): SceneObject => {
      const mask = Mask.build(width, height, add => {
        for (let i = 0; i + 2 < runs.length; i += 3) add(runs[i]!, runs[i + 1]!, runs[i + 2]!);
      });
      return { id, label, mask, ...(style && { style }) };
    }),
  };
  return { scene, ...(colours && { colours }) };
}

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), character => character.charCodeAt(0));
}
