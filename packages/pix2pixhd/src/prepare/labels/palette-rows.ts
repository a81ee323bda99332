/**
 * Rows of a palette's file, CSV or JSON alike, to its entries: the one judgement of what they hold. Depends on errors.ts and
 * palette.ts.
 */
import { UserError } from '../../errors.js';
import { hexColour, LARGEST_ID, type Palette, type PaletteEntry, type Rgb } from './palette.js';

/** Values by the names of their columns or fields. */
export type Fields = Readonly<Record<string, unknown>>;

/** A class of the file, and where it stands. */
export interface Row {
  readonly place: string;
  /** Where one of its fields stands. */
  readonly placeOf: (field: string) => string;
  readonly fields: Fields;
}

const IGNORED = LARGEST_ID + 1;

/** The error for a palette that cannot be read. */
export function paletteProblem(path: string, found: string, cause?: unknown): UserError {
  return new UserError(
    {
      code: 'FILE_UNREADABLE',
      doing: 'reading a palette',
      where: path,
      found,
      expected: `classes with id (0…${LARGEST_ID}, or 255 for none), name and colour (r, g, b of 0…255, or #rrggbb)`,
      remedy: 'correct the file; docs/label-colours.md has an example',
    },
    { cause },
  );
}

/**
 * The palette of these rows.
 * @param columns what a file without colours has instead, for errors.
 * @throws UserError naming the file and the place.
 */
export function paletteOfRows(rows: readonly Row[], name: string, path: string, columns?: string): Palette {
  if (rows.length === 0) throw paletteProblem(path, 'no classes');
  const entries: PaletteEntry[] = [];
  const ignore: Rgb[] = [];
  const nameOf = new Map<number, readonly [name: string, place: string]>();
  for (const [index, row] of rows.entries()) {
    const problem = (field: string, found: string) => paletteProblem(path, `${row.placeOf(field)}: ${found}`);
    const color = colourOf(row, problem) ?? fail(path, row, columns);
    const id = row.fields.id === undefined ? index : wholeNumber(row.fields.id, IGNORED);
    if (id === undefined) throw problem('id', `${shown(row.fields.id)}, not a whole number of 0…255`);
    if (id === IGNORED) {
      ignore.push(color);
      continue;
    }
    const given = row.fields.name ?? `class ${id}`;
    if (typeof given !== 'string' || given.trim() === '') throw problem('name', `${shown(given)}, not a name`);
    const [known, place] = nameOf.get(id) ?? [given, row.place];
    if (known !== given) throw problem('name', `${shown(given)}, where ${place} calls the id ${id} ${shown(known)}`);
    nameOf.set(id, [given, place]);
    const countable = booleanOf(row.fields.countable);
    if (countable === undefined) throw problem('countable', `${shown(row.fields.countable)}, neither true nor false`);
    entries.push({ id, name: given, color, countable });
  }
  if (entries.length === 0) throw paletteProblem(path, 'no classes, only colours to ignore');
  return { name, entries, ...(ignore.length > 0 && { ignore }) };
}

type Problem = (field: string, found: string) => UserError;

/** The colour of a row; `undefined` where it has no field for one. */
function colourOf({ fields }: Row, problem: Problem): Rgb | undefined {
  const field = ['color', 'colour', 'hex'].find(key => fields[key] !== undefined);
  if (field !== undefined) return oneField(field, fields[field], problem);
  const missing = ['r', 'g', 'b'].filter(key => fields[key] === undefined);
  if (missing.length === 3) return undefined;
  if (missing.length > 0) throw problem(missing[0]!, 'missing, where the other channels are given');
  const [r, g, b] = ['r', 'g', 'b'].map(key => channel(key, fields[key], problem));
  return [r!, g!, b!];
}

function oneField(field: string, value: unknown, problem: Problem): Rgb {
  if (typeof value === 'string' && /^#?[0-9a-f]{6}$/i.test(value)) return hexColour(value);
  if (!Array.isArray(value) || value.length !== 3) throw problem(field, `${shown(value)}, not a colour`);
  const [r, g, b] = value.map((part: unknown) => channel(field, part, problem));
  return [r!, g!, b!];
}

function channel(field: string, value: unknown, problem: Problem): number {
  const number = wholeNumber(value, 255);
  if (number === undefined) throw problem(field, `${shown(value)}, not a whole number of 0…255`);
  return number;
}

/** A whole number, given as one or in digits, of 0 to `most`. */
function wholeNumber(value: unknown, most: number): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return Number.isInteger(number) && (number as number) >= 0 && (number as number) <= most
    ? (number as number)
    : undefined;
}

function booleanOf(value: unknown): boolean | undefined {
  if (value === undefined || value === '') return false;
  if (typeof value === 'boolean') return value;
  return value === 'true' ? true : value === 'false' ? false : undefined;
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}

function fail(path: string, { place }: Row, columns?: string): never {
  throw paletteProblem(path, `${place}: no colour${columns === undefined ? '' : ` (${columns})`}`);
}
