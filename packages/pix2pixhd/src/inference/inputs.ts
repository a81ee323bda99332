/**
 * What is to be translated: a dataset's phase, a folder, or one file. Depends on data and config.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { GenerateConfig } from '../config/commands/generate.js';
import type { TrainConfig } from '../config/schema.js';
import { readHeader } from '../data/decode/decode.js';
import { leftOutLine, namedFew } from '../data/find/left-out.js';
import { listFolder, whyFileNotRead } from '../data/find/listing.js';
import { findSamples, type Sample } from '../data/find/pairs.js';
import { stemOf } from '../data/find/stems.js';
import { UsageError, UserError } from '../errors.js';
import { usesBoundary } from '../networks/build.js';

/**
 * The inputs by the command's options, at most `--how-many`.
 *
 * @param warn told, in a line, which files are left out.
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
 * @throws UserError where a file is no image.
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
  { dataroot, phase }: GenerateConfig,
  config: TrainConfig,
  warn: (line: string) => void,
): readonly Sample[] {
  if (dataroot === null)
    throw new UsageError({
      code: 'BAD_OPTION',
      doing: 'choosing what to translate',
      found: 'neither --dataroot nor --input',
      expected: 'one of them',
      remedy: 'give --dataroot FOLDER, or --input with a file or a folder',
    });
  const layout = { labelNc: config.labelNc, useInstance: usesBoundary(config), imageOptional: true, warn };
  // The real image is not read: it would only have to be decoded.
  return findSamples(dataroot, phase, layout).map(({ image: _, ...sample }) => sample);
}

function fromInput(
  input: string,
  { inputInst, out, checkpointsDir }: GenerateConfig,
  config: TrainConfig,
  warn: (line: string) => void,
): readonly Sample[] {
  // Results and runs may lie below the inputs; they are not inputs of the next time.
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

function requireInstances(instances: string | null): string {
  if (instances !== null) return instances;
  throw new UsageError({
    code: 'BAD_OPTION',
    doing: 'choosing what to translate',
    where: '--input-inst',
    found: 'no instance maps',
    expected: 'them, since this network was trained with instance maps',
    remedy: 'give --input-inst with the file or folder that belongs to --input',
  });
}

/**
 * The images below a folder by their stems, or a single image.
 *
 * @param warn told, in a line, which files are left out.
 * @param outputs folders of our own making that are not entered.
 * @throws UserError where there are none, or two of one name.
 */
export function filesByStem(
  path: string,
  option: string,
  warn: (line: string) => void = () => {},
  outputs: readonly string[] = [],
): ReadonlyMap<string, string> {
  const problem = (found: string, remedy = 'check the path') =>
    new UserError({
      code: 'NO_IMAGES',
      doing: `reading ${option}`,
      where: path,
      found,
      expected: 'an image, or a folder of images',
      remedy,
    });
  if (!existsSync(path)) throw problem('nothing of that name');
  if (isFile(path)) {
    const reason = whyFileNotRead(path);
    if (reason !== undefined) throw problem(reason.found, reason.remedy);
    return new Map([[stemOf(basename(path)), path]]);
  }
  const parts = dataFoldersIn(path);
  if (parts.length > 0) {
    const meant = { '--input': /(label|A)$/, '--input-inst': /inst$/ }[option] ?? /(img|B)$/;
    const part = parts.find(name => meant.test(name)) ?? parts[0]!;
    const orWhole = option === '--input' ? `--dataroot ${path}, or ` : '';
    throw problem(
      `a data set, with ${parts.join(', ')} in it`,
      `give ${orWhole}one of its folders: ${join(path, part)}`,
    );
  }
  const { files, leftOut } = listFolder(path, 'images', outputs);
  const double = [...files.values()].find(({ length }) => length > 1);
  if (double !== undefined)
    throw problem(`files of one name: ${double.map(file => relative(path, file)).join(' and ')}`, 'rename one of them');
  const first = leftOut[0];
  if (files.size === 0 && first !== undefined)
    throw problem(`a folder with nothing that is read: ${namedFew(leftOut)}`, first.remedy);
  if (files.size === 0) throw problem('a folder without images');
  const line = leftOutLine(leftOut);
  if (line !== undefined) warn(line);
  return new Map([...files].map(([stem, [file]]) => [stem, file!]));
}

/** Folders that make the one they are in a data set: its images are of several kinds, and not all to be translated. */
function dataFoldersIn(folder: string): readonly string[] {
  const names = readdirSync(folder).sort();
  return names.filter(name => /^(train|val|test)(_?[AB]|_(label|inst|feat|img))$/.test(name));
}

/** Whether a path that exists is a file rather than a folder. */
export function isFile(path: string): boolean {
  return statSync(path).isFile();
}
