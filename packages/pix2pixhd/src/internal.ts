/**
 * `pix2pixhd/internal`: what the packages of this repository need of each other beyond the public exports. Unstable: any release
 * may change or remove what is listed here. Programs import from `pix2pixhd` and `pix2pixhd/networks`.
 */

export { Checkpoint, saveCheckpoint, type TrainedParts } from './checkpoint/checkpoint.js';
export { latestState } from './checkpoint/resume.js';
export { CheckpointStore } from './checkpoint/store.js';
export { chooseCompute, placeNetwork, prepareCompute } from './compute/compute.js';
export type { Condition } from './conditioning/condition.js';
export { type GivenOptions, toArgv } from './config/argv.js';
export { trainCommand } from './config/commands/train.js';
export { trainSchema } from './config/schema.js';
export { resumedConfig } from './config/stored.js';
export { checkDataset } from './data/check/check.js';
export { CLASSES_FILE, classColours } from './data/labels/classes.js';
export { type Batch, makeBatch } from './data/load/batch.js';
export { Loader, type LoaderOptions } from './data/load/loader.js';
export { ImageGenerator } from './inference/image-generator.js';
export { makeFolder } from './output/make-folder.js';
export { paintLabels } from './report/colour-labels.js';
export { escapeHtml, page, pngImage, tiles } from './report/html.js';
export { composeSheet } from './report/sheet.js';
export { Run, type RunHooks } from './run/run.js';
export { RunFolder } from './run/run-folder.js';
export { findTrainingSamples } from './run/training-samples.js';
export { shellWord } from './shell-word.js';
export { learningRate, totalEpochs } from './training/schedule.js';
export { TrainingSession } from './training/session.js';
export { Trainer, type TrainerOptions } from './training/trainer.js';
