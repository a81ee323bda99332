/**
 * What a run would be, in words, without training it: sizes, parameters, memory. Depends on data, networks and memory.
 */
import { getThreads, type nn } from '@pix2pixhd/torch';
import type { Compute } from '../compute/compute.js';
import { describeStage, type Stage } from '../config/stages.js';
import { readHeader } from '../data/files/header.js';
import type { Sample } from '../data/find/pairs.js';
import { planTransform } from '../data/load/transform.js';
import { estimateMemory } from '../memory/estimate.js';
import { buildDiscriminator, buildEncoder, buildGenerator } from '../networks/build.js';
import { LocalEnhancer } from '../networks/local-enhancer.js';
import { checkDiscriminators } from '../networks/sizes.js';
import { trainingSpec } from './training-spec.js';

/** Describes a run of these stages on these training pairs, over several lines. */
export async function describePlan(
  stages: readonly Stage[],
  compute: Compute,
  samples: readonly Sample[],
): Promise<string> {
  const computing = `computing:       ${compute.precision} on ${compute.device}, ${getThreads()} threads`;
  const described: string[] = [];
  for (const stage of stages)
    described.push(
      ...(stage.of > 1 ? ['', describeStage(stage)] : []),
      ...(await describeNetworks(stage, samples, compute.precision === 'bf16')),
    );
  return [computing, ...described].join('\n');
}

async function describeNetworks(
  { config, frozen }: Stage,
  samples: readonly Sample[],
  mixedPrecision: boolean,
): Promise<string[]> {
  const first = samples[0]!;
  const file = first.label ?? first.source ?? first.image!;
  const { transform } = trainingSpec(config);
  const plan = planTransform(await readHeader(file), transform, { uniform: () => 0 }, file);
  const { width, height } = plan.crop;
  checkDiscriminators(config.numD, width, height);
  const network = buildGenerator(config);
  if (frozen && network instanceof LocalEnhancer) network.freezeCoarser();
  const trained = network.parameters().filter(parameter => parameter.trainable);
  const size = {
    width,
    height,
    pairs: samples.length,
    pairPixels: plan.resize.width * plan.resize.height,
    lowered: mixedPrecision,
    trained: trained.reduce((sum, { value }) => sum + value.numel, 0),
    frozen,
    weights: {
      generator: countAndDispose(network),
      discriminator: countAndDispose(buildDiscriminator(config)),
      encoder: countAndDispose(buildEncoder(config)),
    },
  };
  const { generator, discriminator, encoder } = size.weights;
  const memory = estimateMemory(config, size);
  const grouped = (n: number) => n.toLocaleString('en');
  const gigabytes = (n: number) => `${(n / 2 ** 30).toFixed(2)} GiB`;
  const steps = Math.ceil(Math.ceil(samples.length / config.batchSize) / config.accumulate);
  return [
    `pairs:           ${samples.length}, each trained on at ${width}×${height}${plan.notice === undefined ? '' : ` (${plan.notice})`}`,
    `steps per epoch: ${steps}`,
    `generator:       ${grouped(generator)} parameters`,
    `discriminator:   ${grouped(discriminator)} parameters`,
    ...(encoder > 0 ? [`encoder:         ${grouped(encoder)} parameters`] : []),
    `memory:          about ${gigabytes(memory.total)} (weights and moments ${gigabytes(memory.weights)}, a step ${gigabytes(memory.step)}, the program itself ${gigabytes(memory.program)})`,
  ];
}

function countAndDispose(network: nn.Module | undefined): number {
  const parameters = network?.parameterCount() ?? 0;
  network?.dispose();
  return parameters;
}
