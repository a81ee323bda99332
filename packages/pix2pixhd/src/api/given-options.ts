/**
 * The options of a command as a program gives them: an object in place of a command line, checked by the same schema.
 * Depends on the configuration.
 */
import type { z } from 'zod';
import type { GivenOptions } from '../config/argv.js';
import type { CommandSpec } from '../config/commands/command.js';
import { nearest } from '../config/nearest.js';
import { optionsOf } from '../config/option.js';
import { badValue, usage } from '../config/usage-errors.js';

/** The options of a schema as a program gives them: what has a default may be left out, or be undefined. */
export type ProgramOptions<S extends z.ZodObject, Left extends string = never> = {
  readonly [K in keyof z.input<S> as K extends Left ? never : K]: z.input<S>[K];
} & {};

/** What {@link checkGiven} asks for. */
export interface OptionRules {
  readonly required: readonly string[];
  readonly without?: readonly string[];
}

/**
 * Checks the options that are given. Those that are undefined count as left out.
 *
 * @param rules which options must be there, and which of the command a program does not have.
 * @throws UsageError naming an option that does not exist, is missing, or has a value that is not accepted.
 */
export function checkGiven<S extends z.ZodObject>(
  command: CommandSpec<S>,
  given: object,
  { required, without = [] }: OptionRules,
): GivenOptions<S> {
  const own = optionsOf(command.schema).filter(({ key }) => !without.includes(key));
  const options = new Map(own.map(option => [option.key, option]));
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  const missing = required.find(key => !present.some(([found]) => found === key));
  if (missing !== undefined)
    throw usage(command, { where: missing, found: 'nothing', expected: `${missing}: ${options.get(missing)!.value}` });
  const checked = present.map(([key, value]) => {
    const option = options.get(key);
    if (option === undefined) {
      const near = nearest(key, options.keys());
      const remedy = near === undefined ? {} : { remedy: `did you mean ${near}?` };
      throw usage(command, { where: key, found: 'an option that does not exist', ...remedy });
    }
    const result = option.schema.safeParse(value);
    if (result.success) return [key, result.data];
    const orNull = option.nullable ? `, or null (${option.whenNull ?? 'not set'})` : '';
    const text = typeof value === 'string' ? value : `${JSON.stringify(value) ?? String(value)} (${typeof value})`;
    throw badValue(command, key, text, option.allowed + orNull, option.choices);
  });
  return Object.fromEntries(checked);
}
