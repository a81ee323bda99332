/** `pix2pixhd generate`: translates a dataset, a folder or a file with a trained generator. */

import { CheckpointStore } from '../checkpoint/store.js';
import { readStyles } from '../checkpoint/styles.js';
import { parseCommand } from '../config/argv.js';
import { type GenerateConfig, generateCommand } from '../config/commands.js';
import type { Sample } from '../data/pairs.js';
import { UsageError, UserError } from '../errors.js';
import { parseStyleOption } from '../features/style-choice.js';
import { ImageGenerator } from '../inference/image-generator.js';
import { findInputs, haveOneSize } from '../inference/inputs.js';
import { type Styler, styleByClusters, styleByImages } from '../inference/styler.js';
import { translateAll } from '../inference/translate.js';
import { expectSizes, prepareCompute } from '../model/compute.js';
import { RunFolder } from '../training/run-folder.js';

/** Runs the command. */
export async function run(argv: readonly string[]): Promise<number> {
  const options = parseCommand(generateCommand, argv);
  const path = checkpointPath(options);
  // Nothing is drawn: dropout belongs to training.
  const compute = prepareCompute({ ...options, seed: 0 });
  const { generator, config, step } = ImageGenerator.load(path, compute);
  try {
    const inputs = findInputs(options, config, warn);
    if (compute.device !== 'cpu') expectSizes(compute, (await haveOneSize(inputs)) ? 'few' : 'many');
    const { samples, variants } = stylerOf(options, generator, path, inputs);
    const total = samples.length * (variants?.length ?? 1);
    process.stdout.write(`${path} (step ${step}): translating ${samples.length} into ${options.out}\n`);
    const isTerminal = process.stdout.isTTY === true;
    const onDone = (done: number, file: string, seconds: number) => {
      const text = `${done}/${total}  ${file}  ${seconds.toFixed(2)} s`;
      process.stdout.write(isTerminal && done < total ? `\r\x1b[K${text}` : `${isTerminal ? '\r\x1b[K' : ''}${text}\n`);
    };
    const onNotice = (notice: string) => process.stderr.write(`warning: ${notice}\n`);
    await translateAll(generator, config, samples, options.out, onDone, variants, onNotice);
    return 0;
  } finally {
    generator.dispose();
  }
}

function warn(line: string): void {
  process.stderr.write(`${line}\n`);
}

function checkpointPath({ name, checkpoint, checkpointsDir, whichEpoch }: GenerateConfig): string {
  if (checkpoint !== null) return checkpoint;
  if (name !== null) return new CheckpointStore(RunFolder.open(checkpointsDir, name).checkpoints).find(whichEpoch);
  throw new UsageError({
    doing: 'choosing the generator',
    found: 'neither --name nor --checkpoint',
    expected: 'one of them',
    remedy: 'give the --name of a run, as it was given to pix2pixhd train',
  });
}

/** How to style the inputs, by `--style` and the seeds. */
function stylerOf(
  options: GenerateConfig,
  generator: ImageGenerator,
  checkpoint: string,
  samples: readonly Sample[],
): Partial<Styler> & Pick<Styler, 'samples'> {
  const { style, styleSeed, styleSeeds } = options;
  if (!generator.usesFeatures) {
    if (style === null && styleSeeds === null) return { samples };
    throw new UsageError({
      doing: 'choosing the style',
      where: style === null ? '--style-seeds' : '--style',
      found: 'a network without styles',
      expected: 'one that was trained with --instance-feat or --label-feat',
      remedy: 'leave the option out, or train a run with --instance-feat',
    });
  }
  const option = parseStyleOption(style ?? 'random');
  if (styleSeeds !== null && option.kind !== 'random' && option.kind !== 'file')
    throw new UsageError({
      doing: 'choosing the style',
      where: '--style-seeds',
      found: `--style ${style}, in which nothing is drawn`,
      expected: '--style random, or a file',
      remedy: 'leave --style-seeds out',
    });
  if (option.kind === 'image' && !generator.encodes)
    throw new UsageError({
      doing: 'choosing the style',
      where: '--style',
      found: `${style}, and a network without encoder: its features came from files`,
      expected: 'random, mean, cluster:N or file:PATH',
      remedy: 'use one of these, after pix2pixhd encode',
    });
  if (option.kind === 'image') return styleByImages(generator, option.path, samples, warn);
  const book = readStyles(checkpoint);
  if (book === undefined) throw withoutStyles(checkpoint, options, generator.encodes);
  const seeds = Array.from({ length: styleSeeds ?? 1 }, (_, i) => styleSeed + i);
  return styleByClusters(generator, book, option, seeds, samples);
}

function withoutStyles(
  checkpoint: string,
  { name, checkpointsDir, whichEpoch }: GenerateConfig,
  encodes: boolean,
): UserError {
  const run = [
    `--name ${name ?? 'NAME'}`,
    ...(checkpointsDir === 'checkpoints' ? [] : [`--checkpoints-dir ${checkpointsDir}`]),
    ...(whichEpoch === 'latest' ? [] : [`--which-epoch ${whichEpoch}`]),
  ].join(' ');
  return new UserError({
    doing: 'choosing the style',
    where: checkpoint,
    found: 'a network that takes styles, and none in its checkpoint',
    expected: 'the clusters that pix2pixhd encode stores in it',
    remedy: `run pix2pixhd encode ${run} once${encodes ? ', or take the styles of a picture with --style image:PATH' : ''}`,
  });
}
