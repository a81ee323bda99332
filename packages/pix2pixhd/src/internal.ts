/**
 * `pix2pixhd/internal`: what `@pix2pixhd/demo` needs beyond the public exports.
 * Unstable: any release may change or remove what is listed here. Programs import from `pix2pixhd` and `pix2pixhd/networks`.
 */

export { latestState } from './checkpoint/resume.js';
export { CheckpointStore } from './checkpoint/store.js';
export type { DemoPackage } from './cli/demo.js';
export { Interrupt } from './cli/interrupt.js';
export { openTerminal } from './cli/open-terminal.js';
export { Progress } from './cli/progress.js';
export { redraw, type TextStream } from './cli/terminal.js';
export { chooseCompute } from './compute/choose-compute.js';
export { mapConcurrently } from './concurrently.js';
export type { Condition } from './conditioning/condition.js';
export { type GivenOptions, toArgv } from './config/argv.js';
export { type DemoConfig, demoCommand } from './config/commands/demo.js';
export { trainCommand } from './config/commands/train.js';
export { presetOptions } from './config/presets.js';
export { trainSchema } from './config/schema.js';
export { resumedConfig } from './config/stored.js';
export { checkDataset } from './data/check/check.js';
export { decodeImage, decodeInstanceMap, decodeLabelMap } from './data/decode/decode.js';
export { findSamples, type Sample } from './data/find/pairs.js';
export { CLASSES_FILE, classColours, type LabelClass, readClasses } from './data/labels/classes.js';
export type { Batch } from './data/load/batch.js';
export { type Figures, formatFigure, meanFigures, measure, metricNames, metrics } from './evaluation/metrics.js';
export { ImageGenerator } from './inference/image-generator.js';
export { usesBoundary } from './networks/build.js';
export { makeFolder } from './output/make-folder.js';
export { type Image8, imageToShow } from './raster.js';
export { paintLabels } from './report/colour-labels.js';
export { escapeHtml, page, pngImage, tiles } from './report/html.js';
export { composeSheet } from './report/sheet.js';
export { decideValues } from './run/decide-values.js';
export { Run } from './run/run.js';
export { RunFolder, runsIn } from './run/run-folder.js';
export { findTrainingSamples } from './run/training-samples.js';
export { toSharp } from './sharp-image.js';
export { shellWord } from './shell-word.js';
export { learningRate, totalEpochs } from './training/schedule.js';
export { TrainingSession } from './training/session.js';
