/**
 * Choices of styles as a JSON file, for `--style file:PATH`. Depends on the choices, `errors.ts` and the file system.
 */
import { readFileSync } from 'node:fs';
import { InvalidStyle, parseStyleChoices as parseChoices, type StyleChoices } from '@pix2pixhd/web/scene';
import { reasonOf, UserError } from '../../errors.js';

/**
 * Reads a file of choices: see {@link parseStyleChoices}.
 *
 * @throws UserError naming the file, and the key at fault.
 */
export function readStyleChoices(path: string, featNum: number): StyleChoices {
  let json: string;
  try {
    json = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UserError(
      {
        code: 'STYLE_INVALID',
        doing: 'reading the choice of styles',
        where: path,
        found: reasonOf(cause),
        expected: 'a JSON file',
        remedy: 'check the path after --style file:',
      },
      { cause },
    );
  }
  return parseStyleChoices(json, path, featNum);
}

/**
 * Parses choices: `{"default": STYLE, "classes": {"26": STYLE}, "instances": {"26001": STYLE}}`, where a STYLE is
 * `"random"`, `"mean"`, `{"cluster": 2}` or a list of `featNum` numbers. All three are optional; the default is "random".
 *
 * @param file names it in errors.
 * @throws UserError naming the file and the key at fault.
 */
export function parseStyleChoices(json: string, file: string, featNum: number): StyleChoices {
  const problem = (found: string, cause?: unknown) =>
    new UserError(
      {
        code: 'STYLE_INVALID',
        doing: 'reading the choice of styles',
        where: file,
        found,
        expected: `{"default": STYLE, "classes": {"CLASS": STYLE}, "instances": {"ID": STYLE}}, a STYLE being "random", "mean", {"cluster": N} or a list of ${featNum} numbers`,
        remedy: 'correct the file; docs/styles.md has an example',
      },
      { cause },
    );
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw problem(reasonOf(cause), cause);
  }
  try {
    return parseChoices(value, featNum);
  } catch (cause) {
    if (cause instanceof InvalidStyle) throw problem(cause.message, cause);
    throw cause;
  }
}
