/**
 * `onnx/`: segmenters as ONNX models, run by ONNX Runtime.
 *
 * This file reads the JSON file that describes a model: what goes in, what comes out, and which of our classes its classes are.
 * Depends on zod and the file system.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { reasonOf, UserError } from '../../errors.js';

const side = z.int().min(1).max(65536);

const inputSchema = z.strictObject({
  /** Of the model's input; needed where it has several. */
  name: z.string().optional(),
  /** [width, height] to which images are resized, or what their sides must be a multiple of; default as they are. */
  size: z.union([z.tuple([side, side]), z.strictObject({ multipleOf: side })]).optional(),
  /** Order of the channels. */
  channels: z.enum(['RGB', 'BGR']).default('RGB'),
  /** What white is before mean and deviation: 1, or 255. */
  white: z.union([z.literal(1), z.literal(255)]).default(1),
  /** By channel, in the model's order: (value − mean) / std. */
  mean: z.tuple([z.number(), z.number(), z.number()]).default([0, 0, 0]),
  std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]).default([1, 1, 1]),
});

const schema = z.strictObject({
  /** The model's file, from the folder of this one. */
  model: z.string().min(1),
  /** Number of classes of the label maps. */
  labelNc: z.int().min(1).max(65535),
  /** As `--label-map`. */
  labelMap: z
    .string()
    .regex(/^\d{1,9}:\d{1,5}(,\d{1,9}:\d{1,5})*$/)
    .nullable()
    .default(null),
  input: inputSchema.prefault({}),
  output: z
    .strictObject({
      name: z.string().optional(),
      /** Logits (1, classes, h, w), or ids (1, h, w) or (1, 1, h, w). */
      kind: z.enum(['logits', 'ids']).default('logits'),
    })
    .prefault({}),
  /** For each class of the model the class of the label maps; null where there is none. */
  classes: z.array(z.int().min(0).nullable()).min(1),
});

/** What a model takes and gives. */
export type OnnxDescription = z.infer<typeof schema>;

/**
 * Reads a description.
 *
 * @returns it with the model's path resolved.
 * @throws UserError naming the file where it is missing, no JSON, or says something else than it may.
 */
export function readDescription(path: string): OnnxDescription {
  const parsed = schema.safeParse(readJson(path));
  if (!parsed.success) throw problem(path, z.prettifyError(parsed.error).replace(/\s*\n\s*/g, ' '), parsed.error);
  const outside = parsed.data.classes.find(id => id !== null && id >= parsed.data.labelNc);
  if (outside !== undefined)
    throw problem(path, `class ${outside} among classes, of label maps of ${parsed.data.labelNc} (labelNc)`);
  return { ...parsed.data, model: resolve(dirname(path), parsed.data.model) };
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw problem(path, missing ? 'no such file' : reasonOf(cause), cause, missing ? 'FILE_NOT_FOUND' : undefined);
  }
}

function problem(path: string, found: string, cause?: unknown, code: UserError['code'] = 'FILE_UNREADABLE'): UserError {
  return new UserError(
    {
      code,
      doing: 'reading the description of an ONNX segmenter',
      where: path,
      found,
      expected: 'a JSON file with model, labelNc, classes, and input and output where they differ from the defaults',
      remedy: 'correct the file; docs/segmentation.md has examples',
    },
    { cause },
  );
}
