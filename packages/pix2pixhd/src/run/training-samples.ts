/**
 * The training pairs of a run, found and checked before anything is opened. Depends on data, output and the networks'
 * options.
 */
import { dirname, join } from 'node:path';
import { layoutFor } from '../config/inputs.js';
import type { TrainConfig } from '../config/schema.js';
import { checkDataset } from '../data/check/check.js';
import { type Finding, findingErrorCode } from '../data/check/findings.js';
import { unusedInstances } from '../data/find/folders.js';
import { findSamples, type Sample, sourcesOf } from '../data/find/pairs.js';
import { domainsOf } from '../data/load/unpaired-loader.js';
import { UserError } from '../errors.js';
import { liesIn } from '../output/guard.js';

/** The options that identify the data set. */
export type DatasetOptions = Pick<
  TrainConfig,
  | 'dataroot'
  | 'model'
  | 'phase'
  | 'maxDatasetSize'
  | 'labelNc'
  | 'labelMap'
  | 'noInstance'
  | 'inputs'
  | 'loadFeatures'
  | 'inputNc'
  | 'outputNc'
  | 'inputRange'
  | 'outputRange'
>;

/**
 * The training pairs, after the quick part of what `check` checks.
 *
 * @param warn receives what looks wrong but can be trained on, one line per kind.
 * @throws UserError with the first of the errors found.
 */
export async function findTrainingSamples(
  options: DatasetOptions,
  warn: (line: string) => void = () => {},
): Promise<readonly Sample[]> {
  const { dataroot, phase, labelNc, noInstance, loadFeatures } = options;
  const { inputNc, outputNc, labelMap, inputRange, outputRange } = options;
  const layout = { ...layoutFor(options), useFeatures: loadFeatures };
  const samples = firstOf(findSamples(dataroot, phase, { ...layout, warn }), options);
  const unused = noInstance || options.inputs !== null ? undefined : unusedInstances(dataroot, phase, layout);
  if (unused !== undefined)
    warn(`${unused} is not used: with --label-nc 0 the network sees only the images (--no-instance silences this)`);
  const validated = { ...layout, inputNc, outputNc, labelMap, inputRange, outputRange, phases: [phase], full: false };
  const report = await checkDataset(dataroot, validated);
  const errors = report.findings.filter(finding => finding.severity === 'error');
  const first = errors[0];
  if (first === undefined) {
    for (const line of warningLines(report.findings)) warn(line);
    return samples;
  }
  throw new UserError({
    code: findingErrorCode(first.code),
    doing: 'checking the dataset before training',
    where: first.files.slice(0, 3).join(', '),
    found: first.message + (errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''),
    remedy: `${first.remedy ?? 'correct the file'}; see all findings with: pix2pixhd check --dataroot ${dataroot} --label-nc ${labelNc}${checkOptions(options)}`,
  });
}

/** As many as `--max-dataset-size` allows, of each domain where there are no pairs. */
function firstOf(samples: readonly Sample[], { model, maxDatasetSize }: DatasetOptions): readonly Sample[] {
  const few = (all: readonly Sample[]) => all.slice(0, maxDatasetSize ?? undefined);
  if (model !== 'cycle-gan') return few(samples);
  const { a, b } = domainsOf(samples);
  return [...few(a), ...few(b)];
}

/** The options beside `--label-nc` with which `check` applies the same rules as this run. */
function checkOptions({
  model,
  noInstance,
  inputs,
  labelMap,
  inputNc,
  outputNc,
  inputRange,
  outputRange,
}: DatasetOptions): string {
  return [
    model === 'cycle-gan' ? ' --model cycle-gan' : '',
    noInstance ? ' --no-instance' : '',
    inputs === null ? '' : ` --inputs ${inputs}`,
    labelMap === null ? '' : ` --label-map ${labelMap}`,
    inputNc === 3 ? '' : ` --input-nc ${inputNc}`,
    outputNc === 3 ? '' : ` --output-nc ${outputNc}`,
    inputRange === 'auto' ? '' : ` --input-range ${inputRange}`,
    outputRange === 'auto' ? '' : ` --output-range ${outputRange}`,
  ].join('');
}

/** The first warning of each kind, and how many more there are. */
function warningLines(findings: readonly Finding[]): string[] {
  // Files that are left out were reported separately.
  const warnings = findings.filter(({ severity, code }) => severity === 'warning' && code !== 'left-out');
  const kinds = [...new Set(warnings.map(({ code }) => code))];
  return kinds.map(kind => {
    const [first, ...more] = warnings.filter(({ code }) => code === kind);
    const others = more.length === 0 ? '' : ` (and ${more.length} more of this kind)`;
    const remedy = first!.remedy === undefined ? '' : `; remedy: ${first!.remedy}`;
    return `warning: ${first!.files.join(', ')}: ${first!.message}${others}${remedy}`;
  });
}

/**
 * Makes sure that the folder of a new run is not among the images of its data set: the next search for pairs would find
 * the run's samples.
 * @throws UserError if it is.
 */
export function checkRunPlace(
  { checkpointsDir, name }: Pick<TrainConfig, 'checkpointsDir' | 'name'>,
  samples: readonly Sample[],
): void {
  const run = join(checkpointsDir, name);
  const files = samples.flatMap(sample => [sample.label, ...sourcesOf(sample), sample.instance, sample.image]);
  const folders = new Set(files.flatMap(file => (file === undefined ? [] : [dirname(file)])));
  const among = [...folders].find(folder => liesIn(run, folder));
  if (among === undefined) return;
  throw new UserError({
    code: 'OUTPUT_REFUSED',
    doing: `starting the run ${name}`,
    where: run,
    found: `a folder among the images of ${among}`,
    expected: 'a folder elsewhere, since a run writes images too',
    remedy: 'choose another --checkpoints-dir',
  });
}
