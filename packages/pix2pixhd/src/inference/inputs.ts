/**
 * What is to be translated: a dataset's phase, a folder, or one file. Depends on data and config.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import type { GenerateConfig } from '../config/commands.js';
import type { TrainConfig } from '../config/schema.js';
import { readHeader } from '../data/decode.js';
import { READABLE_EXTENSIONS } from '../data/extensions.js';
import { findSamples, type Sample } from '../data/pairs.js';
import { stemOf } from '../data/stems.js';
import { UsageError, UserError } from '../errors.js';
import { usesBoundary } from '../model/networks.js';

/** The inputs by the command's options, at most `--how-many`. */
export function findInputs(options: GenerateConfig, config: TrainConfig): readonly Sample[] {
  const samples =
    options.input === null ? fromDataset(options, config) : fromInput(options.input, options.inputInst, config);
  return options.howMany === null ? samples : samples.slice(0, options.howMany);
}

/**
 * Whether all inputs are of one size, by their headers.
 * @throws UserError where a file is no picture.
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

function fromDataset({ dataroot, phase }: GenerateConfig, config: TrainConfig): readonly Sample[] {
  if (dataroot === null)
    throw new UsageError({
      doing: 'choosing what to translate',
      found: 'neither --dataroot nor --input',
      expected: 'one of them',
      remedy: 'give --dataroot FOLDER, or --input with a file or a folder',
    });
  const layout = { labelNc: config.labelNc, useInstance: usesBoundary(config), imageOptional: true };
  // The real image is not read: it would only have to be decoded.
  return findSamples(dataroot, phase, layout).map(({ image: _, ...sample }) => sample);
}

function fromInput(input: string, instances: string | null, config: TrainConfig): readonly Sample[] {
  const inputs = [...filesByStem(input, '--input')];
  if (config.labelNc === 0) return inputs.map(([stem, source]) => ({ stem, source }));
  if (!usesBoundary(config)) return inputs.map(([stem, label]) => ({ stem, label }));
  const from = requireInstances(instances);
  const instanceFiles = filesByStem(from, '--input-inst');
  // One file against one file need not share a name.
  const only = isFile(input) && isFile(from) ? [...instanceFiles.values()][0] : undefined;
  return inputs.map(([stem, label]) => {
    const instance = only ?? instanceFiles.get(stem);
    if (instance !== undefined) return { stem, label, instance };
    throw new UserError({
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
    doing: 'choosing what to translate',
    where: '--input-inst',
    found: 'no instance maps',
    expected: 'them, since this network was trained with instance maps',
    remedy: 'give --input-inst with the file or folder that belongs to --input',
  });
}

/**
 * The pictures of a folder by their stems, or a single picture.
 *
 * @throws UserError where there are none, or two of one name.
 */
export function filesByStem(path: string, option: string): ReadonlyMap<string, string> {
  const problem = (found: string, remedy = 'check the path') =>
    new UserError({
      doing: `reading ${option}`,
      where: path,
      found,
      expected: 'a picture, or a folder of pictures',
      remedy,
    });
  if (!existsSync(path)) throw problem('nothing of that name');
  if (isFile(path)) return new Map([[stemOf(basename(path)), path]]);
  const files = new Map<string, string>();
  for (const file of readdirSync(path).sort()) {
    if (!READABLE_EXTENSIONS.includes(extname(file).toLowerCase())) continue;
    const stem = stemOf(file);
    const other = files.get(stem);
    if (other !== undefined)
      throw problem(`two files of one name: ${basename(other)} and ${file}`, 'rename one of them');
    files.set(stem, join(path, file));
  }
  if (files.size === 0) throw problem('a folder without pictures');
  return files;
}

/** Whether a path that exists is a file rather than a folder. */
export function isFile(path: string): boolean {
  return statSync(path).isFile();
}
