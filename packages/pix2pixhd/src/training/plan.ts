/**
 * What a run would be, in words, without running it: sizes, parameters, memory. Depends on data and model.
 */
import type { TrainConfig } from '../config/schema.js';
import { readHeader } from '../data/decode.js';
import type { Sample } from '../data/pairs.js';
import { planTransform } from '../data/transform.js';
import { prepareCompute } from '../model/compute.js';
import { estimateMemory } from '../model/memory.js';
import { buildDiscriminator, buildGenerator } from '../model/networks.js';
import { checkDiscriminators } from '../model/sizes.js';
import { trainingSpec } from './start.js';

/** Describes the plan of a run over several lines. */
export async function describePlan(config: TrainConfig, samples: readonly Sample[]): Promise<string> {
  const first = samples[0]!;
  const file = first.label ?? first.source ?? first.image!;
  const { transform } = trainingSpec(config);
  const plan = planTransform(await readHeader(file), transform, { uniform: () => 0 }, file);
  const { width, height } = plan.crop;
  checkDiscriminators(config.numD, width, height);
  const compute = prepareCompute(config);
  const generator = countAndDispose(buildGenerator(config));
  const discriminator = countAndDispose(buildDiscriminator(config));
  const memory = estimateMemory(config, generator + discriminator, width, height, compute.precision === 'bf16');
  const grouped = (n: number) => n.toLocaleString('en');
  const gigabytes = (n: number) => `${(n / 2 ** 30).toFixed(2)} GiB`;
  return [
    `pairs:          ${samples.length}, each trained on at ${width}×${height}${plan.notice === undefined ? '' : ` (${plan.notice})`}`,
    `steps an epoch: ${Math.ceil(samples.length / config.batchSize)}`,
    `computing:      ${compute.precision} on ${compute.device}, ${compute.threads} threads`,
    `generator:      ${grouped(generator)} parameters`,
    `discriminator:  ${grouped(discriminator)} parameters`,
    `memory:         about ${gigabytes(memory.total)} (weights, moments and gradients ${gigabytes(memory.weights)}, activations ${gigabytes(memory.activations)}), the program itself apart`,
  ].join('\n');
}

function countAndDispose(network: ReturnType<typeof buildGenerator>): number {
  const parameters = network.parameterCount();
  network.dispose();
  return parameters;
}
