/**
 * An estimate of the memory that training takes, from the shapes of the networks. Depends on config only.
 */
import type { TrainConfig } from '../config/schema.js';
import { conditionChannels } from './networks.js';

/** Where the bytes go. */
export interface MemoryEstimate {
  /** Weights, their bfloat16 copies, Adam's two moments and the gradients. */
  readonly weights: number;
  /** What the backward passes need of the forward passes. */
  readonly activations: number;
  readonly total: number;
}

/** One convolution with its padding, norm and activation, at the size of its output. */
interface Stage {
  readonly inputs: number;
  readonly outputs: number;
  readonly inputPixels: number;
  readonly outputPixels: number;
}

/** Elements kept for the backward pass: the padded input of the convolution, and its output for the norm. */
function kept(stages: readonly Stage[]): number {
  return stages.reduce((sum, s) => sum + s.inputs * s.inputPixels * 1.1 + s.outputs * s.outputPixels, 0);
}

function globalStages(inputs: number, ngf: number, downs: number, blocks: number, pixels: number): Stage[] {
  const stages: Stage[] = [{ inputs, outputs: ngf, inputPixels: pixels, outputPixels: pixels }];
  for (let i = 0; i < downs; i++)
    stages.push({
      inputs: ngf * 2 ** i,
      outputs: ngf * 2 ** (i + 1),
      inputPixels: pixels / 4 ** i,
      outputPixels: pixels / 4 ** (i + 1),
    });
  const deep = {
    inputs: ngf * 2 ** downs,
    outputs: ngf * 2 ** downs,
    inputPixels: pixels / 4 ** downs,
    outputPixels: pixels / 4 ** downs,
  };
  for (let i = 0; i < blocks * 2; i++) stages.push(deep);
  for (let i = downs; i > 0; i--)
    stages.push({
      inputs: ngf * 2 ** i,
      outputs: ngf * 2 ** (i - 1),
      inputPixels: pixels / 4 ** i,
      outputPixels: pixels / 4 ** (i - 1),
    });
  return stages;
}

function generatorStages(config: TrainConfig, pixels: number): Stage[] {
  const inputs = conditionChannels(config);
  const { ngf, nDownsampleGlobal: downs, nBlocksGlobal: blocks } = config;
  const last: Stage = { inputs: ngf, outputs: config.outputNc, inputPixels: pixels, outputPixels: pixels };
  if (config.netG === 'unet') {
    const stages: Stage[] = [];
    for (let i = 0; i < config.nDownsampleUnet; i++) {
      const width = ngf * Math.min(8, 2 ** i);
      const at = pixels / 4 ** (i + 1);
      stages.push({ inputs: width, outputs: width, inputPixels: at, outputPixels: at });
      stages.push({ inputs: 2 * width, outputs: width, inputPixels: at, outputPixels: at * 4 });
    }
    return stages;
  }
  if (config.netG === 'global') return [...globalStages(inputs, ngf, downs, blocks, pixels), last];
  const levels = config.nLocalEnhancers;
  const stages = globalStages(inputs, ngf * 2 ** levels, downs, blocks, pixels / 4 ** levels);
  for (let n = 1; n <= levels; n++) {
    const width = ngf * 2 ** (levels - n);
    const here = pixels / 4 ** (levels - n);
    stages.push({ inputs, outputs: width, inputPixels: here, outputPixels: here });
    const half = { inputs: width * 2, outputs: width * 2, inputPixels: here / 4, outputPixels: here / 4 };
    stages.push({ ...half, inputs: width, inputPixels: here });
    for (let i = 0; i < config.nBlocksLocal * 2; i++) stages.push(half);
    stages.push({ inputs: width * 2, outputs: width, inputPixels: here / 4, outputPixels: here });
  }
  return [...stages, last];
}

function discriminatorStages(config: TrainConfig, pixels: number): Stage[] {
  const stages: Stage[] = [];
  for (let scale = 0; scale < config.numD; scale++) {
    let inputs = conditionChannels(config) + config.outputNc;
    let at = pixels / 4 ** scale;
    let outputs = config.ndf;
    for (let layer = 0; layer <= config.nLayersD; layer++) {
      const next = layer < config.nLayersD ? at / 4 : at;
      stages.push({ inputs, outputs, inputPixels: at, outputPixels: next });
      inputs = outputs;
      outputs = Math.min(outputs * 2, 512);
      at = next;
    }
  }
  return stages;
}

/**
 * Estimates the memory of a training step on images of a size.
 * @param weightCount weights of generator and discriminator together.
 * @param lowered computing in bfloat16.
 */
export function estimateMemory(
  config: TrainConfig,
  weightCount: number,
  width: number,
  height: number,
  lowered: boolean,
): MemoryEstimate {
  const bytes = lowered ? 2 : 4;
  const pixels = width * height * config.batchSize;
  const weights = weightCount * (3 * 4 + (lowered ? 2 + 2 : 4));
  const elements = kept(generatorStages(config, pixels)) + 2 * kept(discriminatorStages(config, pixels));
  const activations = elements * bytes;
  return { weights, activations, total: weights + activations };
}
