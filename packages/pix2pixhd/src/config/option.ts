/**
 * What an option is, apart from its value: its spelling, its help and where it belongs. The zod schema of an option says
 * type, range and default; a registry says the rest, so that parser, help and stored configuration all read
 * one description. Depends on zod only.
 */

import { z } from 'zod';

/** The headings of `--help`, in the order in which they are printed. */
export const optionGroups = [
  'run',
  'input',
  'output',
  'video',
  'data',
  'network',
  'losses',
  'optimisation',
  'validation',
  'saving and showing',
  'device',
  'other',
] as const;

/** One heading of `--help`. */
export type OptionGroup = (typeof optionGroups)[number];

/** The description of an option, apart from its zod schema. */
export interface OptionMeta {
  readonly group: OptionGroup;
  /** One or two sentences for a newcomer. The default and the choices are added when help is rendered. */
  readonly help: string;
  /** The placeholder of the value in help: `N`, `FOLDER`. Left out for flags and choices. */
  readonly value?: string;
  /** What a default of `null` means, in words: "no limit". */
  readonly whenNull?: string;
  /** Our own spelling where it is not the kebab-case of the key: `num-D`. Without dashes in front. */
  readonly flag?: string;
  /** NVIDIA's spelling, without dashes in front, of an option that the public implementation has too. */
  readonly nvidia?: string;
  /** Further accepted spellings. */
  readonly aliases?: readonly string[];
  /** Values a text option accepts, in words. Choices and ranges of numbers are read from the schema. */
  readonly allowed?: string;
  /**
   * Which network it decides the shape of: G with its inputs and the encoder, or D. A checkpoint knows these; the commands
   * that read one accept those that NVIDIA's programs must be given again.
   */
  readonly network?: 'G' | 'D';
  /** A run that is resumed keeps the value it began with; changing it would contradict the checkpoint. */
  readonly fixed?: true;
  /** Belongs to one invocation and is not stored with the run: `--resume`, `--dry-run`. */
  readonly transient?: true;
}

const registry = z.registry<OptionMeta>();

/**
 * Attaches a description to the schema of an option and returns the schema.
 *
 * @throws Error where the same schema object already describes another option.
 */
export function option<S extends z.ZodType>(schema: S, meta: OptionMeta): S {
  if (registry.has(schema)) throw new Error(`two options share one schema: ${meta.help}`);
  registry.add(schema, meta as z.core.$replace<OptionMeta, S>);
  return schema;
}

/** An option of a command with all that parser and help need to know about it. */
export interface OptionInfo extends OptionMeta {
  /** The key in the configuration: `labelNc`. */
  readonly key: string;
  /** Our spelling, without dashes in front: `label-nc`. */
  readonly flag: string;
  /** A `list` may be given several times, each with one text. */
  readonly kind: 'flag' | 'integer' | 'number' | 'choice' | 'text' | 'list';
  /** The choices of a `choice`. */
  readonly choices: readonly string[];
  /** The values accepted, in words. */
  readonly allowed: string;
  /** The value when the option is not given; `undefined` where it must be given. */
  readonly fallback: unknown;
  readonly nullable: boolean;
  readonly schema: z.ZodType;
}

/**
 * Lists the options of an object schema in the order of their definition.
 *
 * @throws Error when an option was defined without {@link option}.
 */
export function optionsOf(schema: z.ZodObject): OptionInfo[] {
  return Object.entries(schema.shape).map(([key, field]) => describe(key, field as z.ZodType));
}

/** The options of a schema that a test selects, as a schema of their own. */
export function selectOptions(schema: z.ZodObject, isSelected: (option: OptionInfo) => boolean): z.ZodObject {
  const selected = optionsOf(schema).filter(isSelected);
  return z.strictObject(Object.fromEntries(selected.map(option => [option.key, option.schema])));
}

function describe(key: string, schema: z.ZodType): OptionInfo {
  const meta = registry.get(schema);
  if (meta === undefined) throw new Error(`option ${key} has no description`);
  const { inner, fallback, nullable } = unwrap(schema);
  const json = z.toJSONSchema(inner);
  const choices = (json.enum ?? []).map(String);
  return {
    ...meta,
    key,
    flag: meta.flag ?? kebab(key),
    kind: kindOf(json, choices),
    choices,
    allowed: meta.allowed ?? allowedValues(json, choices),
    fallback,
    nullable,
    schema,
  };
}

function unwrap(schema: z.ZodType): { inner: z.ZodType; fallback: unknown; nullable: boolean } {
  let inner: z.ZodType = schema;
  let fallback: unknown;
  let nullable = false;
  for (;;) {
    if (inner instanceof z.ZodDefault) fallback = inner.def.defaultValue;
    else if (inner instanceof z.ZodNullable) nullable = true;
    else return { inner, fallback, nullable };
    inner = inner.def.innerType as z.ZodType;
  }
}

function kindOf(json: z.core.JSONSchema.BaseSchema, choices: readonly string[]): OptionInfo['kind'] {
  if (choices.length > 0) return 'choice';
  if (json.type === 'boolean') return 'flag';
  if (json.type === 'integer') return 'integer';
  if (json.type === 'array') return 'list';
  return json.type === 'number' ? 'number' : 'text';
}

function allowedValues(json: z.core.JSONSchema.BaseSchema, choices: readonly string[]): string {
  if (choices.length > 0) return choices.join(', ');
  if (json.type === 'boolean') return 'true, false';
  if (json.type !== 'integer' && json.type !== 'number') return 'text that is not empty';
  const noun = json.type === 'integer' ? 'a whole number' : 'a number';
  const bounds: string[] = [];
  if (json.exclusiveMinimum !== undefined) bounds.push(`above ${json.exclusiveMinimum}`);
  if (json.minimum !== undefined && json.minimum > Number.MIN_SAFE_INTEGER) bounds.push(`at least ${json.minimum}`);
  if (json.exclusiveMaximum !== undefined) bounds.push(`below ${json.exclusiveMaximum}`);
  if (json.maximum !== undefined && json.maximum < Number.MAX_SAFE_INTEGER) bounds.push(`at most ${json.maximum}`);
  return bounds.length === 0 ? noun : `${noun}, ${bounds.join(' and ')}`;
}

function kebab(key: string): string {
  return key.replace(/[A-Z]/g, capital => `-${capital.toLowerCase()}`);
}
