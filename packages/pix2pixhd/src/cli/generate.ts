/** `pix2pixhd generate`: translates a dataset, folders or files with a trained generator. */

import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CheckpointStore } from '../checkpoint/store.js';
import { readStyles } from '../checkpoint/styles.js';
import { resolveConfig } from '../config/argv.js';
import { type GenerateConfig, generateCommand } from '../config/commands.js';
import { checkAgrees } from '../config/repeatable.js';
import type { TrainConfig } from '../config/schema.js';
import { folderNames } from '../data/folders.js';
import type { Sample } from '../data/pairs.js';
import { UsageError, UserError } from '../errors.js';
import { parseStyleOption } from '../features/style-choice.js';
import { ImageGenerator } from '../inference/image-generator.js';
import { findInputs, haveOneSize } from '../inference/inputs.js';
import { type Styler, styleByClusters, styleByImages } from '../inference/styler.js';
import { translateAll } from '../inference/translate.js';
import { type Compute, expectSizes, prepareCompute } from '../model/compute.js';
import { liesIn, OutputGuard } from '../output/guard.js';
import { printable } from '../printable.js';
import { Interrupt } from '../training/interrupt.js';
import { RunFolder } from '../training/run-folder.js';
import { Failures } from './failures.js';
import { readOptions } from './options.js';
import { redraw, type Terminal } from './terminal.js';

/** Runs the command. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { given, stated, operands } = readOptions(generateCommand, argv, terminal);
  const asked = resolveConfig(generateCommand, given);
  const path = checkpointPath(asked);
  // Nothing is drawn: dropout belongs to training.
  const compute = prepareCompute({ ...asked, seed: 0 });
  const { generator, config, step } = ImageGenerator.load(path, compute);
  try {
    checkAgrees(stated, config, path);
    const { options, paths } = whatToTranslate(asked, operands, config);
    const found = allInputs(options, paths, config);
    const inputs = withoutEarlierResults(found, options.out, paths);
    if (inputs.length < found.length)
      terminal.error.write(
        `note: ${found.length - inputs.length} pictures in ${options.out} are left out: that is where the results go\n`,
      );
    if (compute.device !== 'cpu') await expect(compute, inputs);
    const { samples, variants } = stylerOf(options, generator, path, inputs, terminal);
    const total = samples.length * (variants?.length ?? 1);
    const { out, error } = terminal;
    out.write(`${path} (step ${step}): translating ${samples.length} into ${options.out}\n`);
    const isTerminal = out.isTTY === true;
    const onDone = (done: number, file: string, seconds: number) => {
      const text = `${done}/${total}  ${printable(file)}  ${seconds.toFixed(2)} s`;
      out.write(isTerminal ? `${redraw}${text}${done < total ? '' : '\n'}` : `${text}\n`);
    };
    const failures = new Failures('generate');
    using interrupt = new Interrupt(() =>
      error.write('\nending after this picture; press Ctrl-C again to leave at once\n'),
    );
    const looked = await translateAll(
      generator,
      config,
      { samples, out: options.out, guard: guardOf(options, paths, samples), ...(variants && { variants }) },
      { onDone, onFailure: failures.note, stopped: () => interrupt.requested },
    );
    if (isTerminal && (failures.count > 0 || looked < samples.length)) out.write('\n');
    if (interrupt.requested) error.write(`Interrupted after ${looked} of ${samples.length}\n`);
    if (failures.count > 0) {
      const told = failures.asError('translating the inputs', looked);
      if (!interrupt.requested) throw told;
      error.write(`${told.message}\n`);
    }
    return interrupt.exitCode;
  } finally {
    generator.dispose();
  }
}

/** The options with what the arguments without option say, and the files and folders to translate, if it is no dataset. */
function whatToTranslate(
  asked: GenerateConfig,
  operands: readonly string[],
  config: TrainConfig,
): { readonly options: GenerateConfig; readonly paths: readonly string[] } {
  const paths = [...(asked.input === null ? [] : [asked.input]), ...operands];
  if (paths.length > 0 && asked.dataroot !== null)
    throw new UsageError({
      doing: 'choosing what to translate',
      found: `--dataroot ${asked.dataroot}, and ${paths[0]} besides`,
      expected: 'one of them',
      remedy: 'leave one out',
    });
  const [only] = operands;
  if (only !== undefined && paths.length === 1 && isDataset(only, asked.phase, config))
    return { options: { ...asked, dataroot: only }, paths: [] };
  return { options: asked, paths };
}

function isDataset(folder: string, phase: string, { labelNc }: TrainConfig): boolean {
  const names = folderNames(phase, labelNc > 0 ? 'label' : 'source', labelNc);
  return names.some(name => existsSync(join(folder, name)));
}

/** The inputs of all files and folders, or of the dataset, at most `--how-many`. */
function allInputs(options: GenerateConfig, paths: readonly string[], config: TrainConfig): readonly Sample[] {
  if (paths.length < 2) return findInputs({ ...options, input: paths[0] ?? null }, config);
  const samples = paths.flatMap(input => findInputs({ ...options, input, howMany: null }, config));
  return options.howMany === null ? samples : samples.slice(0, options.howMany);
}

/** Results in a folder below that of the inputs are not translated again. */
function withoutEarlierResults(samples: readonly Sample[], out: string, paths: readonly string[]): readonly Sample[] {
  const below = paths.some(path => isFolder(path) && liesIn(out, path) && !liesIn(path, out));
  return below ? samples.filter(({ label, source }) => !liesIn((label ?? source)!, out)) : samples;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** On a graphics card; what is wrong with a file is said when its turn comes. */
async function expect(compute: Compute, inputs: readonly Sample[]): Promise<void> {
  let oneSize = false;
  try {
    oneSize = await haveOneSize(inputs);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
  expectSizes(compute, oneSize ? 'few' : 'many');
}

/** Nothing goes over the inputs, nor into folders of which all files are inputs. */
function guardOf(options: GenerateConfig, paths: readonly string[], samples: readonly Sample[]): OutputGuard {
  const files = samples.flatMap(({ label, source, instance, features, image }) =>
    [label, source, instance, features, image].filter(file => file !== undefined),
  );
  const { inputInst, style } = options;
  const named = [...paths, inputInst, style?.replace(/^image:/, '')].filter(path => typeof path === 'string');
  const single = new Set(named.filter(path => !isFolder(path)));
  const folders = new Set(files.filter(file => !single.has(file)).map(file => dirname(file)));
  return new OutputGuard({
    doing: 'writing the generated pictures',
    elsewhere: 'give --out another folder',
    inputs: files,
    inputFolders: folders,
    force: options.force,
  });
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
  { error }: Terminal,
): Partial<Styler> & Pick<Styler, 'samples'> {
  const { styleSeed, styleSeeds } = options;
  const style = options.style ?? (options.useEncodedImage ? encodedImage(options) : null);
  if (!generator.usesFeatures) {
    // The original takes its option for encoded images without an encoder too, and makes nothing of it.
    if (options.style === null && styleSeeds === null) {
      if (options.useEncodedImage) error.write('note: --use-encoded-image: this network takes no styles\n');
      return { samples };
    }
    throw new UsageError({
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
  if (option.kind === 'image') return styleByImages(generator, option.path, samples);
  const book = readStyles(checkpoint);
  if (book === undefined) throw withoutStyles(checkpoint, options, generator.encodes);
  const seeds = Array.from({ length: styleSeeds ?? 1 }, (_, i) => styleSeed + i);
  return styleByClusters(generator, book, option, seeds, samples);
}

/** What `--use-encoded-image` stands for. */
function encodedImage({ dataroot, phase }: GenerateConfig): string {
  if (dataroot !== null) return `image:${join(dataroot, `${phase}_img`)}`;
  throw new UsageError({
    doing: 'choosing the style',
    where: '--use-encoded-image',
    found: 'no dataset',
    expected: '--dataroot, whose real pictures are encoded',
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
    doing: 'choosing the style',
    where: checkpoint,
    found: 'a network that takes styles, and none in its checkpoint',
    expected: 'the clusters that pix2pixhd encode stores in it',
    remedy: `run pix2pixhd encode ${run} once${encodes ? ', or take the styles of a picture with --style image:PATH' : ''}`,
  });
}
