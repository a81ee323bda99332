/**
 * Choices of styles as a JSON file, for `--style file:PATH`. Depends on zod, `errors.ts` and the file system.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { reasonOf, UserError } from '../../errors.js';
import type { Style, StyleChoices } from '../style-choices.js';

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
  const { success, data, error } = choicesSchema(featNum).safeParse(value);
  if (!success) throw problem(error.issues.map(describeIssue).join('; '), error);
  const byId = (styles: Record<string, Style>) => new Map(Object.entries(styles).map(([id, s]) => [Number(id), s]));
  return { default: data.default, classes: byId(data.classes), instances: byId(data.instances) };
}

function choicesSchema(featNum: number) {
  const style = z.union(
    [
      z.enum(['random', 'mean']),
      z.strictObject({ cluster: z.int().min(0) }),
      z.array(z.number()).length(featNum).readonly(),
    ],
    { error: ({ input }) => `${JSON.stringify(input)} is not a STYLE` },
  );
  const styles = z.record(z.string().regex(/^-?\d+$/, { error: 'not an id' }), style).default({});
  return z.strictObject({ default: style.default('random'), classes: styles, instances: styles });
}

function describeIssue({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}
