/**
 * The configuration as it is stored with a run and in its checkpoints, and how a stored one and a new command line make
 * the configuration of a resumed run. Depends on the schema, the migrations and `errors.ts`; reads no file.
 */

import { z } from 'zod';
import { UserError, type UserErrorParts } from '../errors.js';
import type { GivenOptions } from './argv.js';
import { configVersion, migrate } from './migrations.js';
import { optionsOf } from './option.js';
import { type TrainConfig, trainSchema } from './schema.js';

/** The options that belong to the run: all but those of one invocation, such as `--resume`. */
export function lastingOptions(config: TrainConfig): Record<string, unknown> {
  const transient = new Set(optionsOf(trainSchema).flatMap(option => (option.transient ? [option.key] : [])));
  return Object.fromEntries(Object.entries(config).filter(([key]) => !transient.has(key)));
}

/** What to store: the {@link lastingOptions}, and under `version` the version of their names. */
export function toStoredConfig(config: TrainConfig): Record<string, unknown> {
  return { version: configVersion, ...lastingOptions(config) };
}

/**
 * Reads a stored configuration of this version or an earlier one. Options that did not exist when it was stored take
 * their defaults.
 *
 * @param where the file it came from, for the error.
 * @throws UserError where a later version wrote it, or naming each option that is unknown or has a value that is not
 *   accepted.
 */
export function fromStoredConfig(stored: unknown, where: string): TrainConfig {
  const result = trainSchema.safeParse(migrated(stored, where));
  if (result.success) return result.data;
  throw refused(where, z.prettifyError(result.error).replace(/\s*\n\s*/g, ' '), {
    code: 'RUN_DAMAGED',
    expected: 'options as pix2pixhd train writes them',
    remedy: 'use the version of pix2pixhd that wrote the file, or correct the file by hand',
  });
}

/** The stored options under today's names; what is not an object is left for the schema to refuse. */
function migrated(stored: unknown, where: string): unknown {
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return stored;
  const { version = 1, ...options } = stored as Record<string, unknown>;
  if (!Number.isInteger(version) || (version as number) < 1)
    throw refused(where, `version ${JSON.stringify(version)}`, {
      code: 'RUN_DAMAGED',
      expected: `a whole number from 1 to ${configVersion}`,
      remedy: 'correct the version by hand, or use the file as pix2pixhd wrote it',
    });
  if ((version as number) > configVersion)
    throw refused(where, `a configuration of version ${version}, which a later pix2pixhd wrote`, {
      code: 'RUN_TOO_NEW',
      expected: `version ${configVersion} or earlier`,
      remedy: 'update pix2pixhd',
    });
  return migrate(options, version as number);
}

function refused(where: string, found: string, parts: Pick<UserErrorParts, 'code' | 'expected' | 'remedy'>): UserError {
  return new UserError({ doing: 'reading the stored configuration of a run', where, found, ...parts });
}

/**
 * The configuration of a resumed run: the stored one, with the options given again in their places.
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
      code: 'OPTION_MISMATCH',
      doing: `resuming the run ${stored.name}`,
      where: `--${flag}`,
      found: String(values.get(key)),
      expected: `${before[key]}, the value that the run began with`,
      remedy: `leave --${flag} out, or start a new run under another --name`,
    });
  }
  return { ...stored, ...given };
}
