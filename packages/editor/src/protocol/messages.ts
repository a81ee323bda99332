/**
 * What page and server say to each other, as schemas that both check against. Every message is a header of these and, where it
 * says so, bytes behind it (frames.ts). Depends on zod only.
 *
 * A page says hello, opens a canvas, sends the rectangles that changed, and asks for images of what it has sent so far. A later
 * request for an image takes the place of one that has not been begun.
 */
import { z } from 'zod/mini';

/** Page and server of different versions refuse each other. */
export const protocolVersion = 3;

const side = z.int().check(z.gte(1), z.lte(16384));
const place = z.int().check(z.gte(0), z.lte(16384));
const revision = z.int().check(z.gte(0));

const features = z.array(z.number().check(z.gte(-1), z.lte(1))).check(z.minLength(1), z.maxLength(64));

/** As `generate` has it: the mean of the class, a cluster of it, or the features themselves. */
const styleSchema = z.union([
  z.literal('random'),
  z.literal('mean'),
  z.strictObject({ cluster: z.int().check(z.gte(0), z.lte(255)) }),
  features,
]);

/** Objects with a style of their own in one message. */
export const mostStyles = 4096;

/** How objects look: those that are listed, and all others by the seed. */
export const stylesSchema = z.strictObject({
  seed: z.int().check(z.gte(0)),
  default: styleSchema,
  instances: z.array(z.tuple([z.int(), styleSchema])).check(z.maxLength(mostStyles)),
});

/** The style of one object. */
export type WireStyle = z.infer<typeof styleSchema>;

/** The styles of a canvas. */
export type WireStyles = z.infer<typeof stylesSchema>;

/** From the page. */
export const fromPageSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('hello'),
    protocol: z.int(),
    token: z.optional(z.string().check(z.maxLength(256))),
  }),
  /** A canvas without any class, or a white one: of values, the highest of their range. It takes the place of the one before. */
  z.strictObject({ type: z.literal('open'), width: side, height: side }),
  /** Bytes: runs.ts; of images the 8-bit channels of each pixel, row by row, or where the model has values values.ts. */
  z.strictObject({ type: z.literal('change'), x: place, y: place, width: side, height: side }),
  z.strictObject({
    type: z.literal('render'),
    revision,
    format: z.enum(['webp', 'png', 'jpeg']),
    /** 2: at half the size. */
    reduce: z.union([z.literal(1), z.literal(2)]),
    styles: z.optional(stylesSchema),
  }),
  /** One object in each of its class's clusters, in its place; answered by as many images. */
  z.strictObject({ type: z.literal('clusters'), revision, instance: z.int(), styles: stylesSchema }),
  z.strictObject({ type: z.literal('gallery'), item: z.int().check(z.gte(0)) }),
  /**
   * Bytes: a photo, red, green and blue of each pixel. One object is to look like all of it; or every object, instance null,
   * like what the photo, which is of the canvas's size, shows where it lies.
   */
  z.strictObject({ type: z.literal('look'), instance: z.nullable(z.int()), width: side, height: side }),
]);

/** A header from the page. */
export type FromPage = z.infer<typeof fromPageSchema>;

const classSchema = z.object({
  id: z.int(),
  name: z.string(),
  /** `#rrggbb` */
  colour: z.string().check(z.regex(/^#[0-9a-f]{6}$/i)),
  countable: z.boolean(),
});

/** Black and white of pixels in the unit of the files. */
const rangeSchema = z
  .object({ low: z.number(), high: z.number() })
  .check(z.refine(({ low, high }) => low < high, 'low is not below high'));

/** What the server's model is. */
export const modelSchema = z.object({
  name: z.string(),
  /** Labels are below it, or 255; 0 where inputs are images. */
  labelNc: z.int(),
  /** Of images: 1 or 3. */
  inputChannels: z.int(),
  /** What is black and white where pixels are values of their own; null where they are classes, or colours of 8 bits. */
  values: z.nullable(rangeSchema),
  /** The width and height that it was trained at. */
  width: side,
  height: side,
  classes: z.array(classSchema),
  styles: z.nullable(
    z.object({
      per: z.enum(['instance', 'class']),
      channels: z.int(),
      /** [class, the style features of each of its clusters] */
      clusters: z.array(z.tuple([z.int(), z.array(z.array(z.number()))])),
      fromImages: z.boolean(),
    }),
  ),
});

/** What the server's model is. */
export type Model = z.infer<typeof modelSchema>;

/** From the server. */
export const fromServerSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ready'),
    model: modelSchema,
    gallery: z.array(z.object({ name: z.string() })),
    /** Longest side and most pixels of a canvas. */
    limits: z.object({ side: z.int(), pixels: z.int() }),
    readOnly: z.boolean(),
  }),
  /** Bytes: the image in the format that was asked for; instead of PNG a TIFF where its values are floating point. */
  z.object({
    type: z.literal('image'),
    revision,
    reduce: z.int(),
    format: z.string(),
    width: z.int(),
    height: z.int(),
    /** Milliseconds that computing took. */
    took: z.number(),
  }),
  /** Bytes: a WebP image. */
  z.object({
    type: z.literal('cluster'),
    revision,
    instance: z.int(),
    cluster: z.int(),
    width: z.int(),
    height: z.int(),
  }),
  /** The style features that were found in a photo, by instance. */
  z.object({ type: z.literal('look'), looks: z.array(z.tuple([z.int(), features])) }),
  /** Bytes: runs.ts of the whole canvas; of images red, green and blue of each pixel, or where the model has values values.ts. */
  z.object({ type: z.literal('canvas'), item: z.int(), name: z.string(), width: side, height: side }),
  z.object({
    type: z.literal('failed'),
    /** The message that could not be done. */
    of: z.string(),
    revision: z.optional(revision),
    message: z.string(),
    remedy: z.optional(z.string()),
  }),
]);

/** A header from the server. */
export type FromServer = z.infer<typeof fromServerSchema>;
