/**
 * Networks from a configuration: the one place where options become shapes. Depends on config and networks.
 */
import { type nn, RandomGenerator } from '@pix2pixhd/torch';
import { directed } from '../config/direction.js';
import { usesBoundary, usesImages } from '../config/inputs.js';
import type { TrainConfig } from '../config/schema.js';

export { usesBoundary, usesImages };

import {
  type Discriminator,
  FeatureEncoder,
  GlobalGenerator,
  initWeights,
  LocalEnhancer,
  MultiscaleDiscriminator,
  PatchDiscriminator,
  UNetGenerator,
} from './index.js';

/** The options that decide what the networks are. */
export type NetworkConfig = Pick<
  TrainConfig,
  | 'model'
  | 'labelNc'
  | 'inputNc'
  | 'inputs'
  | 'outputNc'
  | 'noInstance'
  | 'netG'
  | 'ngf'
  | 'nDownsampleGlobal'
  | 'nBlocksGlobal'
  | 'nLocalEnhancers'
  | 'nBlocksLocal'
  | 'norm'
  | 'upsample'
  | 'skips'
  | 'nDownsampleUnet'
  | 'noDropout'
  | 'numD'
  | 'nLayersD'
  | 'ndf'
  | 'seed'
  | 'instanceFeat'
  | 'labelFeat'
  | 'featNum'
  | 'loadFeatures'
  | 'nDownsampleE'
  | 'nef'
>;

/** Whether the generator's input ends in style features: of an encoder that is trained with it, or from files (section 3.4). */
export function usesFeatures(config: Pick<NetworkConfig, 'instanceFeat' | 'labelFeat'>): boolean {
  return config.instanceFeat || config.labelFeat;
}

/** Channels of the encoded condition without features: what the discriminator sees beside the image. */
export function conditionChannels(
  config: Pick<NetworkConfig, 'labelNc' | 'noInstance' | 'inputNc' | 'inputs'>,
): number {
  return config.labelNc + (usesBoundary(config) ? 1 : 0) + (usesImages(config) ? config.inputNc : 0);
}

/** A generator with initial weights. */
export function buildGenerator(config: NetworkConfig): nn.SegmentedModule {
  return initWeights(newGenerator(config), new RandomGenerator(config.seed), biasesOf(config));
}

function newGenerator(config: NetworkConfig): nn.SegmentedModule {
  const shape = {
    inputChannels: conditionChannels(config) + (usesFeatures(config) ? config.featNum : 0),
    outputChannels: config.outputNc,
    ngf: config.ngf,
    downsamplings: config.nDownsampleGlobal,
    blocks: config.nBlocksGlobal,
    norm: config.norm,
    upsample: config.upsample,
    skips: config.skips,
  };
  switch (config.netG) {
    case 'global':
      return new GlobalGenerator(shape);
    case 'local':
      return new LocalEnhancer({ ...shape, enhancers: config.nLocalEnhancers, localBlocks: config.nBlocksLocal });
    case 'unet':
      return new UNetGenerator({ ...shape, downsamplings: config.nDownsampleUnet, dropout: !config.noDropout });
  }
}

/** A discriminator with initial weights, from another seed than the generator's. */
export function buildDiscriminator(config: NetworkConfig): Discriminator {
  return initWeights(newDiscriminator(config), new RandomGenerator(config.seed + 1), biasesOf(config));
}

function newDiscriminator(config: NetworkConfig): Discriminator {
  const { model, ndf, nLayersD: layers, norm } = config;
  // Without pairs an image is judged by itself.
  const inputChannels = (model === 'cycle-gan' ? 0 : conditionChannels(config)) + config.outputNc;
  if (model !== 'pix2pixHD') return new PatchDiscriminator({ inputChannels, ndf, layers, norm });
  const shape = { inputChannels, ndf, layers, norm, scales: config.numD, features: true, sigmoid: false };
  return new MultiscaleDiscriminator(shape);
}

/** The initial biases of the public implementations. */
function biasesOf({ model }: NetworkConfig): 'drawn' | 'zero' {
  return model === 'pix2pixHD' ? 'drawn' : 'zero';
}

/** An encoder with initial weights, from a seed of its own; `undefined` where the run has no style features, or loads them. */
export function buildEncoder(config: NetworkConfig): FeatureEncoder | undefined {
  if (!usesFeatures(config) || config.loadFeatures) return undefined;
  const encoder = new FeatureEncoder({
    inputChannels: config.outputNc,
    outputChannels: config.featNum,
    nef: config.nef,
    downsamplings: config.nDownsampleE,
    norm: config.norm,
  });
  return initWeights(encoder, new RandomGenerator(config.seed + 2));
}

/** The networks of CycleGAN. */
export interface CycleNetworks {
  /** From domain A to domain B. */
  readonly generatorA: nn.SegmentedModule;
  /** From domain B to domain A. */
  readonly generatorB: nn.SegmentedModule;
  /** Judges images of domain B, those that generator A makes among them. */
  readonly discriminatorA: Discriminator;
  /** Judges images of domain A. */
  readonly discriminatorB: Discriminator;
}

/** They, with initial weights, each from a seed of its own. */
export function buildCycleNetworks(config: NetworkConfig & Parameters<typeof directed>[0]): CycleNetworks {
  const back = { ...directed(config, 'BtoA'), seed: config.seed + 2 };
  return {
    generatorA: buildGenerator(config),
    generatorB: buildGenerator(back),
    discriminatorA: buildDiscriminator(config),
    discriminatorB: buildDiscriminator(back),
  };
}
