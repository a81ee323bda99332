/**
 * Finding and opening the generator that a path names: of a run, a checkpoint, or an exported file. Depends on the
 * checkpoint, interop and inference.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readSafetensors } from '@pix2pixhd/torch';
import { CheckpointStore } from '../checkpoint/store.js';
import { unusable } from '../checkpoint/unusable.js';
import type { Compute } from '../compute/choose-compute.js';
import type { TrainConfig } from '../config/schema.js';
import { UserError } from '../errors.js';
import { ImageGenerator } from '../inference/image-generator.js';
import { isExportedGenerator, loadExported } from '../interop/exported-generator.js';
import { runsIn } from '../run/run-folder.js';
import { readStyles } from '../styles/files/style-book-file.js';
import type { StyleBook } from '../styles/style-book.js';

/** A checkpoint of a run: the latest, the one with the best score, or that of a step. */
export type WhichCheckpoint = 'latest' | 'best' | number;

/** A generator and what belongs to it. */
export interface OpenedGenerator {
  readonly file: string;
  readonly generator: ImageGenerator;
  /** The options of the stage that was saved. */
  readonly config: TrainConfig;
  readonly step: number;
  readonly compute: Compute;
  /** The styles that are stored with it. */
  readonly book: StyleBook | undefined;
}

/**
 * The file of the generator that a path names.
 *
 * @param source the folder of a run, or a file.
 * @throws UserError where there is none.
 */
export function findGenerator(source: string, checkpoint: WhichCheckpoint): string {
  if (!existsSync(source)) throw notFound(source, 'no such file or folder');
  if (!statSync(source).isDirectory()) return source;
  if (!existsSync(join(source, 'config.json'))) throw notFound(source, 'a folder without config.json');
  const store = new CheckpointStore(join(source, 'checkpoints'));
  try {
    return store.find(String(checkpoint));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const steps = store.steps();
    throw error.withRemedy(
      steps.length === 0
        ? 'train the run first'
        : `give one of these as checkpoint: 'latest', ${existsSync(store.best) ? "'best', " : ''}${steps.join(', ')}`,
    );
  }
}

/**
 * Opens the generator of a file.
 * @throws UserError where the file is damaged, or neither a checkpoint nor an exported generator.
 */
export function openGenerator(file: string, compute: Compute): OpenedGenerator {
  if (isExported(file)) return { file, compute, ...loadExported(file, compute), book: undefined };
  const { generator, config, step } = ImageGenerator.load(file, compute);
  const book = generator.takesStyles ? readStyles(file) : undefined;
  return { file, compute, generator, config, step, book };
}

/**
 * Whether a file is what `exportGenerator` has written.
 * @throws UserError where it is damaged, or neither that nor a checkpoint.
 */
export function isExported(file: string): boolean {
  try {
    return isExportedGenerator(readSafetensors(file, () => false).metadata);
  } catch (cause) {
    throw unusable(file, cause);
  }
}

function notFound(source: string, found: string): UserError {
  const runs = runsNear(source);
  return new UserError({
    code: 'RUN_NOT_FOUND',
    doing: 'loading a generator',
    where: source,
    found,
    expected: 'the folder of a run, a checkpoint, or an exported generator',
    remedy:
      runs.length > 0
        ? `load one of the runs there: ${runs.join(', ')}`
        : "check the path, which begins at the working directory of the process: 'checkpoints/NAME' for the run NAME",
  });
}

/** Runs beside the path that was given, or in it. */
function runsNear(source: string): string[] {
  const isFolder = existsSync(source) && statSync(source).isDirectory();
  const within = isFolder && readdirSync(source).length > 0 ? runsIn(source).map(name => join(source, name)) : [];
  return within.length > 0 ? within : runsIn(dirname(source)).map(name => join(dirname(source), name));
}
