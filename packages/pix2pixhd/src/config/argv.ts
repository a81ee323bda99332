/**
 * The command line, read by the schema of a command. Accepts our spelling (`--label-nc 35`, `--label-nc=35`), NVIDIA's
 * (`--label_nc`, `--loadSize`), flags and their opposites (`--no-flip`, `--flip`). Depends on the descriptions of options
 * and on `errors.ts`; reads no file.
 */

import type { z } from 'zod';
import type { CommandSpec } from './commands/command.js';
import { canonical, type Meaning, meaningOf, ofTraining } from './nvidia.js';
import { type OptionInfo, optionsOf } from './option.js';
import { programOptions } from './program-options.js';
import { trainSchema } from './schema.js';
import { oppositeOf, type Spelling, spellingsOf } from './spellings.js';
import { badValue, singleDash, unknownOption, usage, withoutCounterpart } from './usage-errors.js';

/** The options that were given on a command line, typed and checked; the others are absent. */
export type GivenOptions<S extends z.ZodObject> = Partial<z.output<S>>;

/** Everything a command line says. */
export interface CommandLine<S extends z.ZodObject> {
  readonly given: GivenOptions<S>;
  /** Options of the training that the command takes, by key: {@link CommandSpec.ofTraining} says what they mean to it. */
  readonly stated: Partial<z.output<typeof trainSchema>>;
  /** Arguments that are not options, where the command takes several. */
  readonly operands: readonly string[];
  /** A sentence for each option, or for several, that is understood and changes nothing. */
  readonly remarks: readonly string[];
}

/** {@link readCommandLine}, its options alone. */
export function parseArgv<S extends z.ZodObject>(command: CommandSpec<S>, argv: readonly string[]): GivenOptions<S> {
  return readCommandLine(command, argv).given;
}

/**
 * Reads the arguments after the command's name. Where an option is given twice, the last one counts,
 * unless it is a list. What follows `--` is
 * not an option, whatever it looks like.
 *
 * @throws UsageError naming the option, what was given and what is accepted.
 */
export function readCommandLine<S extends z.ZodObject>(
  command: CommandSpec<S>,
  argv: readonly string[],
): CommandLine<S> {
  const reader = new Reader(command, argv);
  reader.readAll();
  return {
    given: reader.given as GivenOptions<S>,
    stated: reader.stated as CommandLine<S>['stated'],
    operands: reader.operands,
    remarks: reader.remarks(),
  };
}

/** Takes a command line apart, from left to right. */
class Reader {
  readonly given: Record<string, unknown> = {};
  readonly stated: Record<string, unknown> = {};
  readonly operands: string[] = [];
  readonly #idle = new Map<string, string[]>();
  readonly #command: CommandSpec;
  readonly #rest: string[];
  readonly #own: Map<string, Spelling>;
  readonly #ofTraining: Map<string, Spelling>;
  /** {@link readProgramOptions} reads these; here their values are checked. */
  readonly #program: Map<string, Spelling>;
  /** Every option of training, to say what is one. */
  readonly #training: Map<string, Spelling>;

  constructor(command: CommandSpec, argv: readonly string[]) {
    this.#command = command;
    this.#rest = [...argv];
    this.#own = spellingsOf(optionsOf(command.schema));
    this.#ofTraining = command.ofTraining ? spellingsOf(optionsOf(command.ofTraining.options)) : new Map();
    this.#program = spellingsOf(programOptions);
    this.#training = spellingsOf(optionsOf(trainSchema));
  }

  readAll(): void {
    for (let argument = this.#rest.shift(); argument !== undefined; argument = this.#rest.shift()) {
      if (argument === '--') for (const operand of this.#rest.splice(0)) this.#operand(operand);
      else if (argument.startsWith('--')) this.#option(argument);
      else if (/^-[A-Za-z]/.test(argument)) throw singleDash(this.#command, argument);
      else this.#operand(argument);
    }
  }

  /** Options without effect, those with the same reason together. */
  remarks(): string[] {
    return [...this.#idle].map(([why, written]) => `${written.join(', ')}: ${why}`);
  }

  #option(argument: string): void {
    const equals = argument.indexOf('=');
    const written = equals < 0 ? argument : argument.slice(0, equals);
    const inline = equals < 0 ? undefined : argument.slice(equals + 1);
    const name = canonical(written);
    const meaning = meaningOf(this.#command.name, name);
    const own = this.#own.get(name);
    const program = this.#program.get(name);
    if (meaning?.kind === 'translated' && this.#own.has(canonical(meaning.key)))
      this.#translated(meaning, written, inline);
    else if (meaning?.kind === 'refused') throw withoutCounterpart(this.#command, written, meaning.remedy);
    else if (meaning?.kind === 'idle') this.#without(meaning, written, inline);
    else if (own !== undefined) this.#take(own, written, inline);
    else if (program !== undefined) this.#value(program, written, inline);
    else this.#trainingOption(name, written, inline);
  }

  #take(spelling: Spelling, written: string, inline: string | undefined): void {
    const { key, kind } = spelling.option;
    const value = this.#value(spelling, written, inline);
    const before = this.given[key] as readonly unknown[] | undefined;
    this.given[key] = kind === 'list' && before !== undefined ? [...before, ...(value as unknown[])] : value;
  }

  /** An option that the command does not have itself: one of training that it takes, or ignores with a remark. */
  #trainingOption(name: string, written: string, inline: string | undefined): void {
    const taken = this.#ofTraining.get(name);
    const known = this.#training.get(name);
    if (taken !== undefined) this.stated[taken.option.key] = this.#value(taken, written, inline);
    else if (this.#command.ofTraining?.role === 'agree' && known?.option.nvidia !== undefined) {
      this.#value(known, written, inline);
      this.#remark(written, ofTraining);
    } else throw unknownOption(this.#command, written, this.#spellings(), known !== undefined);
  }

  #translated(meaning: Meaning & { kind: 'translated' }, written: string, inline: string | undefined): void {
    const { option } = this.#own.get(canonical(meaning.key))!;
    const value = meaning.takesValue ? this.#text(written, inline) : (inline ?? 'true');
    const ours = meaning.translate(value);
    if (ours === undefined) throw badValue(this.#command, written, value, meaning.expected);
    this.given[meaning.key] = read(this.#command, option, written, ours.value);
    if (ours.remark !== undefined) this.#remark(meaning.takesValue ? `${written} ${value}` : written, ours.remark);
  }

  #without(meaning: Meaning & { kind: 'idle' }, written: string, inline: string | undefined): void {
    const value = meaning.takesValue ? this.#text(written, inline) : inline;
    if (value !== undefined && meaning.refuses?.(value))
      throw usage(this.#command, {
        where: written,
        found: value,
        ...(meaning.expected && { expected: meaning.expected }),
        ...(meaning.remedy && { remedy: meaning.remedy }),
      });
    if (meaning.why !== undefined) this.#remark(written, meaning.why);
  }

  #operand(argument: string): void {
    const { operand, schema } = this.#command;
    const value = argument === '' ? 'an empty argument' : argument;
    if (operand === undefined)
      throw usage(this.#command, { found: value, expected: 'options only, each beginning with --' });
    if (argument === '') throw usage(this.#command, { found: value, expected: operand.value });
    if (operand.key === undefined) {
      this.operands.push(argument);
      return;
    }
    const option = optionsOf(schema).find(({ key }) => key === operand.key)!;
    const before = this.given[operand.key];
    if (before !== undefined && before !== argument)
      throw usage(this.#command, {
        found: `${before} and ${argument}`,
        expected: `one ${operand.value}, by itself or after --${option.flag}`,
      });
    this.given[operand.key] = read(this.#command, option, `--${option.flag}`, argument);
  }

  #value({ option, negated }: Spelling, written: string, inline: string | undefined): unknown {
    if (option.kind !== 'flag') return read(this.#command, option, written, this.#text(written, inline));
    return (read(this.#command, option, written, inline ?? 'true') as boolean) !== negated;
  }

  #text(written: string, inline: string | undefined): string {
    return inline ?? takeNext(this.#command, written, this.#rest);
  }

  /** All that may be written. */
  #spellings(): Map<string, Spelling> {
    const taken = this.#command.ofTraining?.role === 'set' ? this.#ofTraining : [];
    return new Map([...this.#own, ...taken, ...this.#program]);
  }

  #remark(written: string, why: string): void {
    this.#idle.set(why, [...(this.#idle.get(why) ?? []), written]);
  }
}

/**
 * The complete configuration: what was given, and defaults for the rest.
 *
 * @throws UsageError where an option without default was not given.
 */
export function resolveConfig<S extends z.ZodObject>(command: CommandSpec<S>, given: GivenOptions<S>): z.output<S> {
  for (const { key, flag, value, fallback } of optionsOf(command.schema)) {
    if (fallback !== undefined || (given as Record<string, unknown>)[key] !== undefined) continue;
    throw usage(command, {
      found: `no --${flag}`,
      expected: `--${flag} ${value ?? 'VALUE'}`,
    });
  }
  return command.schema.parse(given);
}

/**
 * The arguments that give a command these values: what {@link parseArgv} reads back.
 *
 * @param whole whether values that are the defaults are written too, where something else than the default would take their
 *   places: what a data set decides, or another command's own defaults.
 */
export function toArgv<S extends z.ZodObject>(
  command: CommandSpec<S>,
  given: GivenOptions<S>,
  whole = false,
): string[] {
  return optionsOf(command.schema).flatMap(({ key, flag, kind, fallback }) => {
    const value = (given as Record<string, unknown>)[key];
    if (value === undefined || (value === fallback && !whole)) return [];
    if (kind === 'flag') return [`--${value === true ? flag : oppositeOf(flag)}`];
    if (kind === 'list') return (value as readonly string[]).flatMap(one => [`--${flag}`, one]);
    return [`--${flag}`, value === null ? 'none' : String(value)];
  });
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

/** The value of the text in the option's own type; text that is not a value is left for zod to refuse. */
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
    case 'list':
      return [text];
  }
}
