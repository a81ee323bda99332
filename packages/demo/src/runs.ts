/**
 * The runs of the demo: a new one under a name that counts up, or the latest one continued, with a schedule that fits the
 * minutes given. Depends on the run folders and checkpoints of pix2pixhd.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TrainConfig, UserError } from 'pix2pixhd';
import {
  CheckpointStore,
  type DemoConfig,
  findSamples,
  latestState,
  RunFolder,
  resumedConfig,
  runsIn,
  trainSchema,
  usesBoundary,
} from 'pix2pixhd/internal';
import { measureStep, planEpochs } from './schedule.js';
import type { DemoVariant } from './variants.js';

/**
 * Makes sure that the demo may write its sheet and its page: those of an earlier demo are replaced, files of these names
 * in a folder without a demo are not.
 * @throws UserError where there is such a file.
 */
export function checkOut({ out }: DemoConfig, variant: DemoVariant): void {
  if (demoRuns(join(out, 'checkpoints'), variant).length > 0) return;
  const there = [variant.sheet, variant.page].find(file => existsSync(join(out, file)));
  if (there === undefined) return;
  throw new UserError({
    code: 'OUTPUT_REFUSED',
    doing: 'preparing the demo',
    where: join(out, there),
    found: 'a file of that name, and no demo beside it that could have written it',
    expected: 'a new folder, or that of an earlier demo',
    remedy: 'choose another --out, or move the file away',
  });
}

/** Opens a new run beside earlier ones or, with `--resume`, the latest one of its kind. */
export function openRun(
  options: DemoConfig,
  variant: DemoVariant,
  dataset: string,
): { folder: RunFolder; config: TrainConfig } {
  const checkpointsDir = join(options.out, 'checkpoints');
  const earlier = demoRuns(checkpointsDir, variant);
  const limits = { maxMinutes: options.minutes, maxSteps: options.maxSteps };
  const last = earlier.at(-1);
  if (options.resume && last !== undefined) {
    const folder = RunFolder.open(checkpointsDir, last);
    const stored = folder.readConfig();
    const plan = planFor(stored, epochsDone(folder), options, variant);
    const config = resumedConfig(stored, { ...limits, ...plan, resume: true });
    return { folder, config };
  }
  const config = trainSchema.parse({
    dataroot: dataset,
    name: nextName(earlier, variant),
    checkpointsDir,
    ...limits,
    ...variant.training,
    seed: options.seed,
    device: options.device,
    precision: options.precision,
    threads: options.threads,
  });
  const planned = { ...config, ...planFor(config, 0, options, variant) };
  return { folder: RunFolder.create(planned), config: planned };
}

/** The schedule for the minutes given, and with how much variation. */
function planFor(
  config: TrainConfig,
  done: number,
  { minutes, size }: DemoConfig,
  { longTraining }: DemoVariant,
): Partial<TrainConfig> & Pick<TrainConfig, 'niter' | 'niterDecay'> {
  const layout = { labelNc: config.labelNc, useInstance: usesBoundary(config) };
  const stepsPerEpoch = findSamples(config.dataroot, 'train', layout).length;
  const { long, ...epochs } = planEpochs(done, minutes, measureStep(config, size), stepsPerEpoch);
  return { ...epochs, ...(long && longTraining) };
}

/** Whole epochs up to the run's latest checkpoint; 0 where it was stopped before the first. */
function epochsDone(folder: RunFolder): number {
  const store = new CheckpointStore(folder.checkpoints);
  return store.steps().length === 0 ? 0 : latestState(store).epoch - 1;
}

/** A number above all earlier ones, even where runs between were deleted: no run may overwrite another. */
function nextName(earlier: readonly string[], variant: DemoVariant): string {
  const numbers = earlier.map(name => numberOf(name, variant) ?? 0);
  return `${variant.name}-${String(Math.max(0, ...numbers) + 1).padStart(3, '0')}`;
}

/** The runs of this kind, in order. */
function demoRuns(checkpointsDir: string, variant: DemoVariant): string[] {
  return runsIn(checkpointsDir).filter(name => numberOf(name, variant) !== undefined);
}

/** The number in the name of a run of this kind; `undefined` for other runs. */
function numberOf(run: string, { name }: DemoVariant): number | undefined {
  const number = run.startsWith(`${name}-`) ? run.slice(name.length + 1) : '';
  return /^\d+$/.test(number) ? Number(number) : undefined;
}
