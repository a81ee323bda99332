/**
 * `pix2pixhd/internal`: what `@pix2pixhd/demo` and its tests need beyond the public exports. Unstable: any release may change or remove
 * what is listed here, and other programs import from `pix2pixhd` alone.
 */

export { latestState } from './checkpoint/resume.js';
export { CheckpointStore } from './checkpoint/store.js';
export type { DemoPackage } from './cli/demo.js';
export { redraw, type Terminal, type TextStream } from './cli/terminal.js';
export { prepareCompute } from './compute/compute.js';
export type { Condition } from './conditioning/encode.js';
export { type GivenOptions, toArgv } from './config/argv.js';
export { type DemoConfig, demoCommand, trainCommand } from './config/commands.js';
export { trainSchema } from './config/schema.js';
export { resumedConfig } from './config/stored.js';
export { decodeImage, decodeInstanceMap, decodeLabelMap } from './data/decode/decode.js';
export { findSamples, type Sample } from './data/find/pairs.js';
export { CLASSES_FILE, classColours, type LabelClass, readClasses } from './data/judge/classes.js';
export type { Batch } from './data/load/batch.js';
export type { Image8 } from './evaluation/image.js';
export { type Figures, formatFigure, meanFigures, measure, metricNames, metrics } from './evaluation/metrics.js';
export { ImageGenerator } from './inference/image-generator.js';
export { usesBoundary } from './networks/build.js';
export { makeFolder } from './output/make-folder.js';
export { paintLabels } from './report/colour-labels.js';
export { escapeHtml, page, pngImage, tiles } from './report/html.js';
export { composeSheet } from './report/sheet.js';
export { Interrupt } from './run/interrupt.js';
export { trainLoop } from './run/loop.js';
export { RunFolder, runsIn } from './run/run-folder.js';
export { findTrainingSamples, startRun } from './run/start.js';
export { shellWord } from './shell-word.js';
export { learningRate, totalEpochs } from './training/schedule.js';
export { TrainingSession } from './training/session.js';
