/**
 * The command line, read by the schema of a command. Accepts our spelling (`--label-nc 35`, `--label-nc=35`), NVIDIA's
 * (`--label_nc`, `--loadSize`), flags and their opposites (`--no-flip`, `--flip`). Depends on the descriptions of options
 * and on `errors.ts`; reads no file.
 */

import type { z } from 'zod';
import { UsageError } from '../errors.js';
import type { CommandSpec } from './commands.js';
import { nearest } from './nearest.js';
import { canonical, translations, withoutCounterpart } from './nvidia.js';
import { type OptionInfo, optionsOf } from './option.js';

/** The options that were given on a command line, typed and checked; the others are absent. */
export type Given<S extends z.ZodObject> = Partial<z.output<S>>;

/** A spelling of an option; `negated` where it is the opposite of a flag. */
interface Spelling {
  readonly option: OptionInfo;
  readonly negated: boolean;
}

/**
 * Reads the arguments after the command's name. Where an option is given twice, the last one counts.
 *
 * @throws UsageError naming the option, what was given and what is accepted.
 */
export function parseArgv<S extends z.ZodObject>(command: CommandSpec<S>, argv: readonly string[]): Given<S> {
  const spellings = spellingsOf(optionsOf(command.schema));
  const given: Record<string, unknown> = {};
  const rest = [...argv];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    if (!/^--./.test(argument)) throw unexpectedArgument(command, argument);
    const equals = argument.indexOf('=');
    const written = equals < 0 ? argument : argument.slice(0, equals);
    const inline = equals < 0 ? undefined : argument.slice(equals + 1);
    const takeValue = (): string => inline ?? takeNext(command, written, rest);

    const translation = translations.get(canonical(written));
    const translatedOption = translation && spellings.get(canonical(translation.key))?.option;
    if (translation && translatedOption) {
      const value = translation.takesValue ? takeValue() : (inline ?? 'true');
      const ours = translation.translate(value);
      if (ours === undefined) throw badValue(command, written, value, translation.expected);
      given[translation.key] = read(command, translatedOption, written, ours);
      continue;
    }
    const spelling = spellings.get(canonical(written));
    if (spelling === undefined) throw unknownOption(command, written, spellings);
    const { option, negated } = spelling;
    if (option.kind !== 'flag') given[option.key] = read(command, option, written, takeValue());
    else given[option.key] = (read(command, option, written, inline ?? 'true') as boolean) !== negated;
  }
  return given as Given<S>;
}

/**
 * The complete configuration: what was given, and defaults for the rest.
 *
 * @throws UsageError where an option without default was not given.
 */
export function resolveConfig<S extends z.ZodObject>(command: CommandSpec<S>, given: Given<S>): z.output<S> {
  for (const { key, flag, value, fallback } of optionsOf(command.schema)) {
    if (fallback !== undefined || (given as Record<string, unknown>)[key] !== undefined) continue;
    throw usage(command, {
      found: `no --${flag}`,
      expected: `--${flag} ${value ?? 'VALUE'}`,
    });
  }
  return command.schema.parse(given);
}

/** {@link parseArgv} and {@link resolveConfig} in one, for commands whose defaults are all in the schema. */
export function parseCommand<S extends z.ZodObject>(command: CommandSpec<S>, argv: readonly string[]): z.output<S> {
  return resolveConfig(command, parseArgv(command, argv));
}

/**
 * The arguments that give a command these values: what {@link parseArgv} reads back. Values that are defaults anyway are
 * left out.
 */
export function toArgv<S extends z.ZodObject>(command: CommandSpec<S>, given: Given<S>): string[] {
  return optionsOf(command.schema).flatMap(({ key, flag, kind, fallback }) => {
    const value = (given as Record<string, unknown>)[key];
    if (value === undefined || value === fallback) return [];
    if (kind === 'flag') return [`--${value === true ? flag : oppositeOf(flag)}`];
    return [`--${flag}`, value === null ? 'none' : String(value)];
  });
}

/**
 * Every accepted spelling of every option, by its {@link canonical} form.
 *
 * @throws Error where two options share a spelling.
 */
export function spellingsOf(options: readonly OptionInfo[]): Map<string, Spelling> {
  const spellings = new Map<string, Spelling>();
  const add = (name: string, option: OptionInfo, negated: boolean): void => {
    const known = spellings.get(canonical(name));
    if (known && known.option !== option) throw new Error(`--${name} means ${known.option.key} and ${option.key}`);
    spellings.set(canonical(name), { option, negated });
  };
  for (const option of options) {
    for (const name of [option.key, option.flag, option.nvidia, ...(option.aliases ?? [])]) {
      if (name !== undefined) add(name, option, false);
    }
    if (option.kind === 'flag') add(oppositeOf(option.flag), option, true);
  }
  return spellings;
}

/** `no-flip` for `flip`, and `flip` for `no-flip`. */
export function oppositeOf(flag: string): string {
  return flag.startsWith('no-') ? flag.slice('no-'.length) : `no-${flag}`;
}

function takeNext(command: CommandSpec, written: string, rest: string[]): string {
  const next = rest[0];
  if (next === undefined || next.startsWith('--')) {
    throw usage(command, { where: written, found: 'no value after it', expected: `${written} VALUE` });
  }
  rest.shift();
  return next;
}

function read(command: CommandSpec, option: OptionInfo, written: string, text: string): unknown {
  const value = fromText(option, text);
  const result = option.schema.safeParse(value);
  if (!result.success) {
    const orNone = option.nullable ? `, or none (${option.whenNull ?? 'not set'})` : '';
    throw badValue(command, written, text, option.allowed + orNone, option.choices);
  }
  return result.data;
}

/** The value that the text stands for, in the option's own type; text that stands for none is left for zod to refuse. */
function fromText(option: OptionInfo, text: string): unknown {
  if (option.nullable && text === 'none') return null;
  switch (option.kind) {
    case 'flag':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'integer':
    case 'number':
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : text;
    case 'choice':
      return option.choices.find(choice => canonical(choice) === canonical(text)) ?? text;
    case 'text':
      return text;
  }
}

function usage(command: CommandSpec, parts: { where?: string; found: string; expected?: string; remedy?: string }) {
  return new UsageError({
    doing: `reading the options of pix2pixhd ${command.name}`,
    remedy: `pix2pixhd ${command.name} --help lists all options`,
    ...parts,
  });
}

function badValue(
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

function unexpectedArgument(command: CommandSpec, argument: string): UsageError {
  const single = /^-[A-Za-z]/.test(argument);
  return usage(command, {
    found: argument,
    expected: 'options only, each as --option value',
    ...(single ? { remedy: `options begin with two dashes: -${argument}` } : {}),
  });
}

function unknownOption(command: CommandSpec, written: string, spellings: Map<string, Spelling>): UsageError {
  const name = canonical(written);
  const reason = withoutCounterpart.get(name);
  if (reason !== undefined) {
    return usage(command, { where: written, found: 'an option of the original pix2pixHD', remedy: reason });
  }
  const near = nearest(name, spellings.keys());
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
