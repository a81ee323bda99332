/**
 * The options that every command has, before its name or after it: they say how the program prints, not what a command
 * does. Depends on zod and the descriptions of options.
 */
import { z } from 'zod';
import type { CommandSpec } from './commands/command.js';
import { canonical } from './nvidia.js';
import { type OptionInfo, option, optionsOf } from './option.js';
import { flag } from './shared-options.js';
import { spellingsOf } from './spellings.js';

/** The schema of the options that every command has. */
export const programSchema = z.strictObject({
  quiet: option(flag(), {
    group: 'other',
    help: 'Print errors only, and what --dry-run was asked for.',
  }),
  json: option(flag(), {
    group: 'other',
    help: 'Print JSON on standard output, an object per line, for programs: events, the result, errors (docs/scripting.md).',
  }),
  debug: option(flag(), {
    group: 'other',
    help: 'Print the stack of an unexpected error.',
  }),
});

/** How the program prints. */
export type ProgramOptions = Readonly<z.output<typeof programSchema>>;

/** The options that the help of a command lists: its own, those of the training that it sets, and those of all commands. */
export function listedOptions({ schema, ofTraining }: CommandSpec): OptionInfo[] {
  const set = ofTraining?.role === 'set' ? optionsOf(ofTraining.options) : [];
  return [...optionsOf(schema), ...set, ...programOptions];
}

/** Every option of {@link programSchema}. */
export const programOptions: readonly OptionInfo[] = optionsOf(programSchema);

const spellings = spellingsOf(programOptions);

/** Whether an argument is an option of {@link programSchema}, whatever its value. */
export function isProgramOption(argument: string): boolean {
  return argument.startsWith('--') && spellings.has(canonical(argument.replace(/=.*/, '')));
}

/**
 * Reads these options alone, wherever they stand, so that it is known how to print an error of the rest. Their values are
 * checked where the command reads its options.
 */
export function readProgramOptions(argv: readonly string[]): ProgramOptions {
  const given = { quiet: false, json: false, debug: false };
  const end = argv.indexOf('--');
  for (const argument of argv.slice(0, end < 0 ? undefined : end).filter(isProgramOption)) {
    const [name, value] = argument.split('=');
    const { option, negated } = spellings.get(canonical(name!))!;
    given[option.key as keyof typeof given] = (value !== 'false') !== negated;
  }
  return given;
}
