/**
 * What page and server say to each other, as JSON over HTTP. Every request has the rater's token as `Authorization: Bearer …`. Nothing
 * here tells which method an image is of, nor which trials are attention checks. Depends on zod's small build.
 */
import * as z from 'zod/mini';

/** Addresses of the server. */
export const paths = {
  sitting: '/api/sitting',
  consent: '/api/consent',
  answer: '/api/answer',
  images: '/image/',
} as const;

const pictureSchema = z.string().check(z.regex(/^\/image\/[\w-]{22}$/));

const trialSchema = z.object({
  a: pictureSchema,
  b: pictureSchema,
  /** What both were made from. */
  label: z.optional(pictureSchema),
  /** Of `a` and `b`, in pixels. */
  width: z.int().check(z.minimum(1)),
  height: z.int().check(z.minimum(1)),
  /** How long they may be seen, in milliseconds; absent without a limit. */
  exposureMs: z.optional(z.number()),
});

/** What a page is told when it opens. */
export const sittingSchema = z.object({
  title: z.string(),
  question: z.string(),
  /** Paragraphs, apart by empty lines. */
  consent: z.string(),
  consented: z.boolean(),
  /** How many of the first trials are practice. */
  practice: z.int(),
  trials: z.array(trialSchema),
  /** How many trials have been answered: the next one is that of this number, counted from 0. */
  answered: z.int(),
});

/** An answer, from the page. */
export const answerSchema = z.object({
  /** The number of the trial, from 0. */
  trial: z.int().check(z.minimum(0), z.maximum(100_000)),
  choice: z.enum(['a', 'b']),
  /** How long the images were seen: measured, not planned. */
  shownMs: z.number().check(z.minimum(0), z.maximum(1e9)),
  /** From when it could be answered to the answer. */
  responseMs: z.number().check(z.minimum(0), z.maximum(1e9)),
  /** How often the images were shown, counting pages that were loaded again. */
  views: z.int().check(z.minimum(1), z.maximum(1000)),
});

/** What a page is told of an answer, or of consent, once it is on the server's disk. */
export const storedSchema = z.object({
  /** As {@link sittingSchema} has it. */
  answered: z.int(),
});

/** What a page is told when it opens. */
export type Sitting = z.output<typeof sittingSchema>;
/** Two images to compare. */
export type Trial = z.output<typeof trialSchema>;
/** An answer, from the page. */
export type Answer = z.output<typeof answerSchema>;
