/**
 * The configuration as it is stored with a run and in its checkpoints, and how a stored one and a new command line make
 * the configuration of a resumed run. Depends on the schema and `errors.ts`; reads no file.
 */

import { z } from 'zod';
import { UserError } from '../errors.js';
import type { GivenOptions } from './argv.js';
import { optionsOf } from './option.js';
import { type TrainConfig, trainSchema } from './schema.js';

/** The options to store: all but those of one invocation, such as `--resume`. */
export function toStoredConfig(config: TrainConfig): Record<string, unknown> {
  const transient = new Set(optionsOf(trainSchema).flatMap(option => (option.transient ? [option.key] : [])));
  return Object.fromEntries(Object.entries(config).filter(([key]) => !transient.has(key)));
}

/**
 * Reads a stored configuration. Options that did not exist when it was stored take their defaults.
 *
 * @param where the file it came from, for the error.
 * @throws UserError naming each option that is unknown or has a value that is not accepted.
 */
export function fromStoredConfig(stored: unknown, where: string): TrainConfig {
  const result = trainSchema.safeParse(stored);
  if (result.success) return result.data;
  throw new UserError({
    doing: 'reading the stored configuration of a run',
    where,
    found: z.prettifyError(result.error).replace(/\s*\n\s*/g, ' '),
    expected: 'options as pix2pixhd train writes them',
    remedy: 'use the version of pix2pixhd that wrote the file, or correct the file by hand',
  });
}

/**
 * The configuration of a resumed run: the stored one, with the options given anew in their places.
 *
 * @throws UserError where an option that the weights or the random states depend on was given another value.
 */
export function resumedConfig(stored: TrainConfig, given: GivenOptions<typeof trainSchema>): TrainConfig {
  const values = new Map<string, unknown>(Object.entries(given));
  const before = stored as Record<string, unknown>;
  for (const { key, flag, fixed } of optionsOf(trainSchema)) {
    if (!fixed || !values.has(key) || values.get(key) === before[key]) continue;
    // An imported run has not decided yet: training does when it begins.
    if (key === 'vggLoss' && before[key] === null) continue;
    throw new UserError({
      doing: `resuming the run ${stored.name}`,
      where: `--${flag}`,
      found: String(values.get(key)),
      expected: `${before[key]}, the value that the run began with`,
      remedy: `leave --${flag} out, or start a new run under another --name`,
    });
  }
  return { ...stored, ...given };
}
