/** `pix2pixhd train`: a new run, a resumed one, or a look at what would be done. */

import { dirname, join } from 'node:path';
import { resolveConfig } from '../config/argv.js';
import { trainCommand } from '../config/commands/train.js';
import { checkConsistency } from '../config/consistency.js';
import { renderConfig } from '../config/help.js';
import { withPreset } from '../config/presets.js';
import type { TrainConfig } from '../config/schema.js';
import { lastingOptions, resumedConfig } from '../config/stored.js';
import type { Sample } from '../data/find/pairs.js';
import { UsageError, UserError } from '../errors.js';
import { liesIn } from '../output/guard.js';
import { Interrupt } from '../run/interrupt.js';
import { type RunResult, trainLoop } from '../run/loop.js';
import { decidePerceptual } from '../run/perceptual.js';
import { describePlan } from '../run/plan.js';
import { RunFolder } from '../run/run-folder.js';
import { findTrainingSamples, startRun } from '../run/start.js';
import { totalEpochs } from '../training/schedule.js';
import { readOptions } from './options.js';
import type { Terminal } from './terminal.js';

/** Runs the command. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const given = withPreset(readOptions(trainCommand, argv, terminal).given);
  if (!given.resume) return train(resolveConfig(trainCommand, given), undefined, terminal);
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
  const folder = RunFolder.open(place.checkpointsDir, place.name);
  return train(resumedConfig({ ...folder.readConfig(), ...place }, given), folder, terminal);
}

async function train(wanted: TrainConfig, existing: RunFolder | undefined, terminal: Terminal): Promise<number> {
  checkConsistency(wanted);
  const { out, error, notice } = terminal;
  const config = await decidePerceptual(wanted, terminal.say);
  const samples = await findTrainingSamples(config, notice);
  if (config.dryRun) {
    const plan = await describePlan(config, samples);
    terminal.answer(
      { config: lastingOptions(config), plan: plan.split('\n') },
      `${renderConfig(trainCommand, config)}\n${plan}\n`,
    );
    return 0;
  }
  if (existing === undefined) checkPlace(config, samples);
  const folder = existing ?? RunFolder.create(config);
  using interrupt = new Interrupt(() => error.write('\nsaving; press Ctrl-C again to leave at once\n'));
  const { run, close } = await startRun(config, samples, folder, interrupt, out);
  try {
    const result = await trainLoop(run);
    const { reason, step, secondsPerStep, waitShare } = result;
    const measured = { reason, step, secondsPerStep, waitShare };
    terminal.result({ ...measured, run: folder.path, page: folder.page }, closing(config, folder, result));
    return result.reason === 'interrupted' ? interrupt.exitCode : 0;
  } finally {
    await close();
  }
}

/** The next search for pairs would find the samples of a run that lies among them. */
function checkPlace({ checkpointsDir, name }: TrainConfig, samples: readonly Sample[]): void {
  const run = join(checkpointsDir, name);
  const files = samples.flatMap(({ label, source, instance, image }) => [label, source, instance, image]);
  const folders = new Set(files.flatMap(file => (file === undefined ? [] : [dirname(file)])));
  const among = [...folders].find(folder => liesIn(run, folder));
  if (among === undefined) return;
  throw new UserError({
    code: 'OUTPUT_REFUSED',
    doing: `starting the run ${name}`,
    where: run,
    found: `a place among the images of ${among}`,
    expected: 'a folder of its own, since a run writes images too',
    remedy: 'give another --checkpoints-dir',
  });
}

const endings: Readonly<Record<RunResult['reason'], string>> = {
  finished: 'Finished',
  'max-steps': 'Reached --max-steps',
  'max-minutes': 'Reached --max-minutes',
  interrupted: 'Interrupted',
};

function closing(
  config: TrainConfig,
  { page }: RunFolder,
  { reason, step, health, waitShare, time }: RunResult,
): string {
  const { name, checkpointsDir, dataroot } = config;
  const run = `--name ${name}${checkpointsDir === 'checkpoints' ? '' : ` --checkpoints-dir ${checkpointsDir}`}`;
  return [
    `${endings[reason]} after step ${step}. Look at ${page}`,
    health,
    ...(Number.isNaN(waitShare) ? [] : [time, `Waited for data ${(100 * waitShare).toFixed(1)} % of the time`]),
    // The stages say how long they are, so that after the last one a run is complete.
    ...(config.stages !== null && reason === 'finished'
      ? []
      : [`Continue with: pix2pixhd train ${run} --resume${furtherLimit(config, reason, step)}`]),
    `Translate with: pix2pixhd generate ${run} --dataroot ${dataroot}`,
    '',
  ].join('\n');
}

/** The option without which a resumed run would stop at once: a later end of what has ended this one. */
function furtherLimit(config: TrainConfig, reason: RunResult['reason'], step: number): string {
  if (reason === 'max-steps') return ` --max-steps ${2 * step}`;
  return reason === 'finished' ? ` --niter ${config.niter + totalEpochs(config)}` : '';
}
