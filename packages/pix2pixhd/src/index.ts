/**
 * `pix2pixhd`: what a program needs to train networks, to generate with them, and to read what they are trained on. Whatever is
 * not listed here is in `pix2pixhd/networks`, for those who build a training of their own, or is the package's own business.
 */

export type { Style } from '@pix2pixhd/web/scene';
// Datasets and their files
export { type CheckOptions, check } from './api/check.js';
// Styles of objects, and weights from and for other programs
export { type Encoded, type EncodeHooks, type EncodeOptions, encode } from './api/encode.js';
// Generating
export type { GeneratorInfo, ObjectStyles, StyleInfo } from './api/engine.js';
// Judging results
export { type EvaluateHooks, type EvaluateOptions, evaluate } from './api/evaluate.js';
export { type ExportOptions, exportGenerator, exportPage, type ImportOptions, importOfficial } from './api/exchange.js';
export type { WhichCheckpoint } from './api/find-generator.js';
export { GeneratedImage, type ImageFormat } from './api/generated-image.js';
export type { ImageInput, Pixels } from './api/image-input.js';
export { loadGenerator } from './api/load-generator.js';
export type { LoadOptions } from './api/load-options.js';
export { type GenerateManyOptions, LoadedGenerator } from './api/loaded-generator.js';
export { type PrepareOptions, prepare } from './api/prepare.js';
export type {
  EncodeStylesOptions,
  GenerateOptions,
  GenerateRequest,
  LabelledScene,
  StyleChoicesInput,
  StyleInput,
} from './api/request.js';
// Training
export {
  type EventHook,
  type NewRunOptions,
  type ResumeOptions,
  type TrainHooks,
  type Training,
  type TrainOptions,
  train,
} from './api/train.js';
// The process
export { configureProcess, type ProcessOptions } from './compute/configure-process.js';
export type { AnyMetricName } from './config/metric-names.js';
export type { TrainConfig } from './config/schema.js';
export { type Finding, type FindingCode, hasErrors, type Report, type Severity } from './data/check/findings.js';
export { decodeImage } from './data/decode/decode.js';
export { decodeInstanceMap, decodeLabelMap } from './data/decode/ids.js';
export type { ImageHeader } from './data/files/header.js';
export type { ImageBytes, ImageFile } from './data/files/image-file.js';
export type { StoredSamples } from './data/files/stored-samples.js';
export type { DatasetLayout, Phase } from './data/find/layout.js';
export { type FindOptions, findSamples, type Sample } from './data/find/pairs.js';
export { type LabelClass, readClasses } from './data/labels/classes.js';
export { IGNORE_LABEL } from './data/labels/values.js';
export type { FaultCode } from './data/validate/fault.js';
// Errors
export { type Advice, type ErrorCode, errorCodes, UsageError, UserError, type UserErrorParts } from './errors.js';
// How near generated images are to real ones
export {
  type Figures,
  formatFigure,
  type Metric,
  type MetricName,
  meanFigures,
  measure,
  metricNames,
  metrics,
} from './evaluation/metrics.js';
export type { Imported } from './interop/import.js';
export type { EvaluatedMethod, EvaluatedMetric, Evaluation } from './judge/by-options/results-file.js';
export type { Exclusion } from './judge/match.js';
export type { Difference, Summary } from './judge/summary.js';
export type {
  InterruptedPreparation,
  PreparedDataset,
  PrepareEvent,
  PrepareHooks,
} from './prepare/prepare-dataset.js';
export type { IdArray, IdMap, Image8, ImageArray, ImageRaster, PixelArray, Raster } from './raster.js';
export type {
  CheckpointEvent,
  EndEvent,
  NoteEvent,
  RunEvent,
  SampleEvent,
  StageEvent,
  StartEvent,
  StepEvent,
  ValidationEvent,
} from './run/events.js';
export { type LossRecord, readLossLog } from './run/loss-log.js';
export { runsIn } from './run/run-folder.js';
export type { EndReason, RunResult } from './run/run-result.js';
export type { ClassSummary } from './styles/build/build-book.js';
