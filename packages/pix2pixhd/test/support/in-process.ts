/**
 * Runs of the training loop inside the test's own process, where faults can be put into it. Depends on the training module
 * and the small data sets.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCommand } from '../../src/config/argv.js';
import { trainCommand } from '../../src/config/commands/train.js';
import type { TrainConfig } from '../../src/config/schema.js';
import { resumedConfig } from '../../src/config/stored.js';
import { Interrupt } from '../../src/run/interrupt.js';
import { type Run, type RunResult, trainLoop } from '../../src/run/loop.js';
import { RunFolder } from '../../src/run/run-folder.js';
import { findTrainingSamples, startRun } from '../../src/run/start.js';
import { tiny } from './runs.js';

/** How a run went. */
export interface Outcome {
  readonly result?: RunResult;
  readonly error?: unknown;
  /** What it wrote on its stream. */
  readonly said: string;
}

/** The configuration of a new run on image pairs. */
export function configOf(checkpointsDir: string, name: string, dataroot: string, ...options: string[]): TrainConfig {
  return parseCommand(trainCommand, [
    ...['--name', name, '--checkpoints-dir', checkpointsDir, '--dataroot', dataroot, '--label-nc', '0', ...tiny],
    ...['--save-latest-minutes', '0', '--save-epoch-freq', '0', '--display-freq', '0', ...options],
  ]);
}

/**
 * Trains a run, new or, where there is one, resumed.
 * @param meddle is given the run before its first step.
 */
export async function trainHere(config: TrainConfig, meddle: (run: Run) => void = () => {}): Promise<Outcome> {
  const { checkpointsDir, name } = config;
  const folder = config.resume ? RunFolder.open(checkpointsDir, name) : RunFolder.create(config);
  let said = '';
  const stream = {
    write: (text: string) => {
      said += text;
    },
  };
  using interrupt = new Interrupt();
  const { run, close } = await startRun(config, await findTrainingSamples(config), folder, interrupt, stream);
  try {
    meddle(run);
    return { result: await trainLoop(run), said };
  } catch (error) {
    return { error, said };
  } finally {
    await close();
  }
}

/** {@link trainHere}, for a run that is there. */
export function resumeHere(
  config: TrainConfig,
  change: Partial<TrainConfig> = {},
  meddle?: (run: Run) => void,
): Promise<Outcome> {
  const stored = RunFolder.open(config.checkpointsDir, config.name).readConfig();
  return trainHere(resumedConfig(stored, { ...change, resume: true }), meddle);
}

/** The status that the page of a run shows: its class and its words. */
export function statusOf({ checkpointsDir, name }: TrainConfig): string[] {
  const page = readFileSync(join(checkpointsDir, name, 'index.html'), 'utf8');
  return /<span class="status (\w+)">([^<]*)</.exec(page)!.slice(1);
}
