/**
 * From the options that were given to the configuration of a run: a new one, or one that goes on. Depends on the
 * configuration and the run folder.
 */
import { type GivenOptions, resolveConfig } from '../config/argv.js';
import { withModel } from '../config/baselines.js';
import { trainCommand } from '../config/commands/train.js';
import { checkConsistency } from '../config/consistency.js';
import { withPreset } from '../config/presets.js';
import type { TrainConfig, trainSchema } from '../config/schema.js';
import { resumedConfig } from '../config/stored.js';
import { withDatasetOptions } from '../data/dataset-file.js';
import { UsageError } from '../errors.js';
import { RunFolder } from './run-folder.js';

/** A run that is to be opened. */
export interface ResolvedRun {
  readonly config: TrainConfig;
  /** The folder of the run that goes on; undefined for a new one. */
  readonly existing: RunFolder | undefined;
}

/**
 * The complete configuration: what was given, and defaults or the stored options of the run for the rest.
 *
 * @throws UsageError where an option is missing, or two contradict each other; UserError where there is no such run to go on
 *   with, or an option that it began with was given another value.
 */
export function resolveRun(options: GivenOptions<typeof trainSchema>): ResolvedRun {
  const given = options.resume ? withPreset(options) : withModel(withPreset(withDatasetOptions(options)));
  const resolved = given.resume ? resumed(given) : { config: resolveConfig(trainCommand, given), existing: undefined };
  checkConsistency(resolved.config);
  return resolved;
}

function resumed(given: GivenOptions<typeof trainSchema>): ResolvedRun {
  if (given.name === undefined)
    throw new UsageError({
      code: 'BAD_OPTION',
      doing: 'resuming a run',
      where: '--name',
      found: 'no name',
      expected: 'the name of the run to continue',
      remedy: 'pix2pixhd train --name NAME --resume',
    });
  // A run is where its folder is: it may have been copied or renamed since it began.
  const place = { name: given.name, checkpointsDir: given.checkpointsDir ?? 'checkpoints' };
  const existing = RunFolder.open(place.checkpointsDir, place.name);
  return { config: resumedConfig({ ...existing.readConfig(), ...place }, given), existing };
}
