/**
 * The inputs of `generate` by its options: a phase of a dataset, a folder, or one file. Depends on data, config and inference.
 */
import type { GenerateConfig } from '../config/commands/generate.js';
import type { Direction } from '../config/direction.js';
import { layoutFor } from '../config/inputs.js';
import type { TrainConfig } from '../config/schema.js';
import { readHeader } from '../data/files/header.js';
import { findSamples, type Sample } from '../data/find/pairs.js';
import { UsageError, UserError } from '../errors.js';
import { filesByStem, isFile } from '../inference/image-files.js';
import { usesBoundary } from '../networks/build.js';

/**
 * The inputs by the command's options, at most `--how-many`.
 *
 * @param warn called with a line that says which files are left out.
 */
export function findInputs(
  options: GenerateConfig,
  config: TrainConfig,
  warn: (line: string) => void = () => {},
): readonly Sample[] {
  const samples =
    options.input === null ? fromDataset(options, config, warn) : fromInput(options.input, options, config, warn);
  return options.howMany === null ? samples : samples.slice(0, options.howMany);
}

/**
 * Whether all inputs are of one size, by their headers.
 * @throws UserError where a file is not an image.
 */
export async function haveOneSize(samples: readonly Sample[]): Promise<boolean> {
  const sizes = new Set<string>();
  for (const { label, source } of samples) {
    const { width, height } = await readHeader((label ?? source)!);
    sizes.add(`${width}×${height}`);
    if (sizes.size > 1) return false;
  }
  return true;
}

function fromDataset(
  { dataroot, phase, direction }: GenerateConfig,
  config: TrainConfig,
  warn: (line: string) => void,
): readonly Sample[] {
  if (dataroot === null)
    throw new UsageError({
      code: 'BAD_OPTION',
      doing: 'choosing the inputs',
      found: 'neither --dataroot nor --input',
      expected: 'one of them',
      remedy: 'give --dataroot FOLDER, or --input with a file or a folder',
    });
  if (config.model === 'cycle-gan') return fromDomain(dataroot, phase, direction, warn);
  const layout = { ...layoutFor(config), imageOptional: true, warn };
  // The real image is not read: it would only have to be decoded.
  return findSamples(dataroot, phase, layout).map(({ image: _, ...sample }) => sample);
}

/** The images that a generator of CycleGAN takes, whichever domain they are of: its input. */
function fromDomain(
  dataroot: string,
  phase: string,
  direction: Direction,
  warn: (line: string) => void,
): readonly Sample[] {
  const domains = [direction === 'AtoB' ? ('source' as const) : ('image' as const)];
  return findSamples(dataroot, phase, { labelNc: 0, useInstance: false, domains, warn }).map(
    ({ stem, source, image }) => ({ stem, source: (source ?? image)! }),
  );
}

function fromInput(
  input: string,
  { inputInst, out, checkpointsDir }: GenerateConfig,
  config: TrainConfig,
  warn: (line: string) => void,
): readonly Sample[] {
  if (config.inputs !== null) throw needsFolders(config.inputs);
  // Results and runs may be below the inputs; they are not inputs of the next run.
  const inputs = [...filesByStem(input, '--input', warn, [out, checkpointsDir])];
  if (config.labelNc === 0) return inputs.map(([stem, source]) => ({ stem, source }));
  if (!usesBoundary(config)) return inputs.map(([stem, label]) => ({ stem, label }));
  const from = requireInstances(inputInst);
  const instanceFiles = filesByStem(from, '--input-inst', warn, [out, checkpointsDir]);
  // One file against one file need not share a name.
  const only = isFile(input) && isFile(from) ? [...instanceFiles.values()][0] : undefined;
  return inputs.map(([stem, label]) => {
    const instance = only ?? instanceFiles.get(stem);
    if (instance !== undefined) return { stem, label, instance };
    throw new UserError({
      code: 'PARTNER_MISSING',
      doing: 'pairing label maps with instance maps',
      where: label,
      found: `no instance map ${stem} in ${from}`,
      expected: 'a file of the same name',
      remedy: 'add the instance map, or take the label map out of the folder',
    });
  });
}

function needsFolders(inputs: string): UsageError {
  return new UsageError({
    code: 'BAD_OPTION',
    doing: 'choosing the inputs',
    where: '--input',
    found: `one path, for a network of several inputs (${inputs})`,
    expected: 'a dataset, with a folder for each of them',
    remedy: 'give --dataroot, with --phase for the beginning of the names of the folders',
  });
}

function requireInstances(instances: string | null): string {
  if (instances !== null) return instances;
  throw new UsageError({
    code: 'BAD_OPTION',
    doing: 'choosing the inputs',
    where: '--input-inst',
    found: 'no instance maps',
    expected: 'them, since this network was trained with instance maps',
    remedy: 'give --input-inst with the file or folder that belongs to --input',
  });
}
