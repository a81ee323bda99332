/**
 * An estimate of the memory that training takes at most, from the shapes of the networks and the course of a step (the
 * trainer's). Depends on config and footprints. Calibrated on Linux, on the CPU (docs/speed.md).
 */
import type { TrainConfig } from '../config/schema.js';
import { conditionChannels, usesFeatures } from '../networks/build.js';
import {
  type Area,
  discriminatorKept,
  encoderSegments,
  generatorSegments,
  pixels,
  type Segment,
  vggKept,
} from './footprint.js';

/** Where the bytes go. */
export interface MemoryEstimate {
  /** Node, libtorch and its compiled kernels, the threads that load, images decoded ahead. */
  readonly program: number;
  /** Weights, their bfloat16 copies and averages, Adam's two moments, VGG19. */
  readonly weights: number;
  /** What a step adds at its fullest: what the backward passes need of the forward passes, and gradients. */
  readonly step: number;
  readonly total: number;
}

/** What a stage of a run trains on what. */
export interface TrainingSize {
  /** Of an image as it is trained on. */
  readonly width: number;
  readonly height: number;
  /** Pairs in the data set, and the pixels of one as it is kept decoded. */
  readonly pairs: number;
  readonly pairPixels: number;
  /** Computing in bfloat16. */
  readonly lowered: boolean;
  /** Weights of the networks; the encoder's are 0 where there is none. */
  readonly weights: Readonly<Record<'generator' | 'discriminator' | 'encoder', number>>;
  /** The generator's weights that are trained: fewer than all where coarser parts are frozen. */
  readonly trained: number;
  /** Only the newest enhancer of the generator is trained. */
  readonly frozen: boolean;
}

/** Node with the packages that a run loads, libtorch, and the kernels oneDNN makes for its shapes. */
const programBytes = 300 * 2 ** 20;
/** A thread that loads, with the decoders' working memory. */
const loaderThreadBytes = 25 * 2 ** 20;
/** What the loader keeps decoded at most. */
const decodedBytes = 256 * 2 ** 20;
/**
 * How much larger than what lives in it the heap gets. Large tensors leave no holes (the pool of pages), but what oneDNN reorders
 * and packs is its own; most in float32, and where checkpointing gives back and takes anew all the time.
 */
const heapHoles = {
  bf16: { weights: 1.08, step: 1.08, checkpointed: 1.15 },
  fp32: { weights: 1.12, step: 1.12, checkpointed: 1.2 },
} as const;

/** Estimates the peak of the resident memory of `pix2pixhd train`. */
export function estimateMemory(config: TrainConfig, size: TrainingSize): MemoryEstimate {
  const program = programBytes + loaderBytes(config, size);
  const holes = heapHoles[size.lowered ? 'bf16' : 'fp32'];
  const weights = weightBytes(config, size) * holes.weights;
  const whole = stepBytes({ ...config, checkpointing: false }, size) * holes.step;
  // Where gradients of weights fill the memory there is nothing to save, and nothing to lose.
  const step = config.checkpointing ? Math.min(whole, stepBytes(config, size) * holes.checkpointed) : whole;
  return { program, weights, step, total: program + weights + step };
}

/** Bytes of a pixel of a batch: ids and colours are four bytes each. */
function batchPixelBytes(config: TrainConfig): number {
  const { labelNc, inputNc, outputNc, noInstance, loadFeatures, featNum } = config;
  const input = labelNc === 0 ? inputNc : noInstance ? 1 : 2;
  return 4 * (input + outputNc + (loadFeatures ? featNum : 0));
}

function loaderBytes(config: TrainConfig, { width, height, pairs, pairPixels }: TrainingSize): number {
  const { labelNc, inputNc, outputNc, noInstance, workers, batchSize } = config;
  const decodedPixel = outputNc + (labelNc === 0 ? inputNc : noInstance ? 4 : 8);
  const decoded = Math.min(decodedBytes, pairs * pairPixels * decodedPixel);
  const pair = width * height * batchPixelBytes(config);
  // Two batches a thread are prepared ahead of the one that is trained on; four pairs are kept for samples.
  return workers * loaderThreadBytes + decoded + pair * (batchSize * (2 * workers + 2) + Math.min(4, pairs));
}

function weightBytes(config: TrainConfig, { weights, trained, lowered }: TrainingSize): number {
  const { generator, discriminator, encoder } = weights;
  const each = lowered ? 4 + 2 : 4;
  const averaged = config.ema > 0 ? generator : 0;
  const vgg = config.vggLoss === true ? vggKept.weights * (lowered ? 2 : 4) : 0;
  const moments = 2 * 4 * (trained + discriminator + encoder);
  return (generator + discriminator + encoder + averaged) * each + moments + vgg;
}

/** The fullest moment of a step: while the discriminator is differentiated, the generator, or the weights updated. */
function stepBytes(config: TrainConfig, { width, height, lowered, weights, trained, frozen }: TrainingSize): number {
  const element = lowered ? 2 : 4;
  const at: Area = { images: config.batchSize, width, height };
  const count = pixels(at);
  const condition = conditionChannels(config);
  const generator = generatorSegments(config, at, frozen);
  const encoder = encoderSegments(config, at);
  const segments = [...encoder, ...generator];

  const styled = usesFeatures(config) ? condition + config.featNum : 0;
  const inputs = count * ((condition + styled) * element + 4 * config.outputNc);
  const kept = config.checkpointing
    ? boundaries(segments)
    : sum(
        segments.flatMap(({ layers }) => layers),
        'kept',
      );
  // The tanh at a generator's end computes and keeps float32.
  const images = (encoder.length > 0 ? config.featNum : 0) + config.outputNc;
  const generated = kept * element + images * count * 4;
  const gradients = (trained + weights.discriminator + weights.encoder) * element;
  // Batches before this one have left their sums in float32, and the first of them its gradients.
  const sums = config.accumulate > 1 ? (gradients / element) * (lowered ? 4 + 2 : 4) : 0;

  const judging = generated + judgementBytes(config, at, element);
  const drawing =
    images * count * 4 + (backwardElements(segments, config.checkpointing) + weights.discriminator) * element;
  return inputs + sums + Math.max(judging, drawing, gradients);
}

/** Discriminator and VGG19 on real and generated images: what both keep, and the gradients that pass. */
function judgementBytes(config: TrainConfig, at: Area, element: number): number {
  const count = pixels(at);
  const inputs = conditionChannels(config) + config.outputNc;
  // Batch norm and an image pool need a pass of their own on what the discriminator is to call fake.
  const passes = config.norm === 'batch' || config.poolSize > 0 ? 3 : 2;
  const kept = passes * discriminatorKept(config, at);
  // Towards the finest scale's input come gradients from itself and from the scale below, then their sum.
  const towardsInput = 3 * inputs * count;
  if (config.vggLoss !== true) return (kept + towardsInput) * element;
  const vgg = count * ((vggKept.fake + vggKept.real) * element + vggKept.indexBytes);
  return (kept + Math.max(towardsInput, 3 * 64 * count)) * element + vgg;
}

/** Elements that lie between the segments, the last one's output apart. */
function boundaries(segments: readonly Segment[]): number {
  return segments.slice(0, -1).reduce((total, { output }) => total + output, 0);
}

/** The most elements at any layer of the backward pass: what earlier layers keep, what passes, and the gradients so far. */
function backwardElements(segments: readonly Segment[], checkpointing: boolean): number {
  let before = checkpointing
    ? boundaries(segments)
    : sum(
        segments.flatMap(({ layers }) => layers),
        'kept',
      );
  let gradients = 0;
  let most = 0;
  [...segments].reverse().forEach(({ layers }, i) => {
    let kept = checkpointing ? before + sum(layers, 'kept') : before;
    for (const layer of [...layers].reverse()) {
      gradients += layer.weights;
      most = Math.max(most, kept + layer.passing + gradients);
      kept -= layer.kept;
    }
    before = checkpointing ? before - (segments.at(-2 - i)?.output ?? 0) : kept;
  });
  return most;
}

function sum<K extends string>(items: readonly Record<K, number>[], key: K): number {
  return items.reduce((total, item) => total + item[key], 0);
}
