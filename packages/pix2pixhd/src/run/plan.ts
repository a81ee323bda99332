/**
 * What a run would be, in words, without training it: sizes, parameters, memory. Depends on data and memory.
 */

import { getThreads } from '@pix2pixhd/torch';
import { describeNetwork, letterOf, type NetworkName } from '../checkpoint/network-names.js';
import type { Compute } from '../compute/choose-compute.js';
import { describeStage, type Stage } from '../config/stages.js';
import { readHeader } from '../data/files/header.js';
import { type Sample, samplesPerEpoch } from '../data/find/pairs.js';
import { planTransform } from '../data/load/transform.js';
import { domainsOf } from '../data/load/unpaired-loader.js';
import { estimateMemory } from '../memory/estimate.js';
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
      ...(await describeNetworks(stage, compute, samples)),
    );
  return [computing, ...described].join('\n');
}

async function describeNetworks(stage: Stage, compute: Compute, samples: readonly Sample[]): Promise<string[]> {
  const { config } = stage;
  const first = samples[0]!;
  const file = first.label ?? first.source ?? first.image!;
  const { transform } = trainingSpec(config);
  const plan = planTransform(await readHeader(file), transform, { uniform: () => 0 }, file);
  const { width, height } = plan.crop;
  checkDiscriminators(config, width, height);
  const images = { width, height, pairs: samples.length, pairPixels: plan.resize.width * plan.resize.height };
  const memory = estimateMemory(stage, compute, images);
  const parameters = Object.entries(memory.parameters) as [NetworkName, number][];
  const grouped = (n: number) => n.toLocaleString('en');
  const gigabytes = (n: number) => `${(n / 2 ** 30).toFixed(2)} GiB`;
  const steps = Math.ceil(Math.ceil(samplesPerEpoch(samples) / config.batchSize) / config.accumulate);
  return [
    `${countSamples(config, samples)}, each trained on at ${width}×${height}${plan.notice === undefined ? '' : ` (${plan.notice})`}`,
    `steps per epoch: ${steps}`,
    ...parameters.map(
      ([name, count]) => `${`${describeNetwork(letterOf(name))}:`.padEnd(16)} ${grouped(count)} parameters`,
    ),
    `memory:          about ${gigabytes(memory.total)} (weights and moments ${gigabytes(memory.weights)}, a step ${gigabytes(memory.step)}, the program itself ${gigabytes(memory.program)})`,
  ];
}

function countSamples({ model }: Stage['config'], samples: readonly Sample[]): string {
  if (model !== 'cycle-gan') return `pairs:           ${samples.length}`;
  const { a, b } = domainsOf(samples);
  return `images:          ${a.length} of domain A, ${b.length} of domain B`;
}
