/**
 * What `pix2pixhd generate` generates from, by its options and by its arguments that are not options, and what it must not
 * overwrite. Depends on the file system, data and the output module.
 */
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { GenerateConfig } from '../config/commands/generate.js';
import type { TrainConfig } from '../config/schema.js';
import { folderNames } from '../data/find/layout.js';
import type { Sample } from '../data/find/pairs.js';
import { UsageError } from '../errors.js';
import { liesIn, OutputGuard } from '../output/guard.js';
import { isMarked } from '../output/own-files.js';
import { findInputs } from './find-inputs.js';

/** What was chosen. */
export interface Chosen {
  /** The options, with a dataset that was named without an option. */
  readonly options: GenerateConfig;
  /** The files and folders that were named; none where a dataset was. */
  readonly paths: readonly string[];
  readonly inputs: readonly Sample[];
  /** Results of earlier calls that were found among the inputs. */
  readonly leftOut: number;
}

/**
 * Finds the inputs.
 *
 * @param operands files and folders beside `--input`, or the folder of a dataset.
 * @param warn is given a line about files that are left out.
 * @throws UserError where there are none, or more than one kind of them was given.
 */
export function chooseInputs(
  asked: GenerateConfig,
  operands: readonly string[],
  config: TrainConfig,
  warn: (line: string) => void,
): Chosen {
  const { options, paths } = whatToTranslate(asked, operands, config);
  const found = allInputs(options, paths, config, warn);
  const inputs = withoutEarlierResults(found, options.out, options.dataroot === null ? paths : [options.dataroot]);
  return { options, paths, inputs, leftOut: found.length - inputs.length };
}

/** The options with what the other arguments say, and the files and folders to generate from, if it is not a dataset. */
function whatToTranslate(
  asked: GenerateConfig,
  operands: readonly string[],
  config: TrainConfig,
): Pick<Chosen, 'options' | 'paths'> {
  const paths = [...(asked.input === null ? [] : [asked.input]), ...operands];
  if (paths.length > 0 && asked.dataroot !== null)
    throw new UsageError({
      code: 'OPTION_CONFLICT',
      doing: 'choosing the inputs',
      found: `--dataroot ${asked.dataroot}, and also ${paths[0]}`,
      expected: 'one of them',
      remedy: 'leave one out',
    });
  const [only] = operands;
  if (only !== undefined && paths.length === 1 && isDataset(asked, only, config))
    return { options: { ...asked, dataroot: only }, paths: [] };
  return { options: asked, paths };
}

function isDataset({ phase, direction }: GenerateConfig, folder: string, { labelNc, inputs }: TrainConfig): boolean {
  if (inputs !== null) return isFolder(folder);
  const role = labelNc > 0 ? 'label' : direction === 'AtoB' ? 'source' : 'image';
  const names = folderNames(phase, role, labelNc);
  return names.some(name => existsSync(join(folder, name)));
}

/** The inputs of all files and folders, or of the dataset, at most `--how-many`. */
function allInputs(
  options: GenerateConfig,
  paths: readonly string[],
  config: TrainConfig,
  warn: (line: string) => void,
): readonly Sample[] {
  if (paths.length < 2) return findInputs({ ...options, input: paths[0] ?? null }, config, warn);
  const samples = paths.flatMap(input => findInputs({ ...options, input, howMany: null }, config, warn));
  return options.howMany === null ? samples : samples.slice(0, options.howMany);
}

/** What an earlier call wrote into a folder below the inputs' is not an input again. */
function withoutEarlierResults(samples: readonly Sample[], out: string, from: readonly string[]): readonly Sample[] {
  const below = from.some(path => isFolder(path) && liesIn(out, path) && !liesIn(path, out));
  const isResult = (file: string) => liesIn(file, out) && isMarked(file);
  return below ? samples.filter(({ label, source }) => !isResult((label ?? source)!)) : samples;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Nothing is written over the inputs, nor into folders whose files are all inputs. */
export function guardOf(options: GenerateConfig, paths: readonly string[], samples: readonly Sample[]): OutputGuard {
  const files = samples.flatMap(({ label, source, sources = [], instance, features, image }) =>
    [label, source, ...sources, instance, features, image].filter(file => file !== undefined),
  );
  const { inputInst, style } = options;
  const named = [...paths, inputInst, style?.replace(/^image:/, '')].filter(path => typeof path === 'string');
  const single = new Set(named.filter(path => !isFolder(path)));
  const folders = new Set(files.filter(file => !single.has(file)).map(file => dirname(file)));
  return new OutputGuard({
    doing: 'writing the generated images',
    elsewhere: 'give --out another folder',
    inputs: files,
    inputFolders: folders,
    force: options.force,
  });
}
