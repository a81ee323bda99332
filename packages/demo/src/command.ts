/**
 * `pix2pixhd demo`: a data set of real pairs, a few minutes of training, held-out images and their figures. Depends on the
 * training loop and the command line's terminal.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DemoConfig,
  type DemoPackage,
  demoCommand,
  type Figures,
  findTrainingSamples,
  formatFigure,
  type GivenOptions,
  Interrupt,
  metricNames,
  metrics,
  Progress,
  Run,
  type RunFolder,
  redraw,
  shellWord,
  type TextStream,
  toArgv,
  trainCommand,
} from 'pix2pixhd/internal';
import { type DemoEvaluation, evaluateHeldOut } from './evaluate.js';
import { checkOut, openRun } from './runs.js';
import { type DemoVariant, demoVariants } from './variants.js';

/**
 * Makes the data set, trains, and shows what the network makes of held-out emoji.
 * @returns the exit code: 0, or 130 or 143 where a signal ended it.
 * @throws UserError for what the user can put right.
 */
export const runDemo: DemoPackage['runDemo'] = async (options, terminal) => {
  const { out, error } = terminal;
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
  const evaluated = { folder, config, variant, out: options.out, step, secondsPerStep, goOn };
  const evaluation = await evaluateHeldOut(evaluated);
  const { means, pairs, sheet, page } = evaluation;
  terminal.result(
    { reason, step, run: folder.path, dataset, pairs, means, sheet, page },
    closing(evaluation, variant, folder, goOn),
  );
  return 0;
};

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

/** The command that runs this demo with other options. */
function demoLine({ kind, size, out }: DemoConfig, given: GivenOptions<typeof demoCommand.schema>): string {
  return commandLine(['demo', ...toArgv(demoCommand, { kind, size, out, ...given })]);
}

/** The command that trains on the demo's data as the demo does. */
function trainLine({ name, training }: DemoVariant, dataroot: string, { minutes, seed }: DemoConfig): string {
  return commandLine(['train', ...toArgv(trainCommand, { dataroot, name, maxMinutes: minutes, seed, ...training })]);
}

/** As it is typed into a shell. */
function commandLine(argv: readonly string[]): string {
  return `npx pix2pixhd ${argv.map(shellWord).join(' ')}`;
}

function closing(
  { means, pairs, sheet, page }: DemoEvaluation,
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
    '(The flat input shares every outline with the 3D drawing: early in training it is hard to beat in figures.)',
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
