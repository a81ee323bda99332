/**
 * What programs may import from `pix2pixhd`, module by module in the order in which data flows. Whatever is not listed here is
 * the package's own business and may change. Depends on every module but the command line.
 */

// Checkpoints, and images made from them
export { Checkpoint, type CheckpointState, saveCheckpoint, type TrainedParts } from './checkpoint/checkpoint.js';
export { CheckpointStore } from './checkpoint/store.js';
// From options to networks on a device
export {
  type Compute,
  computeForTranslation,
  expectSizes,
  placeForTranslation,
  placeNetwork,
  prepareCompute,
} from './compute/compute.js';
export { type Condition, checkLabels, conditionOf } from './conditioning/condition.js';
export { conditionTensor, type InputFormat, imageTensor } from './conditioning/tensors.js';
// Options
export { type CheckConfig, checkSchema } from './config/commands/check.js';
export { type EncodeConfig, encodeSchema } from './config/commands/encode.js';
export { type ExportConfig, exportSchema } from './config/commands/export.js';
export { type GenerateConfig, generateSchema } from './config/commands/generate.js';
export { type ImportConfig, importSchema } from './config/commands/import.js';
export { type TrainConfig, trainSchema } from './config/schema.js';
export { fromStoredConfig, resumedConfig, toStoredConfig } from './config/stored.js';
export { type CheckOptions, checkDataset } from './data/check/check.js';
export { type Finding, type FindingCode, hasErrors, type Report, type Severity } from './data/check/findings.js';
export { decodeImage, decodeInstanceMap, decodeLabelMap } from './data/decode/decode.js';
export { type ImageHeader, readHeader } from './data/files/header.js';
export type { DatasetLayout, Phase, Role } from './data/find/layout.js';
export { type FindOptions, findSamples, type Orphan, type Pairing, pairUp, type Sample } from './data/find/pairs.js';
export { stemOf } from './data/find/stems.js';
export { boundaryMap } from './data/labels/boundary.js';
export { type LabelClass, readClasses } from './data/labels/classes.js';
export { type LabelMapping, parseLabelMap } from './data/labels/mapping.js';
export { IGNORE_LABEL } from './data/labels/values.js';
// Pairs of images: found, decoded, resized, batched, examined
export { type Batch, makeBatch } from './data/load/batch.js';
export type { AlphaMode } from './data/load/channels.js';
export { Loader, type LoaderOptions } from './data/load/loader.js';
export { loadSample, type SampleArrays, type SampleSpec } from './data/load/sample.js';
export { type ResizeMode, type TransformOptions, wholeImage } from './data/load/transform.js';
export { Random, type RandomState, sampleRandom } from './data/random.js';
export { resizeBicubic, resizeNearest } from './data/resize/resize.js';
export { type ErrorCode, errorCodes, UsageError, UserError, type UserErrorParts } from './errors.js';
// Figures of merit
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
export {
  type FileGeneration,
  type FileGenerationOptions,
  generateFiles,
  type ImageVariant,
} from './inference/generate-files.js';
export { type GeneratedImage, ImageGenerator } from './inference/image-generator.js';
export { type InputConfig, InputReader } from './inference/input-reader.js';
// Official checkpoints
export { type ExportOptions, exportPth, exportSafetensors } from './interop/export.js';
export { type Imported, type ImportOptions, importOfficial } from './interop/import.js';
export { formatOptTxt, readOptTxt } from './interop/opt-txt.js';
export { discriminatorLoss, type GanMode, generatorLoss } from './losses/adversarial.js';
export { featureMatchingLoss } from './losses/feature-matching.js';
export { hasPerceptualLoss, type PerceptualOptions, perceptualLoss } from './losses/perceptual.js';
export { estimateMemory, type MemoryEstimate, type TrainingImages } from './memory/estimate.js';
export {
  buildDiscriminator,
  buildGenerator,
  conditionChannels,
  type NetworkConfig,
  usesBoundary,
} from './networks/build.js';
export {
  FeatureEncoder,
  type FeatureEncoderOptions,
  GlobalGenerator,
  type GlobalGeneratorOptions,
  initWeights,
  LocalEnhancer,
  type LocalEnhancerOptions,
  MultiscaleDiscriminator,
  type MultiscaleDiscriminatorOptions,
  type NormKind,
  type Predictions,
  UNetGenerator,
  type UNetOptions,
  type UpsampleKind,
  Vgg19,
} from './networks/index.js';
export { leastSide, sizeMultiple } from './networks/sizes.js';
// What may be written where
export { OutputGuard, type Writing } from './output/guard.js';
// The weights of VGG19: found, fetched, read
export { loadVgg } from './pretrained/load-vgg.js';
export { downloadVggWeights, findVggWeights, type VggDownload, vggCachePath } from './pretrained/vgg-weights.js';
// Pixels in memory
export type { IdArray, IdMap, Image8, ImageRaster, Raster } from './raster.js';
// Sheets of images
export { colourLabels, paintLabels } from './report/colour-labels.js';
export { composeSheet, type Sheet, type SheetRow } from './report/sheet.js';
// TensorBoard event files
export { EventWriter } from './report/tensorboard/event-writer.js';
export type { RunEvent, RunListener } from './run/events.js';
// Training
export type { Symptom } from './run/health/advice.js';
export { Health, type Notice } from './run/health/health.js';
export { type GuardDecision, NonFiniteGuard } from './run/health/non-finite-guard.js';
export { type LossRecord, readLossLog } from './run/loss-log.js';
export { Run, type RunHooks } from './run/run.js';
export { RunFolder, runsIn } from './run/run-folder.js';
export type { EndReason, RunResult } from './run/run-result.js';
export { findTrainingSamples } from './run/training-samples.js';
export { trainingSpec } from './run/training-spec.js';
// The styles of a trained network
export { parseStyleOption, type StyleOption } from './styles/apply/style-option.js';
export { type Styler, styleByClusters, styleByImages } from './styles/apply/styler.js';
export { buildStyleBook, type ClassSummary } from './styles/build/build-book.js';
export { type EncodedInstance, type EncodeSetOptions, encodeSet } from './styles/build/encode-set.js';
// Networks, what they are conditioned on, and their losses
export {
  type Cluster,
  type ClusterOptions,
  clusterPoints,
  type PointClusters,
  type StylePoint,
} from './styles/clusters.js';
export { readClusteredFeatures } from './styles/files/clustered-features.js';
export { readStyles, writeStyles } from './styles/files/style-book-file.js';
export { readStyleChoices } from './styles/files/style-choices-file.js';
export type { ImageStyleFeatures } from './styles/files/style-features-file.js';
export { findInstances, type Instance } from './styles/instances.js';
export { type ClassStyles, StyleBook, type StyleCluster, type StyleCrop } from './styles/style-book.js';
export {
  chooseStyle,
  type Style,
  type StyleChoices,
  sameForAll,
} from './styles/style-choices.js';
export { choosePlanes, stylePlanes } from './styles/style-planes.js';
export { ImagePool, type Uniform } from './training/image-pool.js';
export type { Position } from './training/position.js';
export type { Recorder } from './training/recorded-step.js';
export { type LinearDecay, learningRate, totalEpochs } from './training/schedule.js';
export { TrainingSession } from './training/session.js';
export type { StepLosses } from './training/step.js';
export { Trainer, type TrainerOptions } from './training/trainer.js';
