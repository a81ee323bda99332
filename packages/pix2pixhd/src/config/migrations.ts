/**
 * How a stored configuration becomes one of today, so that renaming an option strands no checkpoint. Depends on nothing.
 *
 * To rename, split or drop an option, append a function that turns the last version into the next, and keep a
 * `config.json` of the last version in `test/fixtures/config`. An option that is only added needs none: it takes its
 * default.
 */

/** Turns the stored options of one version into those of the next, without changing what it is given. */
export type Migration = (stored: Readonly<Record<string, unknown>>) => Record<string, unknown>;

/** The first turns version 1 into version 2, and so on. */
export const migrations: readonly Migration[] = [
  // Until version 2 every image had the full range of its type, and every result 8 bits.
  stored => ({ ...stored, inputRange: 'full', outputRange: 'full', outputDepth: '8' }),
];

/** The version that is written. Files without a version are of version 1, which was written without one at first. */
export const configVersion = migrations.length + 1;

/** Applies the migrations that a configuration of `version`, from 1 to the last, has not had yet. */
export function migrate(
  stored: Readonly<Record<string, unknown>>,
  version: number,
  steps: readonly Migration[] = migrations,
): Record<string, unknown> {
  return steps.slice(version - 1).reduce<Record<string, unknown>>((options, step) => step(options), { ...stored });
}
