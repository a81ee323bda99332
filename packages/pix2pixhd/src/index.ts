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
export { type Condition, encodeCondition, encodeImage, type InputFormat } from './conditioning/encode.js';
// Options
export { type CheckConfig, checkSchema, type GenerateConfig, generateSchema } from './config/commands.js';
export { type EncodeConfig, encodeSchema } from './config/encode-command.js';
export { type ExportConfig, exportSchema, type ImportConfig, importSchema } from './config/interop-commands.js';
export { type TrainConfig, trainSchema } from './config/schema.js';
export { fromStoredConfig, resumedConfig, toStoredConfig } from './config/stored.js';
export { type CheckOptions, checkDataset } from './data/check/check.js';
export { boundaryMap } from './data/decode/boundary.js';
export type { AlphaMode } from './data/decode/channels.js';
export { decodeImage, decodeInstanceMap, decodeLabelMap, type ImageHeader, readHeader } from './data/decode/decode.js';
export type { Layout, Phase, Role } from './data/find/layout.js';
export { type FindOptions, findSamples, type Orphan, type Pairing, pairUp, type Sample } from './data/find/pairs.js';
export { stemOf } from './data/find/stems.js';
export { type LabelClass, readClasses } from './data/judge/classes.js';
export { type Finding, type FindingCode, hasErrors, type Report, type Severity } from './data/judge/findings.js';
export { type LabelMapping, parseLabelMap } from './data/judge/label-map.js';
// Pairs of images: found, decoded, resized, batched, examined
export { type Batch, makeBatch } from './data/load/batch.js';
export { Loader, type LoaderOptions } from './data/load/loader.js';
export { loadSample, type SampleArrays, type SampleSpec } from './data/load/sample.js';
export { Random, type RandomState, sampleRandom } from './data/random.js';
export { type Depth, type IdArray, type IdMap, IGNORE_LABEL, type Raster } from './data/raster.js';
export { resizeBicubic, resizeNearest } from './data/resize/resize.js';
export { type ResizeMode, type TransformOptions, wholeImage } from './data/resize/transform.js';
export { UsageError, UserError, type UserErrorParts } from './errors.js';
// Figures of merit
export type { Image8 } from './evaluation/image.js';
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
export { type GeneratedImage, type GeneratorConfig, ImageGenerator } from './inference/image-generator.js';
export { type Translation, type TranslationWatch, translateAll } from './inference/translate.js';
// Official checkpoints
export { readClusteredFeatures } from './interop/clustered-features.js';
export { type ExportOptions, exportPth, exportSafetensors } from './interop/export.js';
export { type Imported, type ImportOptions, importOfficial } from './interop/import.js';
export { formatOptTxt, readOptTxt } from './interop/opt-txt.js';
export { discriminatorLoss, type GanMode, generatorLoss } from './losses/adversarial.js';
export { featureMatchingLoss } from './losses/feature-matching.js';
export { hasPerceptualLoss, type PerceptualOptions, perceptualLoss } from './losses/perceptual.js';
export { estimateMemory, type MemoryEstimate, type TrainingSize } from './memory/estimate.js';
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
  initialise,
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
// Sheets of images
export { colourLabels, paintLabels } from './report/colour-labels.js';
export { composeSheet, type Sheet, type SheetRow } from './report/sheet.js';
// TensorBoard event files
export { EventWriter } from './report/tensorboard/event-writer.js';
// Training
export type { Condition as HealthCondition } from './run/health/advice.js';
export { Health, type Notice } from './run/health/health.js';
export { type GuardDecision, NonFiniteGuard } from './run/health/non-finite-guard.js';
export { Interrupt } from './run/interrupt.js';
export { type Run, type RunResult, trainLoop } from './run/loop.js';
export { type LossRecord, readLossLog } from './run/loss-log.js';
export type { ProgressStream } from './run/progress.js';
export { RunFolder, runsIn } from './run/run-folder.js';
export { findTrainingSamples, startRun, trainingSpec } from './run/start.js';
// The styles of a trained network
export { buildStyleBook, type ClassSummary } from './styles/build-book.js';
// Networks, what they are conditioned on, and their losses
export {
  type Cluster,
  type ClusterOptions,
  clusterPoints,
  type PointClusters,
  type StylePoint,
} from './styles/clusters.js';
export { type EncodedInstance, encodeSet, type FeatureMap } from './styles/encode-set.js';
export { readStyles, writeStyles } from './styles/files/style-book-file.js';
export { poolByInstance } from './styles/instance-pooling.js';
export { findInstances, type Instance } from './styles/instances.js';
export { type ClassStyles, StyleBook, type StyleCluster, type StyleCrop } from './styles/style-book.js';
export {
  chooseStyle,
  parseStyleOption,
  readStyleChoices,
  type Style,
  type StyleChoices,
  type StyleOption,
  sameForAll,
  stylePlanes,
} from './styles/style-choice.js';
export { type Styler, styleByClusters, styleByImages, type Variant } from './styles/styler.js';
export { ImagePool, type Uniform } from './training/image-pool.js';
export type { Recorder } from './training/recorded-step.js';
export { type LinearDecay, learningRate, totalEpochs } from './training/schedule.js';
export { type Position, TrainingSession } from './training/session.js';
export type { StepLosses } from './training/step.js';
export { Trainer, type TrainerOptions } from './training/trainer.js';
