/**
 * From a configuration to a run: data found and checked, loader, session fresh or restored. Depends on data, the
 * session, the checkpoint store and the run folder.
 */
import { existsSync } from 'node:fs';
import { scope } from '@pix2pixhd/torch';
import { readWeights } from '../checkpoint/pretrained.js';
import { latestState, readBest, useLatest } from '../checkpoint/resume.js';
import { CheckpointStore } from '../checkpoint/store.js';
import { type Compute, expectSizes, prepareCompute } from '../compute/compute.js';
import type { TrainConfig } from '../config/schema.js';
import { describeStage, type Stage, stagesOf } from '../config/stages.js';
import { checkDataset } from '../data/check/check.js';
import { unusedInstances } from '../data/find/folders.js';
import { findSamples, type Sample } from '../data/find/pairs.js';
import type { Finding } from '../data/judge/findings.js';
import { errorCodeOf } from '../data/judge/judge.js';
import { parseLabelMap } from '../data/judge/label-map.js';
import { Loader } from '../data/load/loader.js';
import type { SampleSpec } from '../data/load/sample.js';
import { UserError } from '../errors.js';
import { usesBoundary } from '../networks/build.js';
import { leastTrainingSide, sizeMultiple } from '../networks/sizes.js';
import { totalEpochs } from '../training/schedule.js';
import { TrainingSession } from '../training/session.js';
import { describeWarmStart, type WarmStart } from '../training/warm-start.js';
import type { Interrupt } from './interrupt.js';
import type { OpenStage, Run } from './loop.js';
import { openPerceptual, type PerceptualTerm } from './perceptual.js';
import { Progress, type ProgressStream } from './progress.js';
import type { RunFolder } from './run-folder.js';
import { SamplePairs } from './samples.js';

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
  const layout = { labelNc: config.labelNc, useInstance: usesBoundary(config), useFeatures: config.loadFeatures };
  const samples = findSamples(config.dataroot, config.phase, { ...layout, warn }).slice(
    0,
    config.maxDatasetSize ?? undefined,
  );
  const unused = config.noInstance ? undefined : unusedInstances(config.dataroot, config.phase, layout);
  if (unused !== undefined)
    warn(`${unused} is not used: with --label-nc 0 the network is given the images alone (--no-instance says so)`);
  const { inputNc, outputNc, labelMap } = config;
  const judged = { ...layout, inputNc, outputNc, labelMap, phases: [config.phase], full: false };
  const report = await checkDataset(config.dataroot, judged);
  const errors = report.findings.filter(finding => finding.severity === 'error');
  const first = errors[0];
  if (first === undefined) {
    for (const line of warningLines(report.findings)) warn(line);
    return samples;
  }
  throw new UserError({
    code: errorCodeOf(first.code),
    doing: 'checking the dataset before training',
    where: first.files.slice(0, 3).join(', '),
    found: first.message + (errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''),
    remedy: `${first.remedy ?? 'correct the file'}; see all findings with: pix2pixhd check --dataroot ${config.dataroot} --label-nc ${config.labelNc}${checkOptions(config)}`,
  });
}

/** The options beside `--label-nc` that make `check` judge as this run does. */
function checkOptions({ noInstance, labelMap, inputNc, outputNc }: TrainConfig): string {
  return [
    noInstance ? ' --no-instance' : '',
    labelMap === null ? '' : ` --label-map ${labelMap}`,
    inputNc === 3 ? '' : ` --input-nc ${inputNc}`,
    outputNc === 3 ? '' : ` --output-nc ${outputNc}`,
  ].join('');
}

/** The first warning of each kind, and how many more there are. */
function warningLines(findings: readonly Finding[]): string[] {
  // What is left out has been said in a line of its own.
  const warnings = findings.filter(({ severity, code }) => severity === 'warning' && code !== 'left-out');
  const kinds = [...new Set(warnings.map(({ code }) => code))];
  return kinds.map(kind => {
    const [first, ...more] = warnings.filter(({ code }) => code === kind);
    const others = more.length === 0 ? '' : ` (and ${more.length} more of this kind)`;
    const remedy = first!.remedy === undefined ? '' : `; remedy: ${first!.remedy}`;
    return `warning: ${first!.files.join(', ')}: ${first!.message}${others}${remedy}`;
  });
}

/** How training brings a sample to the network, by the options of a stage. */
export function trainingSpec(config: TrainConfig): SampleSpec {
  return {
    transform: {
      mode: config.resizeOrCrop,
      loadSize: config.loadSize,
      fineSize: config.fineSize,
      multiple: sizeMultiple(config),
      least: leastTrainingSide(config),
      flip: !config.noFlip,
    },
    labelNc: config.labelNc,
    labelMap: parseLabelMap(config.labelMap),
    sourceChannels: config.inputNc,
    imageChannels: config.outputNc,
    alpha: 'drop',
    featureChannels: config.loadFeatures ? config.featNum : 0,
  };
}

/**
 * Opens everything a run needs, and takes the lock of its folder. A resumed run whose folder has no checkpoint yet begins
 * anew.
 *
 * @returns the run and a function that closes it.
 * @throws UserError where another process writes into the folder.
 */
export async function startRun(
  config: TrainConfig,
  samples: readonly Sample[],
  folder: RunFolder,
  interrupt: Interrupt,
  stream: ProgressStream,
): Promise<{ run: Run; close: () => Promise<void> }> {
  const lock = folder.lock();
  try {
    folder.storeConfig(config);
    const { run, close } = await openRun(config, samples, folder, interrupt, stream);
    const closeAll = async () => {
      try {
        await close();
      } finally {
        lock[Symbol.dispose]();
      }
    };
    return { run, close: closeAll };
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

async function openRun(
  config: TrainConfig,
  samples: readonly Sample[],
  folder: RunFolder,
  interrupt: Interrupt,
  stream: ProgressStream,
): Promise<{ run: Run; close: () => Promise<void> }> {
  const compute = prepareCompute(config);
  expectSizes(compute, config.resizeOrCrop === 'none' ? 'many' : 'few');
  const store = new CheckpointStore(folder.checkpoints);
  const resumeFrom = config.resume && store.steps().length > 0 ? store.find('latest') : undefined;
  const resumed = resumeFrom === undefined ? undefined : latestState(store);
  store.removeLeftovers();
  // Before a stage is opened: its threads would keep a process that fails here from ending.
  const bestScore = bestScoreOf(store, resumed?.stage ?? 1);
  const stages = stagesOf(config);
  const progress = new Progress(
    stream,
    {
      startStep: resumed?.step ?? 0,
      totalSteps: totalSteps(config, stages, samples.length),
      maxSeconds: config.maxMinutes === null ? null : config.maxMinutes * 60,
    },
    config.printFreq,
  );
  progress.note(
    `${samples.length} pairs; ${compute.precision} on ${compute.device}, ${compute.threads} threads; run folder ${folder.path}`,
  );
  const perceptual = openPerceptual(config, compute);
  const opener = new StageOpener(config, compute, samples, progress, perceptual);
  let stage: OpenStage;
  if (resumeFrom !== undefined && resumed !== undefined) {
    // Read tensor by tensor: the whole file would be held beside the networks, by a closure even to the end of the run.
    stage = await opener.open(stages[resumed.stage - 1]!, session =>
      useLatest(store, checkpoint => session.restore(checkpoint)),
    );
    progress.note(`continuing after step ${resumed.step} (${resumeFrom})`);
  } else {
    stage = await opener.open(stages[0]!, session => {
      if (config.loadPretrain !== null)
        scope(() => {
          const warm = session.beginWith(readWeights(config.loadPretrain!));
          checkTaken(warm, config.loadPretrain!);
          noteWarmStart(progress, warm);
        });
    });
  }
  const run = {
    folder,
    store,
    progress,
    interrupt,
    bestScore,
    get stage(): OpenStage {
      return stage;
    },
    async toNextStage(): Promise<boolean> {
      const before = stage;
      const next = stages[before.session.stage.number];
      if (next === undefined) return false;
      stage = await opener.open(next, session => noteWarmStart(progress, session.continueFrom(before.session)));
      await closeStage(before);
      return true;
    },
  };
  return {
    run,
    close: async () => {
      await closeStage(stage);
      perceptual?.dispose();
    },
  };
}

async function closeStage({ loader, session }: OpenStage): Promise<void> {
  await loader.close();
  session.dispose();
}

/** Weights of which next to nothing fits are another network's: most likely an option differs. */
function checkTaken({ G }: WarmStart, path: string): void {
  if (G !== undefined && G.taken.length >= G.left.length) return;
  throw new UserError({
    code: 'WEIGHTS_MISMATCH',
    doing: 'taking over weights (--load-pretrain)',
    where: path,
    found: `${G?.taken.length ?? 0} tensors that fit the generator, ${G?.left.length ?? 0} that do not`,
    expected: 'the weights of a generator like this one',
    remedy:
      'give --ngf, --n-downsample-global, --label-nc and the other network options that the weights were trained with',
  });
}

function noteWarmStart(progress: Progress, warm: WarmStart): void {
  for (const line of describeWarmStart(warm)) progress.note(`  ${line}`);
}

/** Opens stages of one run. */
class StageOpener {
  readonly #config: TrainConfig;
  readonly #compute: Compute;
  readonly #samples: readonly Sample[];
  readonly #progress: Progress;
  readonly #perceptual: PerceptualTerm | undefined;

  constructor(
    config: TrainConfig,
    compute: Compute,
    samples: readonly Sample[],
    progress: Progress,
    perceptual: PerceptualTerm | undefined,
  ) {
    this.#config = config;
    this.#compute = compute;
    this.#samples = samples;
    this.#progress = progress;
    this.#perceptual = perceptual;
  }

  /** @param begin gives the fresh session its weights. */
  async open(stage: Stage, begin: (session: TrainingSession) => void): Promise<OpenStage> {
    const { config } = stage;
    const spec = trainingSpec(config);
    if (stage.of > 1) this.#progress.note(describeStage(stage));
    const session = new TrainingSession(this.#config, this.#compute, stage, this.#perceptual?.loss);
    begin(session);
    const samples = await SamplePairs.load(config, this.#samples, spec);
    const loader = new Loader({
      samples: this.#samples,
      spec,
      batchSize: config.batchSize,
      // Another order in every stage; that of a run without stages is the seed's own.
      seed: config.seed + stage.number - 1,
      shuffle: !config.serialBatches,
      workers: config.workers,
      ...(config.cacheDir !== null && { cacheFolder: config.cacheDir }),
      epochs: stage.steps === null ? totalEpochs(config) + 1 : Number.POSITIVE_INFINITY,
      onNotice: notice => this.#progress.note(notice),
    });
    // Pairs may have been taken away since the checkpoint.
    session.closeEpoch(loader.batchesPerEpoch);
    return { session, loader, samples };
  }
}

function bestScoreOf(store: CheckpointStore, stage: number): number {
  if (!existsSync(store.best)) return Number.POSITIVE_INFINITY;
  const state = readBest(store);
  return state.stage === stage ? state.score : Number.POSITIVE_INFINITY;
}

function totalSteps(config: TrainConfig, stages: readonly Stage[], samples: number): number {
  const ofStage = ({ steps, config: own }: Stage) =>
    steps ?? totalEpochs(own) * Math.ceil(Math.ceil(samples / own.batchSize) / own.accumulate);
  const scheduled = stages.reduce((sum, stage) => sum + ofStage(stage), 0);
  return Math.min(scheduled, config.maxSteps ?? Number.POSITIVE_INFINITY);
}
