/** Annotation files for the tests of this folder, written on the spot, and what their errors must say. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../../../src/errors.js';
import type { AnnotationSet, ReadOptions, Shape } from '../../../src/prepare/polygons/annotations.js';
import { readAnnotations } from '../../../src/prepare/polygons/read-annotations.js';
import { spansOf } from '../../../src/prepare/polygons/spans.js';

/** Writes a file below a folder; what is no text as JSON. @returns its path. */
export function write(folder: string, name: string, content: unknown): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** A matcher for a UserError that names a file and says each of the texts. */
export function faultAt(path: string, ...texts: readonly string[]): (error: unknown) => true {
  return error => {
    assert.ok(error instanceof UserError, `not a UserError: ${error}`);
    for (const text of [path, ...texts]) assert.ok(error.message.includes(text), `${text} is not in: ${error.message}`);
    assert.ok(error.parts.remedy.length > 0);
    return true;
  };
}

/** That each file, as `make` writes it, is refused with these texts. */
export async function refusedEach(
  make: (change: unknown) => string,
  cases: readonly (readonly [change: unknown, ...texts: string[]])[],
  options: ReadOptions = {},
): Promise<void> {
  for (const [change, ...texts] of cases) {
    const path = make(change);
    await assert.rejects(readAnnotations(path, options), faultAt(path, ...texts), JSON.stringify(change));
  }
}

/** The pixels of a shape in an image, as rows of `#` and `.`. */
export function picture(shape: Shape, width: number, height: number): string[] {
  const rows = Array.from({ length: height }, () => new Array<string>(width).fill('.'));
  const { triples } = spansOf(shape, { width, height });
  for (let i = 0; i < triples.length; i += 3) rows[triples[i]!]!.fill('#', triples[i + 1]!, triples[i + 2]!);
  return rows.map(row => row.join(''));
}

/** The shapes of the first image of a set. */
export async function firstShapes(set: AnnotationSet): Promise<readonly Shape[]> {
  return (await set.images[0]!.read()).shapes;
}

/** A copy of a JSON value with another value at a path, `a.0.b`; `undefined` removes what is there. */
export function changed<T>(value: T, path: string, to: unknown): T {
  // Not structuredClone, which keeps two places that share a value shared.
  const copy = JSON.parse(JSON.stringify(value)) as T;
  const keys = path.split('.');
  let at = copy as Record<string, unknown>;
  for (const key of keys.slice(0, -1)) at = at[key] as Record<string, unknown>;
  if (to === undefined) delete at[keys.at(-1)!];
  else at[keys.at(-1)!] = to;
  return copy;
}
