/**
 * Runs inside the test's own process, where faults can be injected. Depends on the run module, the command line's progress
 * and the small data sets.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Progress } from '../../src/cli/progress.js';
import { trainCommand } from '../../src/config/commands/train.js';
import type { TrainConfig } from '../../src/config/schema.js';
import { resumedConfig } from '../../src/config/stored.js';
import { decideValues } from '../../src/run/decide-values.js';
import type { RunEvent } from '../../src/run/events.js';
import { Run } from '../../src/run/run.js';
import { RunFolder } from '../../src/run/run-folder.js';
import type { RunResult } from '../../src/run/run-result.js';
import { findTrainingSamples } from '../../src/run/training-samples.js';
import { parseCommand } from './parse-command.js';
import { tiny } from './runs.js';

/** How a run went. */
export interface Outcome {
  readonly result?: RunResult;
  readonly error?: unknown;
  /** What the command line shows of it. */
  readonly said: string;
}

/** The configuration of a new run on image pairs. */
export function configOf(checkpointsDir: string, name: string, dataroot: string, ...options: string[]): TrainConfig {
  return parseCommand(trainCommand, [
    ...['--name', name, '--checkpoints-dir', checkpointsDir, '--dataroot', dataroot, '--label-nc', '0', ...tiny],
    ...['--save-latest-minutes', '0', '--save-epoch-freq', '0', '--display-freq', '0', ...options],
  ]);
}

/** Changes a run before its first step; `abort` stops it. */
export type Meddle = (run: Run, abort: () => void) => void;

/**
 * Trains a run, new or, where there is one, resumed.
 * @param onEvent receives its events as well.
 */
export async function trainHere(
  chosen: TrainConfig,
  meddle: Meddle = () => {},
  onEvent: (event: RunEvent) => void | Promise<void> = () => {},
): Promise<Outcome> {
  const { checkpointsDir, name } = chosen;
  const samples = await findTrainingSamples(chosen);
  const config = chosen.resume ? chosen : await decideValues(chosen, samples);
  const folder = config.resume ? RunFolder.open(checkpointsDir, name) : RunFolder.create(config);
  let said = '';
  const stream = {
    write: (text: string) => {
      said += text;
    },
  };
  const progress = new Progress(stream, config.printFreq);
  const stop = new AbortController();
  await using run = await Run.open(folder, config, samples, {
    signal: stop.signal,
    onEvent(event) {
      progress.show(event);
      return onEvent(event);
    },
  });
  try {
    meddle(run, () => stop.abort());
    return { result: await run.train(), said };
  } catch (error) {
    return { error, said };
  }
}

/** {@link trainHere}, for a run that is there. */
export function resumeHere(
  config: TrainConfig,
  change: Partial<TrainConfig> = {},
  meddle?: Meddle,
  onEvent?: (event: RunEvent) => void | Promise<void>,
): Promise<Outcome> {
  const stored = RunFolder.open(config.checkpointsDir, config.name).readConfig();
  return trainHere(resumedConfig(stored, { ...change, resume: true }), meddle, onEvent);
}

/** The status that the page of a run shows: its class and its words. */
export function statusOf({ checkpointsDir, name }: TrainConfig): string[] {
  const page = readFileSync(join(checkpointsDir, name, 'index.html'), 'utf8');
  return /<span class="status (\w+)">([^<]*)</.exec(page)!.slice(1);
}
