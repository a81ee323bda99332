/**
 * Palettes as files: CSV with a header line, or JSON. Depends on the file system, csv-parse, palette.ts and palette-rows.ts.
 */
import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { reasonOf } from '../../errors.js';
import type { Palette } from './palette.js';
import { type Fields, paletteOfRows, paletteProblem, type Row } from './palette-rows.js';

/**
 * Reads a palette, by the name of its file: `.json`, or else CSV.
 *
 * @throws UserError naming the file, and the line and column or the entry and field at fault.
 */
export function readPalette(path: string): Palette {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw paletteProblem(path, reasonOf(cause), cause);
  }
  return extname(path).toLowerCase() === '.json' ? parsePaletteJson(text, path) : parsePaletteCsv(text, path);
}

/**
 * A palette from CSV: `id,name,r,g,b` or `id,name,color`, a colour being `#rrggbb`; columns in any order, separated by
 * commas, semicolons or tabs. Without a column `id` the rows count from 0. The id 255 is no class. A column `countable` is
 * `true` or `false`.
 *
 * @param path names it in errors.
 * @throws UserError naming the file, the line and the column.
 */
export function parsePaletteCsv(text: string, path: string): Palette {
  let records: { readonly record: string[]; readonly info: { readonly lines: number } }[];
  try {
    records = parse(text, {
      bom: true,
      info: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      delimiter: delimiterOf(text),
    }) as unknown as typeof records;
  } catch (cause) {
    const place = cause instanceof CsvError && 'lines' in cause ? `line ${cause.lines}: ` : '';
    throw paletteProblem(path, `${place}${reasonOf(cause)}`, cause);
  }
  const [header, ...rest] = records;
  if (header === undefined) throw paletteProblem(path, 'an empty file');
  const columns = header.record.map(name => name.toLowerCase());
  const rows = rest.map(({ record, info }): Row => {
    const place = `line ${info.lines}`;
    if (record.length !== columns.length)
      throw paletteProblem(path, `${place}: ${record.length} values for the ${columns.length} columns of line 1`);
    return {
      place,
      placeOf: name => `${place}, column ${columns.indexOf(name) + 1} (${name})`,
      fields: Object.fromEntries(columns.map((name, i) => [name, record[i]])),
    };
  });
  return paletteOfRows(rows, basename(path, extname(path)), path, `the columns of line 1 are ${columns.join(', ')}`);
}

/** What separates the names of the first line. */
function delimiterOf(text: string): string {
  const header = text.slice(0, text.search(/[\r\n]|$/));
  return [';', '\t'].find(mark => header.includes(mark)) ?? ',';
}

/**
 * A palette from JSON: a list of `{"id": 7, "name": "road", "color": [128, 64, 128]}`, a colour also being `"#804080"` or the
 * fields `r`, `g` and `b`; `classes.json` is such a list. Or `{"name": …, "entries": [ … ], "ignore": [COLOUR, …]}`.
 *
 * @param path names it in errors.
 * @throws UserError naming the file and the field; for text that is not JSON, the line and the column.
 */
export function parsePaletteJson(text: string, path: string): Palette {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw paletteProblem(path, `${placeInJson(text, reasonOf(cause))}${reasonOf(cause)}`, cause);
  }
  const whole: Fields = isFields(value) ? value : {};
  const list = Array.isArray(value) ? value : whole.entries;
  const at = Array.isArray(value) ? '' : 'entries';
  if (!Array.isArray(list)) throw paletteProblem(path, 'neither a list nor an object with a list "entries"');
  const ignore = whole.ignore ?? [];
  if (!Array.isArray(ignore)) throw paletteProblem(path, 'ignore: not a list of colours');
  const row = (fields: unknown, place: string): Row => {
    if (!isFields(fields)) throw paletteProblem(path, `${place}: ${JSON.stringify(fields)}, not an object`);
    return { place, placeOf: name => `${place}.${name}`, fields };
  };
  const rows = [
    ...list.map((fields: unknown, i) => row(fields, `${at}[${i}]`)),
    ...ignore.map((color: unknown, i) => row({ id: 255, color }, `ignore[${i}]`)),
  ];
  const name = typeof whole.name === 'string' ? whole.name : basename(path, extname(path));
  return paletteOfRows(rows, name, path);
}

/** Line and column, where the parser says at which position it stopped. */
function placeInJson(text: string, reason: string): string {
  const position = /position (\d+)/.exec(reason)?.[1];
  const before = text.slice(0, position === undefined ? text.length : Number(position)).split('\n');
  return `line ${before.length}, column ${before.at(-1)!.length + 1}: `;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
