/** How fast each width of a coarse-to-fine candidate trains here, found by training it for some seconds. Depends on its neighbours. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { toArgv } from '../config/argv.js';
import { trainCommand } from '../config/commands/train.js';
import { stagesOf } from '../config/stages.js';
import { UserError } from '../errors.js';
import { configOf, type RunOrder } from './plan.js';
import { trainInProcess } from './train-process.js';

/** The share of the budget that each width is measured for, within these seconds. */
const SHARE = 0.03;
const [SHORTEST, LONGEST] = [2, 15];

/**
 * Measures.
 *
 * @param minutes the budget of a run.
 * @returns seconds per step of each width; undefined where the signal came.
 * @throws UserError where a stage cannot be trained.
 */
export async function measurePaces(
  { candidate, digest, options, threads }: RunOrder,
  out: string,
  minutes: number,
  signal: AbortSignal,
): Promise<readonly number[] | undefined> {
  const folder = join(out, 'pace');
  const seconds = Math.min(LONGEST, Math.max(SHORTEST, SHARE * 60 * minutes));
  const joint = stagesOf(configOf(options)).filter(({ frozen }) => !frozen);
  const paces: number[] = [];
  try {
    for (const [i, { config }] of joint.entries()) {
      const probe = {
        ...config,
        stages: null,
        name: `${digest}-${i}`,
        checkpointsDir: folder,
        maxMinutes: seconds / 60,
        ...(threads !== undefined && { threads }),
      };
      rmSync(join(folder, probe.name), { recursive: true, force: true });
      const end = await trainInProcess(toArgv(trainCommand, probe, true), { signal });
      if (end.kind === 'failed') throw cannotMeasure(candidate, config.loadSize, end.found);
      if (signal.aborted) return undefined;
      paces.push(end.pace);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return paces;
}

function cannotMeasure(candidate: string, width: number, found: string): UserError {
  return new UserError({
    code: 'INPUTS_FAILED',
    doing: `measuring how fast ${candidate} trains at a width of ${width}`,
    found,
    remedy: 'correct what training says, or leave the candidate out with --only',
  });
}
