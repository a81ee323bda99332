/**
 * `by-options/`: the whole of `evaluate`, from its options to its files; the command line and programs call it.
 *
 * This file finds what the options name: methods, real images, inputs. Depends on data, config and judge.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { EvaluateConfig } from '../../config/commands/evaluate.js';
import type { Named } from '../../config/named-values.js';
import { folderNames } from '../../data/find/layout.js';
import { UsageError, UserError } from '../../errors.js';
import type { Inputs } from '../page/examples.js';
import { type ImageFolder, imagesIn } from '../result-files.js';

/**
 * Checks that there are methods, each with a name of its own.
 * @param methods of all options. @param taken a name that the tables have already.
 */
export function expectMethods(methods: readonly Named[], taken?: string): void {
  if (methods.length === 0)
    throw new UsageError({
      code: 'BAD_OPTION',
      doing: 'choosing what to compare',
      found: 'no results',
      expected: '--results NAME=FOLDER, --checkpoints NAME=PATH or --name NAME, each as often as needed',
      remedy: 'name at least one',
    });
  if (methods.some(({ name }) => name === taken))
    throw new UsageError({
      code: 'OPTION_CONFLICT',
      doing: 'choosing what to compare',
      found: `a method called ${taken}`,
      expected: `another name: with --segmenter the real images are the ${taken}`,
      remedy: 'give it another name',
    });
  const double = methods.find(({ name }, i) => methods.findIndex(other => other.name === name) < i);
  if (double === undefined) return;
  throw new UsageError({
    code: 'OPTION_CONFLICT',
    doing: 'choosing what to compare',
    found: `two methods called ${double.name}`,
    expected: 'a name of its own for each',
    remedy: 'give one of them another name',
  });
}

/** The real images that the options name. */
export function realImages({ real, dataroot, phase, out }: EvaluateConfig, warn: (line: string) => void): ImageFolder {
  if (real !== null) return imagesIn(real, { of: 'real', option: '--real', outputs: [out] }, warn);
  if (dataroot !== null)
    return imagesIn(realFolder(dataroot, phase), { of: 'real', option: '--dataroot', outputs: [] }, warn);
  throw new UsageError({
    code: 'BAD_OPTION',
    doing: 'choosing the real images',
    found: 'neither --real nor --dataroot',
    expected: 'one of them',
    remedy: 'give --real with the folder of the real images, or --dataroot with the dataset',
  });
}

/** Names of a role's folder, whether inputs are label maps or images. */
function candidates(phase: string, role: 'label' | 'source' | 'image'): readonly string[] {
  return [...new Set([1, 0].flatMap(labelNc => folderNames(phase, role, labelNc)))];
}

function realFolder(dataroot: string, phase: string): string {
  const names = candidates(phase, 'image');
  const found = names.map(name => join(dataroot, name)).find(existsSync);
  if (found !== undefined) return found;
  throw new UserError({
    code: 'DATASET_NOT_FOUND',
    doing: 'looking for the real images',
    where: dataroot,
    found: existsSync(dataroot) ? `none of the folders ${names.join(', ')}` : 'no such folder',
    expected: `a dataset with ${phase}_img, or ${phase}_B`,
    remedy: 'check --dataroot and --phase, or give the folder itself with --real',
  });
}

/**
 * The label maps that images are segmented for.
 * @throws UserError where the options name no data set, or one without label maps.
 */
export function labelMaps({ dataroot, phase }: EvaluateConfig, warn: (line: string) => void): ImageFolder {
  const remedy = 'give --dataroot with a dataset whose inputs are label maps, and --phase if it is not test';
  if (dataroot === null)
    throw new UsageError({
      code: 'BAD_OPTION',
      doing: 'choosing the label maps for --segmenter',
      found: 'no --dataroot',
      expected: 'the dataset whose label maps the segmented images are compared with',
      remedy,
    });
  const names = candidates(phase, 'label');
  const found = names.map(name => join(dataroot, name)).find(existsSync);
  if (found !== undefined) return imagesIn(found, { of: 'labels', option: '--dataroot', outputs: [] }, warn);
  throw new UserError({
    code: 'DATASET_NOT_FOUND',
    doing: 'looking for the label maps for --segmenter',
    where: dataroot,
    found: existsSync(dataroot) ? `no folder ${names.join(', ')}` : 'no such folder',
    expected: `a dataset with ${names[0]}`,
    remedy,
  });
}

/** The inputs for the report; undefined where the options name none. */
export function inputImages({ input, dataroot, phase, out }: EvaluateConfig): Inputs | undefined {
  const list = (path: string, option: string) =>
    imagesIn(path, { of: 'input', option, outputs: [out] }, () => {}).files;
  if (input !== null) return { files: list(input, '--input'), areLabels: false, dataroot };
  if (dataroot === null) return undefined;
  for (const role of ['label', 'source'] as const) {
    const folder = candidates(phase, role)
      .map(name => join(dataroot, name))
      .find(existsSync);
    if (folder !== undefined) return { files: list(folder, '--dataroot'), areLabels: role === 'label', dataroot };
  }
  return undefined;
}
