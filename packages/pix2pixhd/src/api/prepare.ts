/**
 * prepare: makes a data set of raw material. Depends on the prepare module and the command's options. Prints nothing and handles no
 * signal.
 */
import { resolveConfig } from '../config/argv.js';
import { prepareCommand, type prepareSchema } from '../config/commands/prepare.js';
import {
  type InterruptedPreparation,
  type PreparedDataset,
  type PrepareHooks,
  prepareDataset,
} from '../prepare/prepare-dataset.js';
import { checkGiven, type ProgramOptions } from './given-options.js';

/** The options of `pix2pixhd prepare`, in camelCase; all but `out` have defaults. `npx pix2pixhd prepare --help` explains each. */
export type PrepareOptions = ProgramOptions<typeof prepareSchema>;

/**
 * Makes a data set of raw material, as `pix2pixhd prepare` does: the same options, files and decisions, which are written to
 * `dataset.json` there and returned. The material is never touched. Files that stay what they are get a second name (a hard link)
 * unless `copy` is given.
 *
 * Pairs are made in worker threads where that is work; an alignment is estimated in the thread that calls.
 *
 * @returns what was made; or, where the signal was aborted, how many pairs are done. Called again it does the others.
 * @throws UsageError for an option that does not exist, is missing or has a value that is not accepted; UserError where the
 *   material cannot be used, or `out` holds something else. Whatever the listener throws.
 *
 * @example
 * ```ts
 * // Two folders whose files have equal names, here of a data set that is there already.
 * const result = await prepare(
 *   { inputs: 'data/city/train_label', targets: 'data/city/train_img', out: 'data/prepared', split: 'pair', test: 0.3 },
 *   { onEvent: event => event.type === 'pair' && console.log(`${event.done} of ${event.total}`) },
 * );
 * if (result.reason === 'finished') console.log(result.pairs, result.options, result.leftOut.length);
 * ```
 */
export async function prepare(
  options: PrepareOptions,
  hooks: PrepareHooks = {},
): Promise<PreparedDataset | InterruptedPreparation> {
  const given = checkGiven(prepareCommand, options, { required: ['out'] });
  return await prepareDataset(resolveConfig(prepareCommand, given), hooks);
}
