/**
 * The classes of a data set's label maps, as `classes.json` in its folder lists them. Depends on the file system.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf, UserError } from '../../errors.js';

/** A class of the label maps. */
export interface LabelClass {
  /** The value in the label maps. */
  readonly id: number;
  readonly name: string;
  /** Its colour in images that show labels, `#rrggbb`. */
  readonly colour: string;
  /** Whether the instance maps tell its objects apart. */
  readonly countable: boolean;
}

/** The file in the data set's folder. */
export const CLASSES_FILE = 'classes.json';

/**
 * Reads the classes of a data set.
 *
 * @returns the classes, each at the index that is its id; `undefined` where the data set has no such file.
 * @throws UserError where the file is not a list of classes.
 *
 * @example
 * ```ts
 * const classes = readClasses('data/city') ?? [];
 * console.log(classes.map(({ id, name, colour }) => `${id} ${name} ${colour}`));
 * ```
 */
export function readClasses(dataroot: string): readonly LabelClass[] | undefined {
  const path = join(dataroot, CLASSES_FILE);
  return existsSync(path) ? parseClasses(readFileSync(path, 'utf8'), path) : undefined;
}

/**
 * The classes that a text lists, as `classes.json` does.
 * @param path of the file that it is from, for errors.
 * @throws UserError where it is not a list of classes.
 */
export function parseClasses(text: string, path: string): readonly LabelClass[] {
  try {
    const classes: unknown = JSON.parse(text);
    if (!Array.isArray(classes)) throw new Error('not a list');
    const odd = classes.findIndex((entry, id) => !isClass(entry) || entry.id !== id);
    if (odd >= 0) throw new Error(`at index ${odd}: ${JSON.stringify(classes[odd])}`);
    return classes;
  } catch (cause) {
    throw new UserError(
      {
        code: 'FILE_UNREADABLE',
        doing: 'reading the classes of a data set',
        where: path,
        found: reasonOf(cause),
        expected:
          'a list like [{"id": 0, "name": "sky", "colour": "#60b8ff", "countable": false}, …], ids counting from 0',
        remedy: 'correct the file, or remove it',
      },
      { cause },
    );
  }
}

/** The colour of each class, red, green and blue in 8 bits, at the index that is its id. */
export function classColours(classes: readonly LabelClass[]): (readonly [number, number, number])[] {
  return classes.map(({ colour }) => {
    const value = Number.parseInt(colour.slice(1), 16);
    return [value >> 16, (value >> 8) & 255, value & 255];
  });
}

function isClass(value: unknown): value is LabelClass {
  const { id, name, colour, countable } = (value ?? {}) as Partial<Record<keyof LabelClass, unknown>>;
  const isColour = typeof colour === 'string' && /^#[0-9a-f]{6}$/i.test(colour);
  return typeof id === 'number' && typeof name === 'string' && isColour && typeof countable === 'boolean';
}
