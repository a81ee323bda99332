/** `pix2pixhd train`: a new run, a resumed one, or a look at what would be done. */

import { parseArgv, resolveConfig } from '../config/argv.js';
import { trainCommand } from '../config/commands.js';
import { renderConfig } from '../config/help.js';
import type { TrainConfig } from '../config/schema.js';
import { resumedConfig } from '../config/stored.js';
import { UsageError } from '../errors.js';
import { Interrupt } from '../training/interrupt.js';
import { trainLoop } from '../training/loop.js';
import { describePlan } from '../training/plan.js';
import { RunFolder } from '../training/run-folder.js';
import { findTrainingSamples, startRun } from '../training/start.js';

/** Runs the command. */
export async function run(argv: readonly string[]): Promise<number> {
  const given = parseArgv(trainCommand, argv);
  if (!given.resume) return train(resolveConfig(trainCommand, given), undefined);
  if (given.name === undefined)
    throw new UsageError({
      doing: 'resuming a run',
      where: '--name',
      found: 'no name',
      expected: 'the name of the run to continue',
      remedy: 'pix2pixhd train --name NAME --resume',
    });
  const folder = RunFolder.open(given.checkpointsDir ?? 'checkpoints', given.name);
  return train(resumedConfig(folder.readConfig(), given), folder);
}

async function train(config: TrainConfig, existing: RunFolder | undefined): Promise<number> {
  const samples = await findTrainingSamples(config);
  if (config.dryRun) {
    process.stdout.write(renderConfig(trainCommand, config));
    process.stdout.write(`\n${await describePlan(config, samples)}\n`);
    return 0;
  }
  const folder = existing ?? RunFolder.create(config);
  folder.storeConfig(config);
  using interrupt = new Interrupt(() => process.stderr.write('\nsaving; press Ctrl-C again to leave at once\n'));
  const { run, close } = await startRun(config, samples, folder, interrupt, process.stdout);
  try {
    const { reason, step } = await trainLoop(run);
    const why = {
      finished: 'Finished',
      'max-steps': 'Reached --max-steps',
      'max-minutes': 'Reached --max-minutes',
      interrupted: 'Interrupted',
    };
    process.stdout.write(
      `${why[reason]} after step ${step}. Look at ${folder.page}\n` +
        `Continue with: pix2pixhd train --name ${config.name}${placeOption(config)} --resume\n` +
        `Translate with: pix2pixhd generate --name ${config.name}${placeOption(config)} --dataroot ${config.dataroot}\n`,
    );
    return 0;
  } finally {
    await close();
  }
}

function placeOption({ checkpointsDir }: TrainConfig): string {
  return checkpointsDir === 'checkpoints' ? '' : ` --checkpoints-dir ${checkpointsDir}`;
}
