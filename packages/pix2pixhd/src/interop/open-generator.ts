/**
 * Opens the generator of a file, a checkpoint's or an exported one, with what belongs to it. Depends on the checkpoint,
 * inference and the styles' file.
 */

import { readSafetensors } from '@pix2pixhd/torch';
import type { StyleBook } from '@pix2pixhd/web/scene';
import { Checkpoint } from '../checkpoint/checkpoint.js';
import { unusable } from '../checkpoint/unusable.js';
import type { Compute } from '../compute/choose-compute.js';
import type { Direction } from '../config/direction.js';
import type { TrainConfig } from '../config/schema.js';
import type { LabelClass } from '../data/labels/classes.js';
import { checkDirection } from '../inference/direction.js';
import { ImageGenerator } from '../inference/image-generator.js';
import { readStyles } from '../styles/files/style-book-file.js';
import { exportedConfig, isExportedGenerator, loadExported } from './exported-generator.js';

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
  /** The classes that the file names: an exported one. */
  readonly classes: readonly LabelClass[] | undefined;
}

/**
 * Opens the generator of a file.
 * @param direction of a run of CycleGAN, which has a generator for each.
 * @param live the weights as trained, even if the run keeps their EMA.
 * @throws UserError where the file is damaged, or neither a checkpoint nor an exported generator; where it has no generator
 *   of that direction.
 */
export function openGenerator(
  file: string,
  compute: Compute,
  direction: Direction = 'AtoB',
  live = false,
): OpenedGenerator {
  const loaded = isExported(file)
    ? loadExported(file, compute)
    : { ...ImageGenerator.load(file, compute, direction, live), classes: undefined };
  checkDirection(loaded.config, direction, file);
  return { file, compute, ...loaded, book: loaded.generator.takesStyles ? readStyles(file) : undefined };
}

/**
 * The options that the generator of a file was trained with, of the stage that was saved; nothing else is loaded.
 * @throws UserError as {@link openGenerator} does.
 */
export function generatorConfig(file: string): TrainConfig {
  return isExported(file) ? exportedConfig(file) : Checkpoint.using(file, ({ stageConfig }) => stageConfig);
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
