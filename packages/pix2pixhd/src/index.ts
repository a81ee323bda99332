/**
 * What programs may import from `pix2pixhd`, room by room in the order in which data flows. Whatever is not listed here is
 * the package's own business and may change. Depends on every room but the command line.
 */

// Checkpoints, and pictures made from them
export { Checkpoint, type CheckpointState, saveCheckpoint, type TrainedParts } from './checkpoint/checkpoint.js';
export { CheckpointStore } from './checkpoint/store.js';
export { readStyles, writeStyles } from './checkpoint/styles.js';
// Options
export { type CheckConfig, checkSchema, type GenerateConfig, generateSchema } from './config/commands.js';
export { type EncodeConfig, encodeSchema } from './config/encode-command.js';
export { type ExportConfig, exportSchema, type ImportConfig, importSchema } from './config/interop-commands.js';
export { type TrainConfig, trainSchema } from './config/schema.js';
export { fromStoredConfig, resumedConfig, toStoredConfig } from './config/stored.js';
// Pairs of pictures: found, decoded, resized, batched, examined
export { type Batch, makeBatch } from './data/batch.js';
export { boundaryMap } from './data/boundary.js';
export type { AlphaMode } from './data/channels.js';
export { type CheckOptions, checkDataset } from './data/check.js';
export { type LabelClass, readClasses } from './data/classes.js';
export { decodeImage, decodeInstanceMap, decodeLabelMap, type ImageHeader, readHeader } from './data/decode.js';
export { type Finding, type FindingCode, hasErrors, type Report, type Severity } from './data/findings.js';
export { type LabelMapping, parseLabelMap } from './data/label-map.js';
export type { Layout, Phase, Role } from './data/layout.js';
export { Loader, type LoaderOptions } from './data/loader.js';
export { type FindOptions, findSamples, type Orphan, type Pairing, pairUp, type Sample } from './data/pairs.js';
export { Random, type RandomState, sampleRandom } from './data/random.js';
export { type Depth, type IdArray, type IdMap, IGNORE_LABEL, type Raster } from './data/raster.js';
export { resizeBicubic, resizeNearest } from './data/resize.js';
export { loadSample, type SampleArrays, type SampleSpec } from './data/sample.js';
export { stemOf } from './data/stems.js';
export { type ResizeMode, type TransformOptions, wholePicture } from './data/transform.js';
// The demo's data sets
export { makeEmojiDataset } from './demo/emoji.js';
export {
  EMOJI_LABEL_CLASSES,
  type EmojiLabelCounts,
  makeEmojiLabelDataset,
} from './demo/emoji-labels.js';
export type { EmojiCounts, EmojiOptions } from './demo/emoji-pairs.js';
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
// Networks, what they are conditioned on, and their losses
export {
  type Cluster,
  type ClusterOptions,
  clusterPoints,
  type PointClusters,
  type StylePoint,
} from './features/clusters.js';
export { poolByInstance } from './features/instance-pooling.js';
export { findInstances, type Instance } from './features/instances.js';
export { type ClassStyles, StyleBook, type StyleCluster, type StyleCrop } from './features/style-book.js';
export {
  chooseStyle,
  parseStyleOption,
  readStyleChoices,
  type Style,
  type StyleChoices,
  type StyleOption,
  sameForAll,
  stylePlanes,
} from './features/style-choice.js';
export { type GeneratedImage, type GeneratorConfig, ImageGenerator } from './inference/image-generator.js';
export { type Styler, styleByClusters, styleByImages, type Variant } from './inference/styler.js';
export { type Translation, type TranslationWatch, translateAll } from './inference/translate.js';
export { type Condition, encodeCondition, encodeImage, type InputFormat } from './input/encode.js';
// Official checkpoints
export { readClusteredFeatures } from './interop/clustered-features.js';
export { type ExportOptions, exportPth, exportSafetensors } from './interop/export.js';
export { type Imported, type ImportOptions, importOfficial } from './interop/import.js';
export { formatOptTxt, readOptTxt } from './interop/opt-txt.js';
export { discriminatorLoss, type GanMode, generatorLoss } from './losses/adversarial.js';
export { featureMatchingLoss } from './losses/feature-matching.js';
export { hasPerceptualLoss, type PerceptualOptions, perceptualLoss } from './losses/perceptual.js';
// From options to networks on a device
export {
  type Compute,
  computeForTranslation,
  expectSizes,
  placeForTranslation,
  placeNetwork,
  prepareCompute,
} from './model/compute.js';
export { estimateMemory, type MemoryEstimate, type TrainingSize } from './model/memory.js';
export {
  buildDiscriminator,
  buildGenerator,
  conditionChannels,
  type NetworkConfig,
  usesBoundary,
} from './model/networks.js';
export { leastSide, sizeMultiple } from './model/sizes.js';
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
  UNetGenerator,
  type UNetOptions,
  type UpsampleKind,
  type Verdicts,
  Vgg19,
} from './networks/index.js';
// What may be written where
export { OutputGuard, type Writing } from './output/guard.js';
// The weights of VGG19: found, fetched, read
export { loadVgg } from './pretrained/load-vgg.js';
export { downloadVggWeights, findVggWeights, type VggDownload, vggCachePath } from './pretrained/vgg-weights.js';
// Sheets of pictures
export { colourLabels, paintLabels } from './report/colour-labels.js';
export { composeSheet, type Sheet, type SheetRow } from './report/sheet.js';
// TensorBoard event files
export { EventWriter } from './report/tensorboard/event-writer.js';
// The styles of a trained network
export { buildStyleBook, type ClassSummary } from './styles/build-book.js';
export { type EncodedInstance, encodeSet, type FeatureMap } from './styles/encode-set.js';
// Training
export type { Condition as HealthCondition } from './training/health/advice.js';
export { Health, type Notice } from './training/health/health.js';
export { type GuardDecision, NonFiniteGuard } from './training/health/non-finite-guard.js';
export { ImagePool, type Uniform } from './training/image-pool.js';
export { Interrupt } from './training/interrupt.js';
export { type Run, type RunResult, trainLoop } from './training/loop.js';
export { type LossRecord, readLossLog } from './training/loss-log.js';
export type { ProgressStream } from './training/progress.js';
export type { Recorder } from './training/recorded-step.js';
export { RunFolder, runsIn } from './training/run-folder.js';
export { type LinearDecay, learningRate, totalEpochs } from './training/schedule.js';
export { type Position, TrainingSession } from './training/session.js';
export { findTrainingSamples, startRun, trainingSpec } from './training/start.js';
export type { StepLosses } from './training/step.js';
export { Trainer, type TrainerOptions } from './training/trainer.js';
