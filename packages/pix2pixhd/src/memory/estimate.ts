/**
 * An estimate of the memory that training takes at most: what a step of the stage holds, what the program itself takes, and
 * what the heap adds. Depends on the counted step. Calibrated on Linux, on the CPU (docs/memory.md).
 */
import type { Compute } from '../compute/choose-compute.js';
import { usesBoundary, usesImages } from '../config/inputs.js';
import type { TrainConfig } from '../config/schema.js';
import type { Stage } from '../config/stages.js';
import { countStep, type ImageSize, type StepMemory } from './meta-step.js';

/** Where the bytes go. */
export interface MemoryEstimate extends StepMemory {
  /** Node, libtorch and its compiled kernels, the loader threads, images decoded ahead. */
  readonly program: number;
  readonly total: number;
}

/** The images that a stage is trained on. */
export interface TrainingImages extends ImageSize {
  /** Pairs in the data set. */
  readonly pairs: number;
  /** Pixels of one pair as it is kept decoded. */
  readonly pairPixels: number;
}

/** Node with the packages that a run loads, libtorch, and the kernels oneDNN makes for its shapes. */
const programBytes = 300 * 2 ** 20;
/** A loader thread, with the decoders' working memory. */
const loaderThreadBytes = 25 * 2 ** 20;
/** What the loader keeps decoded at most. */
const decodedBytes = 256 * 2 ** 20;
/**
 * How much more than its tensors the heap takes. Large tensors leave no holes (the page pool), but what oneDNN reorders and
 * packs is its own. The least-squares fit to the rows of docs/memory.md, which need 1.03 to 1.23.
 */
const heapOverhead = 1.08;

/** Estimates the peak of the resident memory of `pix2pixhd train` in one stage, in bytes. */
export function estimateMemory(
  stage: Pick<Stage, 'config' | 'frozen'>,
  compute: Compute,
  images: TrainingImages,
): MemoryEstimate {
  const counted = countStep(stage, compute, images);
  const program = programBytes + loaderBytes(stage.config, images);
  const [weights, step] = [counted.weights * heapOverhead, counted.step * heapOverhead];
  return { ...counted, program, weights, step, total: program + weights + step };
}

/** Bytes per pixel of a batch: ids and colours take four bytes each. */
function batchPixelBytes(config: TrainConfig): number {
  const { labelNc, inputNc, outputNc, loadFeatures, featNum } = config;
  const input = (usesImages(config) ? inputNc : 0) + Number(labelNc > 0) + Number(usesBoundary(config));
  return 4 * (input + outputNc + (loadFeatures ? featNum : 0));
}

function loaderBytes(config: TrainConfig, { width, height, pairs, pairPixels }: TrainingImages): number {
  const { labelNc, inputNc, outputNc, workers, batchSize } = config;
  const maps = 4 * (Number(labelNc > 0) + Number(usesBoundary(config)));
  const decodedPixel = outputNc + (usesImages(config) ? inputNc : 0) + maps;
  const decoded = Math.min(decodedBytes, pairs * pairPixels * decodedPixel);
  const pair = width * height * batchPixelBytes(config);
  // Two batches per thread are prepared ahead of the one that is trained on; four pairs are kept for samples.
  return workers * loaderThreadBytes + decoded + pair * (batchSize * (2 * workers + 2) + Math.min(4, pairs));
}
