/** What is said about a wrong command line: one function for each way to get it wrong. Depends on `errors.ts`. */
import { UsageError } from '../errors.js';
import type { CommandSpec } from './commands/command.js';
import { nearest } from './nearest.js';
import { canonical } from './nvidia.js';
import { oppositeOf, type Spelling } from './spellings.js';

export function usage(
  command: CommandSpec,
  parts: { where?: string; found: string; expected?: string; remedy?: string },
) {
  return new UsageError({
    code: 'BAD_OPTION',
    doing: `reading the options of pix2pixhd ${command.name}`,
    remedy: `pix2pixhd ${command.name} --help lists all options`,
    ...parts,
  });
}

export function badValue(
  command: CommandSpec,
  written: string,
  value: string,
  expected: string,
  choices: readonly string[] = [],
): UsageError {
  const near = nearest(value, choices);
  return usage(command, {
    where: written,
    found: value === '' ? 'an empty value' : value,
    expected,
    ...(near === undefined ? {} : { remedy: `did you mean ${written} ${near}?` }),
  });
}

export function singleDash(command: CommandSpec, argument: string): UsageError {
  return usage(command, {
    found: argument,
    expected: 'options, each as --option value',
    remedy: `options begin with two dashes: -${argument}; put -- before a file of that name`,
  });
}

export function withoutCounterpart(command: CommandSpec, written: string, remedy: string): UsageError {
  return usage(command, {
    where: written,
    found: 'an option of the original pix2pixHD that does not exist here',
    remedy,
  });
}

export function unknownOption(
  command: CommandSpec,
  written: string,
  spellings: ReadonlyMap<string, Spelling>,
  ofTraining: boolean,
): UsageError {
  if (ofTraining)
    return usage(command, {
      where: written,
      found: 'an option of pix2pixhd train',
      remedy: `leave it out; pix2pixhd ${command.name} --help lists all options`,
    });
  const near = nearest(canonical(written), spellings.keys());
  const spelling = near === undefined ? undefined : spellings.get(near);
  const known = spelling && (spelling.negated ? oppositeOf(spelling.option.flag) : spelling.option.flag);
  return usage(command, {
    where: written,
    found: 'an option that does not exist',
    ...(known === undefined
      ? {}
      : { remedy: `did you mean --${known}? pix2pixhd ${command.name} --help lists all options` }),
  });
}
