/**
 * Annotation files as text, JSON and YAML. Depends on the file system, `yaml`, `field.ts` and `errors.ts`.
 */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { reasonOf, UserError } from '../../errors.js';
import { Field, faultIn, type SourceFile } from './field.js';

/** The text of a file, without a byte order mark. @throws UserError where it cannot be read. */
export async function readText(source: SourceFile): Promise<string> {
  try {
    return (await readFile(source.path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ERR_STRING_TOO_LONG' || code === 'ERR_FS_FILE_TOO_LARGE')
      throw faultIn(source, '', 'more text than a program can hold at once', 'a file below 500 MB', {
        remedy: 'split the data set into several files, and prepare one after the other',
        cause,
      });
    throw new UserError(
      {
        code: code === 'ENOENT' ? 'FILE_NOT_FOUND' : 'FILE_UNREADABLE',
        doing: `reading ${source.what}`,
        where: source.path,
        found: reasonOf(cause),
        remedy: 'give the path of a file that is there and can be read',
      },
      { cause },
    );
  }
}

/** A JSON file. @throws UserError where it cannot be read, or is none; NaN and Infinity, which Python writes, are none. */
export async function readJson(source: SourceFile): Promise<Field> {
  return parseJson(source, await readText(source));
}

/** A text as JSON. */
export function parseJson(source: SourceFile, text: string): Field {
  try {
    return new Field(source, JSON.parse(text));
  } catch (cause) {
    throw faultIn(source, '', reasonOf(cause), 'JSON, in which numbers are finite', { cause });
  }
}

/** A YAML file. Aliases are limited, so that a small file stays small. */
export async function readYaml(source: SourceFile): Promise<Field> {
  const text = await readText(source);
  try {
    return new Field(source, parse(text, { maxAliasCount: 100, logLevel: 'error' }));
  } catch (cause) {
    throw faultIn(source, '', reasonOf(cause), 'YAML', { cause });
  }
}
