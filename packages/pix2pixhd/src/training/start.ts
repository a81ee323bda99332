/**
 * From a configuration to a run: data found and checked, loader, session fresh or restored. Depends on data, the
 * session, the checkpoint store and the run folder.
 */
import { existsSync } from 'node:fs';
import { Checkpoint } from '../checkpoint/checkpoint.js';
import { CheckpointStore } from '../checkpoint/store.js';
import type { TrainConfig } from '../config/schema.js';
import { checkDataset } from '../data/check.js';
import type { Finding } from '../data/findings.js';
import { Loader } from '../data/loader.js';
import { findSamples, type Sample } from '../data/pairs.js';
import type { SampleSpec } from '../data/sample.js';
import { UserError } from '../errors.js';
import { prepareCompute } from '../model/compute.js';
import { usesBoundary } from '../model/networks.js';
import { leastSide, sizeMultiple } from '../model/sizes.js';
import type { Interrupt } from './interrupt.js';
import type { Run } from './loop.js';
import { Progress, type ProgressStream } from './progress.js';
import type { RunFolder } from './run-folder.js';
import { SamplePairs } from './samples.js';
import { totalEpochs } from './schedule.js';
import { TrainingSession } from './session.js';

/**
 * The training pairs, after the cheap part of the dataset doctor.
 *
 * @param warn is told, a line for each kind, what looks wrong but can be trained on.
 * @throws UserError with the first of the faults that were found.
 */
export async function findTrainingSamples(
  config: TrainConfig,
  warn: (line: string) => void = () => {},
): Promise<readonly Sample[]> {
  const layout = { labelNc: config.labelNc, useInstance: usesBoundary(config) };
  const samples = findSamples(config.dataroot, config.phase, layout);
  const report = await checkDataset(config.dataroot, { ...layout, phases: [config.phase], full: false });
  const errors = report.findings.filter(finding => finding.severity === 'error');
  const first = errors[0];
  if (first === undefined) {
    for (const line of warningLines(report.findings)) warn(line);
    return samples;
  }
  throw new UserError({
    doing: 'checking the dataset before training',
    where: first.files.slice(0, 3).join(', '),
    found: first.message + (errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''),
    remedy: `${first.remedy ?? 'correct the file'}; see all findings with: pix2pixhd check --dataroot ${config.dataroot} --label-nc ${config.labelNc}${config.noInstance ? ' --no-instance' : ''}`,
  });
}

/** The first warning of each kind, and how many more there are. */
function warningLines(findings: readonly Finding[]): string[] {
  const warnings = findings.filter(finding => finding.severity === 'warning');
  const kinds = [...new Set(warnings.map(({ code }) => code))];
  return kinds.map(kind => {
    const [first, ...more] = warnings.filter(({ code }) => code === kind);
    const others = more.length === 0 ? '' : ` (and ${more.length} more of this kind)`;
    return `warning: ${first!.files.join(', ')}: ${first!.message}${others}`;
  });
}

/** How training brings a sample to the network. */
export function trainingSpec(config: TrainConfig): SampleSpec {
  return {
    transform: {
      mode: config.resizeOrCrop,
      loadSize: config.loadSize,
      fineSize: config.fineSize,
      multiple: sizeMultiple(config),
      least: leastSide(config),
      flip: !config.noFlip,
    },
    labelNc: config.labelNc,
    sourceChannels: config.inputNc,
    imageChannels: config.outputNc,
    alpha: 'drop',
  };
}

/**
 * Opens everything a run needs. A resumed run whose folder has no checkpoint yet begins anew.
 * @returns the run and a function that closes it.
 */
export async function startRun(
  config: TrainConfig,
  samples: readonly Sample[],
  folder: RunFolder,
  interrupt: Interrupt,
  stream: ProgressStream,
): Promise<{ run: Run; close: () => Promise<void> }> {
  const compute = prepareCompute(config);
  const store = new CheckpointStore(folder.checkpoints);
  const spec = trainingSpec(config);
  const session = new TrainingSession(config, compute);
  const resumeFrom = config.resume && store.steps().length > 0 ? store.find('latest') : undefined;
  if (resumeFrom !== undefined) session.restore(Checkpoint.read(resumeFrom));
  store.removeLeftovers();
  const bestScore = existsSync(store.best)
    ? Checkpoint.read(store.best, 'state').state.score
    : Number.POSITIVE_INFINITY;
  const pairs = await SamplePairs.load(config, samples, spec);

  const progress = new Progress(
    stream,
    {
      startStep: session.position.step,
      totalSteps: totalSteps(config, samples.length),
      maxSeconds: config.maxMinutes === null ? null : config.maxMinutes * 60,
    },
    config.printFreq,
  );
  progress.note(
    `${samples.length} pairs; ${compute.precision} on ${compute.device}, ${compute.threads} threads; run folder ${folder.path}`,
  );
  if (resumeFrom !== undefined) progress.note(`continuing after step ${session.position.step} (${resumeFrom})`);
  const loader = new Loader({
    samples,
    spec,
    batchSize: config.batchSize,
    seed: config.seed,
    workers: config.workers,
    epochs: totalEpochs(config) + 1,
    onNotice: notice => progress.note(notice),
  });
  // Pairs may have been taken away since the checkpoint.
  session.closeEpoch(loader.batchesPerEpoch);
  const run: Run = { session, loader, samples: pairs, folder, store, progress, interrupt, bestScore };
  return {
    run,
    close: async () => {
      await loader.close();
      session.dispose();
    },
  };
}

function totalSteps(config: TrainConfig, samples: number): number {
  const scheduled = totalEpochs(config) * Math.ceil(samples / config.batchSize);
  return Math.min(scheduled, config.maxSteps ?? Number.POSITIVE_INFINITY);
}
