/** `pix2pixhd demo`: real pairs, a few minutes of training, held-out images and their figures. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { latestState } from '../checkpoint/resume.js';
import { CheckpointStore } from '../checkpoint/store.js';
import { type GivenOptions, resolveConfig, toArgv } from '../config/argv.js';
import { type DemoConfig, demoCommand } from '../config/commands/demo.js';
import { trainCommand } from '../config/commands/train.js';
import { type TrainConfig, trainSchema } from '../config/schema.js';
import { resumedConfig } from '../config/stored.js';
import { findSamples } from '../data/find/pairs.js';
import { type DemoJudgement, judgeHeldOut } from '../demo/judge.js';
import { type EpochPlan, measureStep, planEpochs } from '../demo/schedule.js';
import { type DemoVariant, demoVariants } from '../demo/variants.js';
import { UserError } from '../errors.js';
import { type Figures, formatFigure, metricNames, metrics } from '../evaluation/metrics.js';
import { usesBoundary } from '../networks/build.js';
import { Run } from '../run/run.js';
import { RunFolder, runsIn } from '../run/run-folder.js';
import { findTrainingSamples } from '../run/training-samples.js';
import { Interrupt } from './interrupt.js';
import { readOptions } from './options.js';
import { Progress } from './progress.js';
import { redraw, type Terminal, type TextStream } from './terminal.js';

/** Runs the command. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { out, error } = terminal;
  const options = resolveConfig(demoCommand, readOptions(demoCommand, argv, terminal).given);
  const variant = demoVariants[options.kind];
  const dataset = join(options.out, `${variant.name}-${options.size}`);
  if (!options.dataOnly) checkOut(options, variant);
  await prepareDataset(variant, dataset, options.size, out);
  if (options.dataOnly) {
    terminal.result(
      { dataset },
      `The data set is in ${dataset}. Train on it with:\n  ${trainLine(variant, dataset, options)}\n`,
    );
    return 0;
  }
  const { folder, config } = openRun(options, variant, dataset);
  using interrupt = new Interrupt(() => error.write('\nsaving; press Ctrl-C again to leave at once\n'));
  using progress = new Progress(out, config.printFreq);
  const hooks = { onEvent: progress.show, signal: interrupt.signal };
  await using run = await Run.open(folder, config, await findTrainingSamples(config), hooks);
  out.write(`Training for ${options.minutes} minutes; watch ${folder.page}\n`);
  const { reason, step, secondsPerStep, time } = await run.train();
  out.write(`${time}\n`);
  if (reason === 'interrupted') {
    terminal.result(
      { reason, step, run: folder.path },
      `Saved after step ${step}. Go on with: ${demoLine(options, { resume: true })}\n`,
    );
    return interrupt.exitCode;
  }
  out.write('Generating the held-out emoji …\n');
  const goOn = demoLine(options, { resume: true, minutes: 60 });
  const judged = { folder, config, variant, out: options.out, step, secondsPerStep, goOn };
  const judgement = await judgeHeldOut(judged);
  const { means, pairs, sheet, page } = judgement;
  terminal.result(
    { reason, step, run: folder.path, dataset, pairs, means, sheet, page },
    closing(judgement, variant, folder, goOn),
  );
  return 0;
}

/** Sheet and page of an earlier demo are replaced, files of these names in a folder of something else are not. */
function checkOut({ out }: DemoConfig, variant: DemoVariant): void {
  if (demoRuns(join(out, 'checkpoints'), variant).length > 0) return;
  const there = [variant.sheet, variant.page].find(file => existsSync(join(out, file)));
  if (there === undefined) return;
  throw new UserError({
    code: 'OUTPUT_REFUSED',
    doing: 'preparing the demo',
    where: join(out, there),
    found: 'a file of that name, and no demo beside it that it could be of',
    expected: 'a folder that is not there yet, or that of an earlier demo',
    remedy: 'choose another --out, or move the file away',
  });
}

async function prepareDataset(variant: DemoVariant, dataset: string, size: number, out: TextStream): Promise<void> {
  const isTerminal = out.isTTY === true;
  if (!existsSync(dataset)) out.write(`Drawing the emoji pairs into ${dataset} …\n`);
  let shownAt = 0;
  const counts = await variant.makeDataset(dataset, {
    size,
    onProgress: (done, total) => {
      if (!isTerminal || (performance.now() - shownAt < 100 && done < total)) return;
      shownAt = performance.now();
      out.write(`${redraw}${done}/${total}${done < total ? '' : '\n'}`);
    },
  });
  const { flags, gradients, misaligned } = counts.dropped;
  out.write(
    `${counts.train} pairs to train on, ${counts.test} held out; left out: ${flags} flags, ${gradients} with gradients, ${misaligned} that do not align\n`,
  );
}

/** A new run beside earlier ones, or the latest one of its kind continued. */
function openRun(
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
    const plan = planFor(stored, epochsDone(folder), options);
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
  const planned = { ...config, ...planFor(config, 0, options) };
  return { folder: RunFolder.create(planned), config: planned };
}

function planFor(config: TrainConfig, done: number, { minutes, size }: DemoConfig): EpochPlan {
  const layout = { labelNc: config.labelNc, useInstance: usesBoundary(config) };
  const stepsPerEpoch = findSamples(config.dataroot, 'train', layout).length;
  return planEpochs(done, minutes, measureStep(config, size), stepsPerEpoch);
}

/** Whole epochs of the run's latest checkpoint; none where it was stopped before the first. */
function epochsDone(folder: RunFolder): number {
  const store = new CheckpointStore(folder.checkpoints);
  return store.steps().length === 0 ? 0 : latestState(store).epoch - 1;
}

/** A name after all earlier ones, some of which may have been deleted: a run's checkpoint may have cost hours. */
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

/** The command that runs this demo with other options. */
function demoLine({ kind, size, out }: DemoConfig, given: GivenOptions<typeof demoCommand.schema>): string {
  return commandLine(['demo', ...toArgv(demoCommand, { kind, size, out, ...given })]);
}

/** The command that trains on the demo's data as the demo does. */
function trainLine({ name, training }: DemoVariant, dataroot: string, { minutes, seed }: DemoConfig): string {
  return commandLine(['train', ...toArgv(trainCommand, { dataroot, name, maxMinutes: minutes, seed, ...training })]);
}

/** As one types it into a shell. */
function commandLine(argv: readonly string[]): string {
  const quoted = argv.map(argument =>
    /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`,
  );
  return `npx pix2pixhd ${quoted.join(' ')}`;
}

function closing(
  { means, pairs, sheet, page }: DemoJudgement,
  { opponent, own }: DemoVariant,
  folder: RunFolder,
  goOn: string,
): string {
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
    row(opponent, means.input),
    '(The flat input shares every outline with the 3D drawing: in a few minutes it is hard to beat in figures.)',
    '',
    `Look at ${page}`,
    `        ${sheet}`,
    `        ${folder.page} (loss curves, samples over time)`,
    '',
    'What to try next:',
    `  go on for an hour:        ${goOn}`,
    `  your own pairs:           put them into ${own.folders} under equal names, then`,
    `                            npx pix2pixhd check --dataroot data ${own.options}`,
    `                            npx pix2pixhd train --dataroot data --name mine ${own.options} --load-size 256`,
    '',
  ].join('\n');
}
