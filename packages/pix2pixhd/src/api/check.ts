/**
 * check: what is wrong with a dataset, before it is trained on. Depends on the data module and the command's options.
 */
import { resolveConfig } from '../config/argv.js';
import { withModelInputs } from '../config/baselines.js';
import { checkCommand, type checkSchema } from '../config/commands/check.js';
import { layoutFor } from '../config/inputs.js';
import { checkDataset } from '../data/check/check.js';
import type { Report } from '../data/check/findings.js';
import { withDatasetOptions } from '../data/dataset-file.js';
import { checkGiven, type ProgramOptions } from './given-options.js';

/** The options of `pix2pixhd check`, in camelCase; all but `dataroot` have defaults. */
export type CheckOptions = ProgramOptions<typeof checkSchema, 'all' | 'preview'>;

/**
 * Checks a dataset as `pix2pixhd check` does: missing, damaged or mismatched files, wrong labels. What is wrong with it is in the
 * report; {@link hasErrors} says whether it can be trained on.
 *
 * @throws UsageError for an option that does not exist, is missing or has a value that is not accepted.
 *
 * @example
 * ```ts
 * const report = await check({ dataroot: 'data/city', labelNc: 5 });
 * for (const { severity, files, message, remedy } of report.findings) console.log(severity, files, message, remedy);
 * console.log(hasErrors(report) ? 'not ready' : 'ready', report.samples);
 * ```
 */
export async function check(options: CheckOptions): Promise<Report> {
  const given = checkGiven(checkCommand, options, { required: ['dataroot'], without: ['all', 'preview'] });
  const resolved = resolveConfig(checkCommand, withModelInputs(withDatasetOptions(given)));
  const { dataroot, phase, labelMap, inputNc, outputNc, inputRange, outputRange, quick } = resolved;
  return await checkDataset(dataroot, {
    ...{ labelMap, inputNc, outputNc, inputRange, outputRange, full: !quick },
    ...layoutFor(resolved),
    ...(phase !== null && { phases: [phase] }),
  });
}
