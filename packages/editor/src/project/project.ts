/**
 * A drawing as a file: everything but the steps that led to it. JSON, shapes as runs. Depends on the document; knows no DOM.
 */
import { z } from 'zod/mini';
import { Mask } from '../document/mask.js';
import type { Scene, SceneObject } from '../document/scene.js';

/** A drawing and what belongs to it. */
export interface Project {
  readonly scene: Scene;
  /** Of the styles of objects that have none of their own. */
  readonly seed: number;
}

const side = z.int().check(z.gte(1), z.lte(16384));

const schema = z.object({
  format: z.literal('pix2pixhd-drawing'),
  version: z.literal(1),
  width: side,
  height: side,
  seed: z.int(),
  objects: z.array(
    z.object({
      id: z.int(),
      label: z.int().check(z.gte(0), z.lte(65535)),
      style: z.optional(
        z.union([
          z.object({ kind: z.literal('random'), seed: z.int() }),
          z.object({ kind: z.literal('cluster'), cluster: z.int() }),
          z.object({ kind: z.literal('features'), features: z.array(z.number()) }),
        ]),
      ),
      /** Row, first column, column after the last, for every run. */
      runs: z.array(z.int()),
    }),
  ),
});

/** The drawing as text. */
export function formatProject({ scene, seed }: Project): string {
  const objects = scene.objects.map(({ id, label, style, mask }) => ({
    id,
    label,
    ...(style && { style }),
    runs: [...mask.runs()].flat(),
  }));
  const { width, height } = scene;
  return JSON.stringify({ format: 'pix2pixhd-drawing', version: 1, width, height, seed, objects });
}

/**
 * Reads a drawing.
 * @param classes labels are below it.
 * @throws Error that says what is wrong with the text.
 */
export function parseProject(text: string, classes: number): Project {
  const parsed = schema.safeParse(JSON.parse(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${issue!.path.join('.') || 'the file'}: ${issue!.message}`);
  }
  const { width, height, seed, objects } = parsed.data;
  if (new Set(objects.map(({ id }) => id)).size < objects.length) throw new Error('two objects have the same id');
  const odd = objects.find(({ label }) => label >= classes);
  if (odd !== undefined) throw new Error(`class ${odd.label}, but this model has ${classes} classes`);
  const scene = {
    width,
    height,
    objects: objects.map(({ id, label, style, runs }): SceneObject => {
      const mask = Mask.build(width, height, add => {
        for (let i = 0; i + 2 < runs.length; i += 3) add(runs[i]!, runs[i + 1]!, runs[i + 2]!);
      });
      return { id, label, mask, ...(style && { style }) };
    }),
  };
  return { scene, seed };
}
