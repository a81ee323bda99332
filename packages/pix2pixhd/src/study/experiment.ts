/**
 * `study/`: the paper's human experiments: what is shown to whom, what was answered, what that says. It knows no server, no page
 * and no command line. It may import data, output, raster, report, statistics and errors.
 *
 * This file: an experiment as its folder in the study holds it. `experiment.json` is written once, when the experiment is made, and
 * never changed; it says for each rater which images are shown in which trial, so what a rater saw does not depend on this program's version.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { reasonOf, UserError } from '../errors.js';

/** The file in the experiment's folder. */
export const EXPERIMENT_FILE = 'experiment.json';
/** Beside it, one JSON object per line. */
export const ANSWERS_FILE = 'answers.jsonl';
/** Beside it; names of files say nothing of what they show. */
export const IMAGES_FOLDER = 'images';

/** The real images, as results name what they were compared with. */
export const REAL = 'real';

const imageSchema = z.strictObject({
  file: z.string().regex(/^[\w-]+\.png$/),
  stem: z.string(),
  /** A method, the real image, an input to look at, or a spoilt image of an attention check. */
  role: z.enum(['method', 'real', 'label', 'spoilt']),
  /** The method's name. */
  method: z.string().optional(),
  width: z.int().min(1),
  height: z.int().min(1),
});

/** Images by their place in the list; what a rater decides. */
const trialSchema = z.strictObject({
  role: z.enum(['practice', 'attention', 'trial']),
  a: z.int().min(0),
  b: z.int().min(0),
  label: z.int().min(0).optional(),
  /** Milliseconds; absent where there is no limit. */
  exposureMs: z.number().positive().optional(),
});

const experimentSchema = z.strictObject({
  version: z.literal(1),
  name: z.string(),
  kind: z.enum(['pairwise', 'limited-time']),
  title: z.string(),
  question: z.string(),
  consent: z.string(),
  methods: z.array(z.string()).min(1),
  /** Of all that is drawn by lot. */
  seed: z.int(),
  /** From which the addresses of images are made. */
  secret: z.string().min(32),
  images: z.array(imageSchema),
  raters: z.array(z.strictObject({ token: z.string().min(16), trials: z.array(trialSchema).min(1) })).min(1),
});

/** An experiment. */
export type Experiment = Readonly<z.output<typeof experimentSchema>>;
/** An image of an experiment. */
export type StudyImage = Readonly<z.output<typeof imageSchema>>;
/** What is shown to a rater at once. */
export type Trial = Readonly<z.output<typeof trialSchema>>;

/** An experiment and the folder that it is in. */
export interface StoredExperiment {
  readonly folder: string;
  readonly experiment: Experiment;
}

/** What an image counts as in the results: its method's name, or `real`. */
export function contestant({ role, method }: StudyImage): string {
  return role === 'method' ? method! : REAL;
}

/**
 * The experiments of a study, by name.
 *
 * @throws UserError where the folder holds none, or one cannot be read.
 */
export function readStudy(study: string): readonly StoredExperiment[] {
  const names = existsSync(study) ? readdirSync(study).sort() : [];
  const folders = names.map(name => join(study, name)).filter(folder => existsSync(join(folder, EXPERIMENT_FILE)));
  if (folders.length > 0) return folders.map(folder => ({ folder, experiment: readExperiment(folder) }));
  throw new UserError({
    code: 'STUDY_NOT_FOUND',
    doing: 'opening a study',
    where: study,
    found: existsSync(study) ? 'a folder without an experiment' : 'no such folder',
    expected: `a folder that pix2pixhd study create has made, with NAME/${EXPERIMENT_FILE} in it`,
    remedy: 'check the path, or make one with pix2pixhd study create',
  });
}

function readExperiment(folder: string): Experiment {
  const path = join(folder, EXPERIMENT_FILE);
  try {
    const experiment = experimentSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    for (const { trials } of experiment.raters)
      for (const { a, b, label = 0 } of trials)
        if (Math.max(a, b, label) >= experiment.images.length)
          throw new Error('a trial shows an image that is not there');
    return experiment;
  } catch (cause) {
    throw new UserError(
      {
        code: 'STUDY_DAMAGED',
        doing: 'reading an experiment',
        where: path,
        found: cause instanceof z.ZodError ? z.prettifyError(cause) : reasonOf(cause),
        expected: 'the file that pix2pixhd study create wrote',
        remedy: 'restore the file from a copy; the answers cannot be understood without it',
      },
      { cause },
    );
  }
}
