/** `site.json`: what a folder of `pix2pixhd export --format page` holds beside the page. Depends on zod only. */
import { z } from 'zod/mini';

const side = z.int().check(z.gte(1), z.lte(16384));
const range = z.object({ low: z.number(), high: z.number() });
const file = z.object({ file: z.string(), bytes: z.int(), sha256: z.string() });

/** The schema of the file. */
export const siteSchema = z.object({
  version: z.literal(1),
  /** What the page calls the model. */
  name: z.string(),
  model: file,
  /** The encoder of styles; null where there is none. */
  encoder: z.nullable(file),
  /** How inputs are drawn, as the drawings below are. */
  inputs: z.object({
    range: z.union([z.enum(['full', 'per-frame', 'clahe']), range]),
    depth: z.enum(['8', '16', 'float']),
    values: z.nullable(range),
  }),
  /** Of a blank drawing. */
  size: z.object({ width: side, height: side }),
  /** Drawings to begin with, as the protocol has them. */
  gallery: z.array(z.object({ name: z.string(), file: z.string(), width: side, height: side })),
});

/** What such a folder holds. */
export type Site = z.infer<typeof siteSchema>;

/** Its name. */
export const siteFile = 'site.json';
