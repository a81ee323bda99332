/** `pix2pixhd generate`: generates the images of a dataset, folders or files with a trained generator. */

import { join } from 'node:path';
import type { Compute } from '../compute/choose-compute.js';
import { chooseCompute } from '../compute/choose-compute.js';
import { configureProcess, expectSizes } from '../compute/configure-process.js';
import { resolveConfig } from '../config/argv.js';
import { type GenerateConfig, generateCommand } from '../config/commands/generate.js';
import { checkAgrees } from '../config/repeatable.js';
import type { Sample } from '../data/find/pairs.js';
import { UsageError, UserError } from '../errors.js';
import { outputFormat } from '../inference/encode-image.js';
import { generateFiles } from '../inference/generate-files.js';
import { outputScale } from '../inference/to-images.js';
import { type OpenedGenerator, openGenerator } from '../interop/open-generator.js';
import { printable } from '../printable.js';
import { parseStyleOption } from '../styles/apply/style-option.js';
import { type Styler, styleByClusters, styleByImages } from '../styles/apply/styler.js';
import { checkpointPath } from './checkpoint-path.js';
import { Failures } from './failures.js';
import { haveOneSize } from './find-inputs.js';
import { kindOfInputs } from './frame-options.js';
import { chooseInputs, guardOf } from './generate-inputs.js';
import { generateLive } from './generate-live.js';
import { generateVideos } from './generate-video.js';
import { Interrupt } from './interrupt.js';
import { readOptions } from './options.js';
import { redraw, type Terminal } from './terminal.js';

/** Runs the command. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { given, stated, operands } = readOptions(generateCommand, argv, terminal);
  const asked = resolveConfig(generateCommand, given);
  const kind = kindOfInputs(given, operands);
  if (kind.kind === 'live') return generateLive(asked, stated, terminal);
  if (kind.kind === 'videos') return generateVideos(asked, stated, kind.files, terminal);
  const path = checkpointPath(asked);
  const compute = chooseCompute(asked);
  configureProcess({ threads: asked.threads, device: compute.device });
  const opened = openGenerator(path, compute, asked.direction);
  const { generator, config, step } = opened;
  try {
    checkAgrees(stated, config, path);
    checkNoise(asked, generator.hasNoise);
    const { out, error, notice: warn } = terminal;
    const { options, paths, inputs, leftOut } = chooseInputs(asked, operands, config, warn);
    if (leftOut > 0) warn(`note: ${leftOut} earlier results in ${options.out} are left out`);
    if (compute.device !== 'cpu') await expect(compute, inputs);
    // Before the first image is computed: it may take a while.
    const { depth } = outputScale(config);
    const format = outputFormat(options.format, config.outputNc, depth, options.quality);
    const { samples, variants } = stylerOf(options, opened, inputs, warn);
    const total = samples.length * (variants?.length ?? 1);
    terminal.say(`${path} (step ${step}): generating ${total} ${total === 1 ? 'image' : 'images'} into ${options.out}`);
    const isTerminal = out.isTTY === true;
    let written = 0;
    const onDone = (done: number, file: string, seconds: number) => {
      const text = `${done}/${total}  ${printable(file)}  ${seconds.toFixed(2)} s`;
      out.write(isTerminal ? `${redraw}${text}${done < total ? '' : '\n'}` : `${text}\n`);
      terminal.event('image', { file, done, total, seconds });
      written = done;
    };
    const failures = new Failures('generate', terminal);
    const stop = new AbortController();
    using interrupt = new Interrupt(() => {
      stop.abort();
      error.write('\nstopping after this image; press Ctrl-C again to quit at once\n');
    });
    const looked = await generateFiles(
      generator,
      config,
      {
        samples,
        out: options.out,
        format,
        guard: guardOf(options, paths, samples),
        noiseSeed: options.noiseSeed ?? 0,
        ...(variants && { variants }),
      },
      {
        onDone,
        onFailure: failures.note,
        onNotice: notice => warn(`warning: ${notice}`),
        signal: stop.signal,
      },
    );
    if (isTerminal && (failures.count > 0 || looked < samples.length)) out.write('\n');
    if (interrupt.requested) error.write(`Interrupted after ${looked} of ${samples.length}\n`);
    if (failures.count > 0) {
      const told = failures.asError('generating the images', looked);
      if (!interrupt.requested) throw told;
      error.write(`${told.message}\n`);
    }
    const reason = interrupt.requested ? 'interrupted' : 'finished';
    terminal.result({ reason, checkpoint: path, step, out: options.out, images: written, failed: failures.count }, '');
    return interrupt.exitCode;
  } finally {
    generator.dispose();
  }
}

function checkNoise({ noiseSeed }: GenerateConfig, hasNoise: boolean): void {
  if (noiseSeed === null || hasNoise) return;
  throw new UsageError({
    code: 'OPTION_MISMATCH',
    doing: 'choosing the noise',
    where: `--noise-seed ${noiseSeed}`,
    found: 'a network without noise',
    expected: 'one with dropout (pix2pixhd train --model pix2pix)',
    remedy: 'leave --noise-seed out',
  });
}

/** On a GPU; what is wrong with a file is reported when its turn comes. */
async function expect(compute: Compute, inputs: readonly Sample[]): Promise<void> {
  let oneSize = false;
  try {
    oneSize = await haveOneSize(inputs);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
  expectSizes(compute, oneSize ? 'few' : 'many');
}

/** How to style the inputs, by `--style` and the seeds. */
function stylerOf(
  options: GenerateConfig,
  { generator, file, book }: OpenedGenerator,
  samples: readonly Sample[],
  warn: (line: string) => void,
): Partial<Styler> & Pick<Styler, 'samples'> {
  const { styleSeed, styleSeeds } = options;
  const style = options.style ?? (options.useEncodedImage ? encodedImage(options) : null);
  if (!generator.takesStyles) {
    // The original takes its option for encoded images without an encoder too, and ignores it.
    if (options.style === null && styleSeeds === null) {
      if (options.useEncodedImage) warn('note: --use-encoded-image: this network takes no styles');
      return { samples };
    }
    throw new UsageError({
      code: 'NO_ENCODER',
      doing: 'choosing the style',
      where: options.style === null ? '--style-seeds' : '--style',
      found: 'a network without styles',
      expected: 'one that was trained with an encoder',
      remedy: 'leave the option out, or train a run with styles: pix2pixhd train --instance-feat',
    });
  }
  const option = parseStyleOption(style ?? 'random');
  if (styleSeeds !== null && option.kind !== 'random' && option.kind !== 'file')
    throw new UsageError({
      code: 'OPTION_CONFLICT',
      doing: 'choosing the style',
      where: '--style-seeds',
      found: `--style ${style}, which draws nothing at random`,
      expected: '--style random, or a file',
      remedy: 'leave --style-seeds out',
    });
  if (option.kind === 'image' && !generator.hasEncoder)
    throw new UsageError({
      code: 'NO_ENCODER',
      doing: 'choosing the style',
      where: '--style',
      found: `${style}, and a network without an encoder: its features came from files`,
      expected: 'random, mean, cluster:N or file:PATH',
      remedy: 'use one of these, after running pix2pixhd encode',
    });
  if (option.kind === 'image') return styleByImages(generator, option.path, samples, warn);
  if (book === undefined) throw withoutStyles(file, options, generator.hasEncoder);
  const seeds = Array.from({ length: styleSeeds ?? 1 }, (_, i) => styleSeed + i);
  return styleByClusters(generator, book, option, seeds, samples);
}

/** What `--use-encoded-image` stands for. */
function encodedImage({ dataroot, phase }: GenerateConfig): string {
  if (dataroot !== null) return `image:${join(dataroot, `${phase}_img`)}`;
  throw new UsageError({
    code: 'BAD_OPTION',
    doing: 'choosing the style',
    where: '--use-encoded-image',
    found: 'no dataset',
    expected: '--dataroot, whose real images are encoded',
    remedy: 'give --dataroot, or --style image:PATH',
  });
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
    code: 'STYLES_MISSING',
    doing: 'choosing the style',
    where: checkpoint,
    found: 'a network that takes styles, but no styles in its checkpoint',
    expected: 'the clusters that pix2pixhd encode stores in it',
    remedy: `run pix2pixhd encode ${run} once${encodes ? ', or take the styles of an image with --style image:PATH' : ''}`,
  });
}
