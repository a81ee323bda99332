/**
 * exportGenerator and importOfficial: trained weights to other programs and from NVIDIA's. Depends on interop, the
 * checkpoint and the commands' options.
 */

import type { z } from 'zod';
import { CheckpointStore } from '../checkpoint/store.js';
import { resolveConfig } from '../config/argv.js';
import { exportCommand, type exportSchema } from '../config/commands/export.js';
import { importCommand, importSchema } from '../config/commands/import.js';
import type { TrainConfig } from '../config/schema.js';
import { UsageError } from '../errors.js';
import { type Imported, importOfficial as importFiles } from '../interop/import.js';
import { RunFolder } from '../run/run-folder.js';
import { exportAsPage, exportCheckpoint } from './export-checkpoint.js';
import { checkGiven, type ProgramOptions } from './given-options.js';

/** The options of `pix2pixhd export`, in camelCase; all but `out`, and `name` or `checkpoint`, have defaults. */
export type ExportOptions = ProgramOptions<typeof exportSchema>;

/**
 * The options of `pix2pixhd import`, in camelCase; all but `from` and `name` have defaults. Options of training say what the
 * networks are, where the folder has no `opt.txt`.
 */
export type ImportOptions = ProgramOptions<typeof importSchema> &
  Partial<Omit<TrainConfig, keyof typeof importSchema.shape>>;

/**
 * Writes the weights of a run's checkpoint into the folder `out`: with `format: 'safetensors'` the generator alone, as
 * `generator.safetensors`, which {@link loadGenerator} and other programs load; with `format: 'onnx'` as `generator.onnx`, which
 * ONNX Runtime runs; with `format: 'pth'`, the default, the files that NVIDIA's code loads.
 *
 * @returns the files.
 * @throws UsageError for an option that does not exist, is missing or has a value that is not accepted; UserError where there is
 *   no such checkpoint, NVIDIA's code has no such network, or a file exists already and `force` is not given.
 *
 * @example
 * ```ts
 * const [file] = exportGenerator({ name: 'city', out: 'shared', format: 'safetensors' });
 * await using generator = await loadGenerator(file!);
 * console.log(generator.info.step);
 * ```
 */
export function exportGenerator(options: ExportOptions): readonly string[] {
  const config = resolveConfig(exportCommand, checkGiven(exportCommand, options, { required: ['out'] }));
  return exportCheckpoint(checkpointOf(config), config).files;
}

/**
 * Writes the editor with a generator into the folder `out`, as files for any static host: `pix2pixhd export --format page`.
 *
 * @returns the files.
 * @throws What {@link exportGenerator} throws; UserError where the inputs of the network cannot be drawn.
 *
 * @example
 * ```ts
 * const files = await exportPage({ name: 'city', out: 'site', precision: 'fp16', title: 'Streets' });
 * console.log(files.length);
 * ```
 */
export async function exportPage(options: Omit<ExportOptions, 'format'>): Promise<readonly string[]> {
  const given = checkGiven(exportCommand, options, { required: ['out'] });
  const config = resolveConfig(exportCommand, { ...given, format: 'page' });
  return (await exportAsPage(checkpointOf(config), config)).files;
}

function checkpointOf({ name, checkpoint, checkpointsDir, whichEpoch }: z.output<typeof exportSchema>): string {
  if (checkpoint !== null) return checkpoint;
  if (name !== null) return new CheckpointStore(RunFolder.open(checkpointsDir, name).checkpoints).find(whichEpoch);
  throw new UsageError({
    code: 'BAD_OPTION',
    doing: 'exporting a generator',
    found: 'neither name nor checkpoint',
    expected: 'one of them',
    remedy: 'give the name of a run, or the path of a checkpoint or an exported generator',
  });
}

/**
 * Makes a run of the weights of NVIDIA's pix2pixHD, to generate with or to train on. Nothing in the files is executed.
 *
 * @returns its configuration, its checkpoint, and sentences about what was left out or assumed.
 * @throws UsageError for an option that does not exist, is missing or has a value that is not accepted; UserError where a file is
 *   missing, cannot be read or does not fit the options, or a run of the name exists.
 *
 * @example
 * ```ts
 * exportGenerator({ name: 'city', out: 'official' }); // latest_net_G.pth, opt.txt, …
 * const { config, notices } = importOfficial({ from: 'official', name: 'imported' });
 * console.log(config.ngf, notices);
 * ```
 */
export function importOfficial(options: ImportOptions): Imported {
  const entries = Object.entries(options);
  const isOwn = (key: string) => key in importSchema.shape;
  const ofTraining = { ...importCommand, schema: importCommand.ofTraining.options };
  const own = checkGiven(importCommand, Object.fromEntries(entries.filter(([key]) => isOwn(key))), {
    required: ['from', 'name'],
  });
  const stated = checkGiven(ofTraining, Object.fromEntries(entries.filter(([key]) => !isOwn(key))), { required: [] });
  const { from, whichEpoch, name, checkpointsDir, dataroot } = resolveConfig(importCommand, own);
  const given: Partial<TrainConfig> = { ...stated, ...(dataroot !== null && { dataroot }) };
  return importFiles({ from, whichEpoch, name, checkpointsDir, given });
}
