/** `pix2pixhd demo`: real pairs, a few minutes of training, held-out pictures and their figures. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Checkpoint } from '../checkpoint/checkpoint.js';
import { CheckpointStore } from '../checkpoint/store.js';
import { parseCommand } from '../config/argv.js';
import { type DemoConfig, demoCommand } from '../config/commands.js';
import { type TrainConfig, trainSchema } from '../config/schema.js';
import { resumedConfig } from '../config/stored.js';
import { findSamples } from '../data/pairs.js';
import { makeEmojiDataset } from '../demo/emoji.js';
import { type DemoJudgement, judgeHeldOut } from '../demo/judge.js';
import { type EpochPlan, measureStep, planEpochs } from '../demo/schedule.js';
import { type Figures, formatFigure, metricNames, metrics } from '../evaluation/metrics.js';
import { Interrupt } from '../training/interrupt.js';
import { trainLoop } from '../training/loop.js';
import { RunFolder, runsIn } from '../training/run-folder.js';
import { findTrainingSamples, startRun } from '../training/start.js';

/** Runs the command. */
export async function run(argv: readonly string[]): Promise<number> {
  const options = parseCommand(demoCommand, argv);
  const dataset = join(options.out, `emoji-${options.size}`);
  await prepareDataset(dataset, options.size);
  const { folder, config } = openRun(options, dataset);
  using interrupt = new Interrupt(() => process.stderr.write('\nsaving; press Ctrl-C again to leave at once\n'));
  const { run, close } = await startRun(config, await findTrainingSamples(config), folder, interrupt, process.stdout);
  try {
    process.stdout.write(`Training for ${options.minutes} minutes; watch ${folder.page}\n`);
    const { reason, step, secondsPerStep } = await trainLoop(run);
    if (reason === 'interrupted') {
      process.stdout.write(`Saved after step ${step}. Go on with: npx pix2pixhd demo --resume${outOption(options)}\n`);
      return 0;
    }
    process.stdout.write('Translating the held-out emoji …\n');
    const judgement = await judgeHeldOut({ folder, config, out: options.out, step, secondsPerStep });
    process.stdout.write(closing(judgement, options, folder));
    return 0;
  } finally {
    await close();
  }
}

async function prepareDataset(dataset: string, size: number): Promise<void> {
  const isTerminal = process.stdout.isTTY === true;
  if (!existsSync(dataset)) process.stdout.write(`Drawing the emoji pairs into ${dataset} …\n`);
  let shownAt = 0;
  const counts = await makeEmojiDataset(dataset, {
    size,
    onProgress: (done, total) => {
      if (!isTerminal || (performance.now() - shownAt < 100 && done < total)) return;
      shownAt = performance.now();
      process.stdout.write(`\r\x1b[K${done}/${total}${done < total ? '' : '\n'}`);
    },
  });
  const { flags, gradients, misaligned } = counts.dropped;
  process.stdout.write(
    `${counts.train} pairs to train on, ${counts.test} held out; left out: ${flags} flags, ${gradients} with gradients, ${misaligned} that do not align\n`,
  );
}

/** A new run beside earlier ones, or the latest one continued. */
function openRun(options: DemoConfig, dataset: string): { folder: RunFolder; config: TrainConfig } {
  const checkpointsDir = join(options.out, 'checkpoints');
  const earlier = runsIn(checkpointsDir);
  const limits = { maxMinutes: options.minutes, maxSteps: options.maxSteps };
  const last = earlier.at(-1);
  if (options.resume && last !== undefined) {
    const folder = RunFolder.open(checkpointsDir, last);
    const stored = folder.readConfig();
    const plan = planFor(stored, epochsDone(folder), options);
    const config = resumedConfig(stored, { ...limits, ...plan, resume: true });
    folder.storeConfig(config);
    return { folder, config };
  }
  const config = trainSchema.parse({
    dataroot: dataset,
    name: nextName(earlier),
    checkpointsDir,
    ...limits,
    ...network,
    resizeOrCrop: 'none',
    seed: options.seed,
    device: options.device,
    precision: options.precision,
    threads: options.threads,
  });
  const planned = { ...config, ...planFor(config, 0, options) };
  return { folder: RunFolder.create(planned), config: planned };
}

function planFor(config: TrainConfig, done: number, { minutes, size }: DemoConfig): EpochPlan {
  const stepsPerEpoch = findSamples(config.dataroot, 'train', { labelNc: 0, useInstance: false }).length;
  return planEpochs(done, minutes, measureStep(config, size), stepsPerEpoch);
}

/** Whole epochs of the run's latest checkpoint; none where it was stopped before the first. */
function epochsDone(folder: RunFolder): number {
  const store = new CheckpointStore(folder.checkpoints);
  return store.steps().length === 0 ? 0 : Checkpoint.read(store.find('latest'), 'state').state.epoch - 1;
}

/** A name after all earlier ones, some of which may have been deleted: a run's checkpoint may have cost hours. */
function nextName(earlier: readonly string[]): string {
  const numbers = earlier.map(name => Number(/^emoji-(\d+)$/.exec(name)?.[1] ?? 0));
  return `emoji-${String(Math.max(0, ...numbers) + 1).padStart(3, '0')}`;
}

/**
 * Small and sharp: two downsamplings keep the detail of small icons, resize + convolution leaves no checkerboard at this
 * age. Input and output share their outlines, so the L1 distance helps from the first step. No flips: the light comes
 * from one side.
 */
const network = {
  labelNc: 0,
  noInstance: true,
  noFlip: true,
  ngf: 32,
  nDownsampleGlobal: 2,
  nBlocksGlobal: 6,
  upsample: 'resize',
  numD: 2,
  ndf: 32,
  vggLoss: false,
  lambdaL1: 100,
  ema: 0.9999,
  displayFreq: 500,
  saveLatestFreq: 0,
  saveLatestMinutes: 5,
  saveEpochFreq: 0,
} as const;

function outOption({ out }: DemoConfig): string {
  return out === 'demo' ? '' : ` --out ${out}`;
}

function closing({ means, pairs, sheet, page }: DemoJudgement, options: DemoConfig, folder: RunFolder): string {
  const row = (name: string, figures: Figures) =>
    `  ${name.padEnd(16)}${metricNames.map(metric => formatFigure(metric, figures[metric]).padStart(12)).join('')}`;
  const header = metricNames.map(metric =>
    `${metrics[metric].title} ${metrics[metric].better === 'higher' ? '↑' : '↓'}`.padStart(12),
  );
  return [
    '',
    `${pairs} held-out emoji, against the real 3D drawings:`,
    `  ${''.padEnd(16)}${header.join('')}`,
    row('generated', means.generated),
    row('untouched input', means.input),
    '(The flat input shares every outline with the 3D drawing: in a few minutes it is hard to beat in figures.)',
    '',
    `Look at ${page}`,
    `        ${sheet}`,
    `        ${folder.page} (loss curves, samples over time)`,
    '',
    'What to try next:',
    `  go on for an hour:        npx pix2pixhd demo --resume --minutes 60${outOption(options)}`,
    '  your own pairs:           put them into data/train_A and data/train_B under equal names, then',
    '                            npx pix2pixhd check --dataroot data --label-nc 0',
    '                            npx pix2pixhd train --dataroot data --name mine --label-nc 0 --load-size 256',
    '',
  ].join('\n');
}
